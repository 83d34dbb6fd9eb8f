using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <summary>What is to be done after an event.</summary>
public enum SessionActionKind : byte
{
    /// <summary>Begin to connect to the peer; answered by Connected or ConnectionFailed.</summary>
    Connect,

    /// <summary>Close a connection, or give up making it, after sending the notification if there is one. Nothing of it is reported any more.</summary>
    Close,

    /// <summary>Send an OPEN.</summary>
    SendOpen,

    /// <summary>Send a KEEPALIVE.</summary>
    SendKeepalive,

    /// <summary>Start a timer; one that runs starts anew.</summary>
    StartTimer,

    /// <summary>Stop a timer, which may have run out.</summary>
    StopTimer,

    /// <summary>The state is another one.</summary>
    StateChanged,

    /// <summary>The session is established: routes may be exchanged.</summary>
    SessionUp,

    /// <summary>The session that was established is no more. Comes before the closing of its connection.</summary>
    SessionDown,

    /// <summary>Something that an operator should know.</summary>
    Warn,
}

/// <summary>One action. Which members have a value depends on <see cref="Kind"/>.</summary>
public readonly struct SessionAction
{
    private readonly object? _payload;

    private SessionAction(SessionActionKind kind, ConnectionId connection, object? payload = null)
    {
        Kind = kind;
        Connection = connection;
        _payload = payload;
    }

    /// <summary>What is to be done.</summary>
    public SessionActionKind Kind { get; }

    /// <summary>The connection concerned.</summary>
    public ConnectionId Connection { get; }

    /// <summary>The timer concerned.</summary>
    public SessionTimer Timer { get; private init; }

    /// <summary>How long the timer runs, jitter included.</summary>
    public TimeSpan Duration { get; private init; }

    /// <summary>The state before a change.</summary>
    public SessionState OldState { get; private init; }

    /// <summary>The state after a change.</summary>
    public SessionState NewState { get; private init; }

    /// <summary>The OPEN to send.</summary>
    public OpenMessage? OpenMessage => _payload as OpenMessage;

    /// <summary>The notification to send before closing, if any.</summary>
    public NotificationMessage? Notification => _payload as NotificationMessage;

    /// <summary>What the session that came up negotiated.</summary>
    public NegotiatedSession? Session => _payload as NegotiatedSession;

    /// <summary>What an operator should know.</summary>
    public string? Text => _payload as string;

    /// <summary>How the session ended.</summary>
    public SessionEnd? End => _payload as SessionEnd;

    internal static SessionAction Connect(ConnectionId connection) => new(SessionActionKind.Connect, connection);

    internal static SessionAction Close(ConnectionId connection, NotificationMessage? last) => new(SessionActionKind.Close, connection, last);

    internal static SessionAction SendOpen(ConnectionId connection, OpenMessage message) => new(SessionActionKind.SendOpen, connection, message);

    internal static SessionAction SendKeepalive(ConnectionId connection) => new(SessionActionKind.SendKeepalive, connection);

    internal static SessionAction StartTimer(SessionTimer timer, TimeSpan duration) =>
        new(SessionActionKind.StartTimer, timer.Connection) { Timer = timer, Duration = duration };

    internal static SessionAction StopTimer(SessionTimer timer) => new(SessionActionKind.StopTimer, timer.Connection) { Timer = timer };

    internal static SessionAction StateChanged(SessionState from, SessionState to) =>
        new(SessionActionKind.StateChanged, default) { OldState = from, NewState = to };

    internal static SessionAction SessionUp(ConnectionId connection, NegotiatedSession session) =>
        new(SessionActionKind.SessionUp, connection, session);

    internal static SessionAction SessionDown(ConnectionId connection, SessionEnd end) => new(SessionActionKind.SessionDown, connection, end);

    internal static SessionAction Warn(string text) => new(SessionActionKind.Warn, default, text);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        SessionActionKind.StartTimer => $"start {Timer.Kind} {Connection} {Duration.TotalSeconds:0.###} s",
        SessionActionKind.StopTimer => $"stop {Timer.Kind} {Connection}",
        SessionActionKind.StateChanged => $"{OldState} -> {NewState}",
        _ => $"{Kind} {Connection} {_payload}".TrimEnd(),
    };
}
