using Dataplane.Bgp.Settings;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Policy;

namespace Dataplane.Bgp.Speaker.Rules;

/// <summary>Everything that decides which routes of one family a peer is sent and with which attributes; peers of one update group share one.</summary>
public sealed record OutgoingProfile
{
    /// <summary>The family.</summary>
    public required RouteFamily Family { get; init; }

    /// <summary>What the peer is to us.</summary>
    public required PeerKind Kind { get; init; }

    /// <summary>Our AS.</summary>
    public required AsNumber SpeakerAs { get; init; }

    /// <summary>Our router identifier.</summary>
    public required uint RouterId { get; init; }

    /// <summary>Our cluster identifier.</summary>
    public required uint ClusterId { get; init; }

    /// <summary>Our address in the session: the next hop when it is ourselves.</summary>
    public required IpAddress LocalAddress { get; init; }

    /// <summary>The AS that we are to the peer, when not <see cref="SpeakerAs"/>.</summary>
    public LocalAsSettings? LocalAs { get; init; }

    /// <summary>The peer's AS where rules or policy look at it; default for internal peers.</summary>
    public AsNumber PeerAs { get; init; }

    /// <summary>Which next hop the peer is told.</summary>
    public NextHopMode NextHop { get; init; }

    /// <summary>Whether <see cref="PeerAs"/> is replaced by ours in AS_PATH.</summary>
    public bool AsOverride { get; init; }

    /// <summary>Whether AIGP is passed on (RFC 7311 §3.2).</summary>
    public bool Aigp { get; init; }

    /// <summary>What becomes of private numbers in AS_PATH.</summary>
    public RemovePrivateMode RemovePrivate { get; init; }

    /// <summary>Whether IPv4 routes may have an IPv6 next hop (RFC 8950).</summary>
    public bool ExtendedNextHop { get; init; }

    /// <summary>Whether the peer understands long-lived stale routes (RFC 9494).</summary>
    public bool LongLivedStale { get; init; }

    /// <summary>Whether the peer is sent what an aggregate suppresses elsewhere.</summary>
    public bool AdvertiseSpecifics { get; init; } = true;

    /// <summary>Whether the peer is sent our default route target membership.</summary>
    public bool DefaultRouteTarget { get; init; }

    /// <summary>The name of the export policy; absent: none.</summary>
    public string? ExportPolicy { get; init; }

    /// <summary>The AS that the peer knows us as.</summary>
    public AsNumber SessionAs => LocalAs?.As ?? SpeakerAs;

    /// <summary>What policy may ask.</summary>
    public PolicyContext PolicyContext => new(SessionAs, PeerAs, PolicyPeerAddress, LocalAddress);

    /// <summary>The peer's address, where the export policy may look at it: such a peer shares its group with none.</summary>
    public IpAddress PolicyPeerAddress { get; init; }
}
