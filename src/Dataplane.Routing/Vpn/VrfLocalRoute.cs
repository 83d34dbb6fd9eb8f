using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// A route that a VRF has of itself and exports: what an interface has, a static route, an aggregate, or what a client published. It is there
/// in the VRF whatever the VRF imports, unless <see cref="IsByTarget"/>, and once for each publisher of a prefix.
/// </summary>
public readonly record struct VrfLocalRoute
{
    /// <summary>Where it leads.</summary>
    public required IpPrefix Prefix { get; init; }

    /// <summary>The label that the owner of <see cref="NextHop"/> gave it.</summary>
    public required Label20 Label { get; init; }

    /// <summary>Who says so; one route of a prefix each.</summary>
    public PublisherId Publisher { get; init; }

    /// <summary>The forwarder behind which it is; null is ourselves.</summary>
    public IpAddress? NextHop { get; init; }

    /// <summary>Version of the publication (SIG-08); 0 sends none.</summary>
    public uint Version { get; init; }

    /// <summary>LOCAL_PREF; null leaves it to the default.</summary>
    public uint? LocalPreference { get; init; }

    /// <summary>A distinguisher of the publisher's own (SIG-02, SIG-10); null takes the VRF's.</summary>
    public RouteDistinguisher? Distinguisher { get; init; }

    /// <summary>Row of the publisher's session; null is the table's own source.</summary>
    public SourceId? Source { get; init; }

    /// <summary>
    /// The VRF stands for many places and has the route as one of another place: while it imports one of the route's targets, or while the route is
    /// exported to nobody. So spokes that share a VRF have the hub between them (ARC-13).
    /// </summary>
    public bool IsByTarget { get; init; }

    /// <summary>Communities beside the version's and the VRF's export targets, such as encapsulations (AMB-43).</summary>
    public IReadOnlyList<ExtendedCommunity>? Communities { get; init; }
}
