namespace Dataplane.Bgp.Settings;

/// <summary>Graceful restart of the speaker itself and what it grants to peers that restart (RFC 4724, RFC 8538, RFC 9494).</summary>
public sealed record GracefulRestartSettings
{
    /// <summary>What is told to peers as the time we need to come back; 0…4095 seconds on the wire.</summary>
    public TimeSpan RestartTime { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The longest wait for the End-of-RIB markers of all peers after a restart before routes are selected and advertised.</summary>
    public TimeSpan SelectionDeferral { get; init; } = TimeSpan.FromSeconds(360);

    /// <summary>
    /// How long, of that, selection stands still for peers that have no session. After it routes are selected, for VRFs and whoever follows them, and nothing
    /// is advertised to peers yet (ADR-0013).
    /// </summary>
    public TimeSpan SessionDeferral { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time that routes of a restarted peer stay stale after its session is back and before its End-of-RIB.</summary>
    public TimeSpan StalePathTime { get; init; } = TimeSpan.FromSeconds(360);

    /// <summary>The longest restart time accepted from a peer; what is beyond it is cut.</summary>
    public TimeSpan MaximumPeerRestartTime { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>The longest long-lived stale time accepted from a peer (RFC 9494 §4.2).</summary>
    public TimeSpan MaximumLongLivedStaleTime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether the N bit is sent: a NOTIFICATION and the hold timer keep forwarding state too (RFC 8538).</summary>
    public bool NotificationSupport { get; init; } = true;
}

/// <summary>The part that a speaker takes in the graceful restart with one peer.</summary>
public enum GracefulRestartMode : byte
{
    /// <summary>The capability is not sent.</summary>
    Disabled,

    /// <summary>Routes of the peer are kept while it restarts; ours are not announced as kept.</summary>
    Helper,

    /// <summary>Helper, and our own forwarding state is kept over our restart.</summary>
    Full,
}
