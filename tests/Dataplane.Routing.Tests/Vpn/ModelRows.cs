using Dataplane.Net;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>Where a path is, in the model.</summary>
internal readonly record struct ModelDestination(RouteFamily Family, Nlri Nlri)
{
    /// <summary>What it is in a VRF.</summary>
    public ModelPrefix Prefix => new(Family, Nlri with { Distinguisher = default });
}

/// <summary>A VRF route's key, in the model.</summary>
internal readonly record struct ModelPrefix(RouteFamily Family, Nlri Nlri);

/// <summary>A path, in the model.</summary>
internal sealed record ModelPath
{
    public required ModelDestination Destination { get; init; }

    public required SourceId Source { get; init; }

    public required SourceKind Kind { get; init; }

    public uint RouterId { get; init; }

    public uint PathIdentifier { get; init; }

    public required IpAddress NextHop { get; init; }

    public required uint Label { get; init; }

    public uint LocalPreference { get; init; } = 100;

    public uint Version { get; init; }

    public uint NeighborAs { get; init; }

    public int AsPathLength { get; init; }

    public byte Origin { get; init; }

    public uint Med { get; init; }

    public ExtendedCommunity[] Targets { get; init; } = [];

    public PathState State { get; init; }

    /// <summary>The VRF whose local route it is.</summary>
    public string? Owner { get; init; }

    public bool IsOriginatedHere => Kind is SourceKind.Local or SourceKind.Xmpp;

    public bool IsLongLivedStale => (State & PathState.LlgrStale) != 0;
}

/// <summary>A VRF, in the model.</summary>
internal sealed class ModelVrf
{
    public required VrfIndex Index { get; init; }

    public required VrfSettings Settings { get; set; }

    public required RouteDistinguisher Distinguisher { get; set; }

    public int Members { get; set; }

    public Dictionary<(IpPrefix Prefix, PublisherId Publisher), VrfLocalRoute> Locals { get; } = [];

    public bool HasMembers => Members > 0 || Settings.AlwaysMember;
}

/// <summary>A VRF route as it should be.</summary>
/// <param name="Best">The best candidate.</param>
/// <param name="NextHops">All next hops, each once.</param>
internal sealed record ModelRoute(ModelPath Best, HashSet<(IpAddress, uint)> NextHops);
