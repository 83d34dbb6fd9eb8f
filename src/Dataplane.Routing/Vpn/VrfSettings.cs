using Dataplane.Net;
using Dataplane.Routing.Policy;

namespace Dataplane.Routing.Vpn;

/// <summary>What a VRF is configured to be. Everything but the name may change while it exists.</summary>
public sealed record VrfSettings
{
    /// <summary>Unique name.</summary>
    public required string Name { get; init; }

    /// <summary>Its route distinguisher; null takes one of our own, the same each time for a name (AMB-19).</summary>
    public RouteDistinguisher? Distinguisher { get; init; }

    /// <summary>Routes with one of these targets are imported; order and repetition mean nothing.</summary>
    public IReadOnlyList<ExtendedCommunity> ImportTargets { get; init; } = [];

    /// <summary>Targets of the routes it exports; with none its routes stay in the VRF.</summary>
    public IReadOnlyList<ExtendedCommunity> ExportTargets { get; init; } = [];

    /// <summary>Narrows or changes what is imported (ARC-08); null imports all that the targets select.</summary>
    public IRoutePolicy? ImportPolicy { get; init; }

    /// <summary>Narrows or changes what is exported, export targets included in what it sees; null exports all.</summary>
    public IRoutePolicy? ExportPolicy { get; init; }

    /// <summary>Whether the flow specifications that it has of itself are exported; otherwise they stay in the VRF.</summary>
    public bool ExportFilters { get; init; }

    /// <summary>Covering prefixes to advertise while there is something in them (INT-04, INT-05).</summary>
    public IReadOnlyList<VrfAggregateSettings> Aggregates { get; init; } = [];

    /// <summary>Most next hops of a route, 1 to <see cref="MostPaths"/>; 1 keeps to the best (SIG-10).</summary>
    public int MaxPaths { get; init; } = MostPaths;

    /// <summary>Its aggregate label (AMB-24); null takes one of our own when an aggregate needs it.</summary>
    public Label20? AggregateLabel { get; init; }

    /// <summary>Whether its import targets are asked for although nobody is in it (SIG-05).</summary>
    public bool AlwaysMember { get; init; }

    /// <summary>Largest <see cref="MaxPaths"/>.</summary>
    public const int MostPaths = 1024;
}
