namespace Dataplane.Bgp.Fsm;

/// <summary>The states of RFC 4271 §8.2.2, as numbered by RFC 4273 and MRT.</summary>
public enum SessionState : byte
{
    /// <summary>No connection is made or accepted.</summary>
    Idle = 1,

    /// <summary>A connection is being made.</summary>
    Connect = 2,

    /// <summary>The peer's connection is awaited, and the time of the next attempt from here.</summary>
    Active = 3,

    /// <summary>Our OPEN was sent; the peer's is awaited.</summary>
    OpenSent = 4,

    /// <summary>Both OPENs are exchanged; the peer's KEEPALIVE is awaited.</summary>
    OpenConfirm = 5,

    /// <summary>Routes are exchanged.</summary>
    Established = 6,
}

/// <summary>One TCP connection of a peer's session. The machine numbers its own attempts and, through <see cref="SessionFsm.NextConnection"/>, accepted ones.</summary>
/// <param name="Value">Counts from 1; 0 is none.</param>
public readonly record struct ConnectionId(int Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"#{Value}";
}

/// <summary>The timers of a session. Those of a connection exist once for each connection.</summary>
public enum SessionTimerKind : byte
{
    /// <summary>ConnectRetryTimer.</summary>
    ConnectRetry,

    /// <summary>IdleHoldTimer.</summary>
    IdleHold,

    /// <summary>Runs while established; at its end the session counts as stable and earlier failures are forgotten.</summary>
    Stable,

    /// <summary>DelayOpenTimer, of a connection.</summary>
    DelayOpen,

    /// <summary>HoldTimer, of a connection.</summary>
    Hold,

    /// <summary>KeepaliveTimer, of a connection.</summary>
    Keepalive,

    /// <summary>SendHoldTimer, of a connection (RFC 9687).</summary>
    SendHold,
}

/// <summary>A timer of a session.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Connection">The connection that it belongs to; none (0) for those of the session.</param>
public readonly record struct SessionTimer(SessionTimerKind Kind, ConnectionId Connection = default);
