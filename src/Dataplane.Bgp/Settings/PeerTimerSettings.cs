namespace Dataplane.Bgp.Settings;

/// <summary>The times of a session (RFC 4271 §10 gives the defaults it suggests; ours are shorter where a data centre wants it).</summary>
public sealed record PeerTimerSettings
{
    /// <summary>What we propose as the hold time: zero for none, or 3…65535 seconds. The lower of both sides counts.</summary>
    public TimeSpan HoldTime { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The shortest hold time accepted of the peer beside zero; at least 3 seconds.</summary>
    public TimeSpan MinimumHoldTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The time between keepalives; absent: a third of the negotiated hold time, which is also the longest there is.</summary>
    public TimeSpan? KeepaliveTime { get; init; }

    /// <summary>The wait for a connection before the next attempt.</summary>
    public TimeSpan ConnectRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an accepted or made connection waits for the peer's OPEN before ours is sent; zero: not at all.</summary>
    public TimeSpan DelayOpen { get; init; }

    /// <summary>The first wait in Idle after an error; it doubles with each one that follows (DampPeerOscillations).</summary>
    public TimeSpan IdleHold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait in Idle.</summary>
    public TimeSpan MaximumIdleHold { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The hold time while the peer's OPEN is awaited (RFC 4271 §8.2.2 suggests 4 minutes).</summary>
    public TimeSpan OpenHoldTime { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>
    /// How long nothing of what we send may be taken by the peer before the session ends (RFC 9687). Absent: the larger of
    /// 8 minutes and twice the hold time; zero: never.
    /// </summary>
    public TimeSpan? SendHoldTime { get; init; }
}
