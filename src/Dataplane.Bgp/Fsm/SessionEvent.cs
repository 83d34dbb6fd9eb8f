using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <summary>What may happen to a session; the numbers in the remarks are the events of RFC 4271 §8.1.</summary>
public enum SessionEventKind : byte
{
    /// <summary>ManualStart (1, 4).</summary>
    ManualStart,

    /// <summary>ManualStop (2), with what the peer is told.</summary>
    ManualStop,

    /// <summary>AutomaticStart (3, 5–7).</summary>
    AutomaticStart,

    /// <summary>AutomaticStop (8): the session ends for a reason of ours and may begin again after a time.</summary>
    AutomaticStop,

    /// <summary>One of the timers has run out (9–13, and 29 of RFC 9687).</summary>
    TimerExpired,

    /// <summary>The connection that was asked for is up (16).</summary>
    Connected,

    /// <summary>A connection of the peer was accepted (14, 17).</summary>
    Accepted,

    /// <summary>A connection failed, or was closed by the peer (18).</summary>
    ConnectionFailed,

    /// <summary>An OPEN that could be read (19, 20).</summary>
    Open,

    /// <summary>A KEEPALIVE (26).</summary>
    Keepalive,

    /// <summary>An UPDATE without a fault that ends the session (27).</summary>
    Update,

    /// <summary>A ROUTE-REFRESH.</summary>
    RouteRefresh,

    /// <summary>A NOTIFICATION (24, 25).</summary>
    Notification,

    /// <summary>A message that ends the session: header, OPEN, UPDATE or ROUTE-REFRESH in error (21, 22, 28), with what to send.</summary>
    MessageError,
}

/// <summary>One event. Made by the factories below.</summary>
public readonly struct SessionEvent
{
    private SessionEvent(SessionEventKind kind, ConnectionId connection, object? payload = null)
    {
        Kind = kind;
        Connection = connection;
        Payload = payload;
    }

    /// <summary>What happened.</summary>
    public SessionEventKind Kind { get; }

    /// <summary>The connection on which it did.</summary>
    public ConnectionId Connection { get; }

    /// <summary>The timer, of a <see cref="SessionEventKind.TimerExpired"/>.</summary>
    public SessionTimerKind Timer { get; private init; }

    /// <summary>Whether the peer has taken octets, or none waited, while the send hold timer ran.</summary>
    public bool HasSent { get; private init; }

    /// <summary>When the session may begin again, of an <see cref="SessionEventKind.AutomaticStop"/>; null: when it is started by hand.</summary>
    public TimeSpan? RestartAfter { get; private init; }

    private object? Payload { get; }

    /// <summary>The OPEN received.</summary>
    public OpenMessage OpenMessage => (OpenMessage)Payload!;

    /// <summary>The notification received, or to be sent.</summary>
    public NotificationMessage NotificationMessage => (NotificationMessage)Payload!;

    /// <summary>The operator wants the session.</summary>
    public static SessionEvent ManualStart { get; } = new(SessionEventKind.ManualStart, default);

    /// <summary>The system wants the session, after start or when its settings allow it.</summary>
    public static SessionEvent AutomaticStart { get; } = new(SessionEventKind.AutomaticStart, default);

    /// <summary>The operator does not want the session.</summary>
    /// <param name="notification">What the peer is told: an administrative shutdown, with a text or without (RFC 9003).</param>
    public static SessionEvent ManualStop(NotificationMessage notification) => new(SessionEventKind.ManualStop, default, notification);

    /// <summary>The session ends for a reason of ours.</summary>
    /// <param name="notification">What the peer is told.</param>
    /// <param name="restartAfter">When it may begin again: zero at once; null when it is started by hand.</param>
    public static SessionEvent AutomaticStop(NotificationMessage notification, TimeSpan? restartAfter) =>
        new(SessionEventKind.AutomaticStop, default, notification) { RestartAfter = restartAfter };

    /// <summary>A timer has run out.</summary>
    /// <param name="timer">Which.</param>
    /// <param name="hasSent">Of the send hold timer: whether octets were taken since it was started, or none wait.</param>
    public static SessionEvent Expired(SessionTimer timer, bool hasSent = false) =>
        new(SessionEventKind.TimerExpired, timer.Connection) { Timer = timer.Kind, HasSent = hasSent };

    /// <summary>The connection asked for by <see cref="SessionActionKind.Connect"/> is up.</summary>
    public static SessionEvent Connected(ConnectionId connection) => new(SessionEventKind.Connected, connection);

    /// <summary>A connection was accepted; its number is of <see cref="SessionFsm.NextConnection"/>.</summary>
    public static SessionEvent Accepted(ConnectionId connection) => new(SessionEventKind.Accepted, connection);

    /// <summary>A connection could not be made, was reset, or was closed by the peer.</summary>
    public static SessionEvent ConnectionFailed(ConnectionId connection) => new(SessionEventKind.ConnectionFailed, connection);

    /// <summary>An OPEN was read.</summary>
    public static SessionEvent Open(ConnectionId connection, OpenMessage message) => new(SessionEventKind.Open, connection, message);

    /// <summary>A KEEPALIVE was read.</summary>
    public static SessionEvent Keepalive(ConnectionId connection) => new(SessionEventKind.Keepalive, connection);

    /// <summary>An UPDATE was read.</summary>
    public static SessionEvent Update(ConnectionId connection) => new(SessionEventKind.Update, connection);

    /// <summary>A ROUTE-REFRESH was read.</summary>
    public static SessionEvent RouteRefresh(ConnectionId connection) => new(SessionEventKind.RouteRefresh, connection);

    /// <summary>A NOTIFICATION was read.</summary>
    public static SessionEvent Notification(ConnectionId connection, NotificationMessage message) =>
        new(SessionEventKind.Notification, connection, message);

    /// <summary>What was read ends the session.</summary>
    public static SessionEvent MessageError(ConnectionId connection, NotificationMessage answer) =>
        new(SessionEventKind.MessageError, connection, answer);

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}{(Kind == SessionEventKind.TimerExpired ? $" {Timer}" : "")} {Connection} {Payload}".TrimEnd();
}
