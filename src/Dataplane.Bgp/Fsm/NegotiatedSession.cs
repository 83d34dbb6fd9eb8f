using System.Collections.Immutable;
using Dataplane.Bgp.Wire;
using Dataplane.Net;

namespace Dataplane.Bgp.Fsm;

/// <summary>What two OPENs and our settings agree on. Immutable, for the life of a session.</summary>
public sealed record NegotiatedSession
{
    /// <summary>What we sent.</summary>
    public required OpenMessage LocalOpen { get; init; }

    /// <summary>What the peer sent.</summary>
    public required OpenMessage RemoteOpen { get; init; }

    /// <summary>How the messages of the session are read and written: families, AS numbers, path identifiers, sizes.</summary>
    public required CodecOptions Codec { get; init; }

    /// <summary>The lower of both hold times; zero: neither side sends keepalives.</summary>
    public required TimeSpan HoldTime { get; init; }

    /// <summary>The time between our keepalives before jitter; zero: none are sent.</summary>
    public required TimeSpan KeepaliveTime { get; init; }

    /// <summary>How long the peer may take nothing of what we send (RFC 9687); zero: for ever.</summary>
    public required TimeSpan SendHoldTime { get; init; }

    /// <summary>The peer takes ROUTE-REFRESH.</summary>
    public bool RouteRefresh { get; init; }

    /// <summary>Both sides mark the beginning and end of a refresh (RFC 7313).</summary>
    public bool EnhancedRouteRefresh { get; init; }

    /// <summary>The peer's graceful restart capability, when we take part in it; null: no stale routes are kept of the peer.</summary>
    public GracefulRestartCapability? GracefulRestart { get; init; }

    /// <summary>The time the peer is given to come back, cut to what our settings allow.</summary>
    public TimeSpan RestartTime { get; init; }

    /// <summary>Long-lived graceful restart of the peer, in the session's families, cut to what our settings allow.</summary>
    public ImmutableArray<LongLivedFamily> LongLived { get; init; } = [];

    /// <summary>Both sides keep forwarding state after a NOTIFICATION too (RFC 8538).</summary>
    public bool NotificationsKeepRoutes { get; init; }

    /// <summary>The families whose routes outlive the session: those of graceful restart and of its long-lived form.</summary>
    public FamilySet RetainedFamilies { get; init; }

    /// <summary>The families of the session.</summary>
    public FamilySet Families => Codec.Families;

    /// <summary>Whether the peer is in our AS.</summary>
    public bool IsInternal => Codec.IsIbgp;

    /// <summary>The peer's AS.</summary>
    public AsNumber PeerAs => RemoteOpen.As;

    /// <summary>The peer's BGP identifier.</summary>
    public uint PeerRouterId => RemoteOpen.RouterId;
}
