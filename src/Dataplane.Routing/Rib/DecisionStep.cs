namespace Dataplane.Routing.Rib;

/// <summary>
/// The steps of best path selection in their order: RFC 4271 §9.1.2 with LLGR (RFC 9494), version (AMB-04), AIGP (RFC 7311) and reflection
/// (RFC 4456 §9). The name of a step says why a path lost.
/// </summary>
public enum DecisionStep : byte
{
    /// <summary>It did not lose: it is the best path, or the only one.</summary>
    None,

    /// <summary>Import policy rejected it.</summary>
    Policy,

    /// <summary>Its next hop is not reachable.</summary>
    NextHop,

    /// <summary>It is a flow specification that does not go with the unicast routes (RFC 8955 §6).</summary>
    Feasibility,

    /// <summary>It is stale for long, the other is not.</summary>
    LongLivedStale,

    /// <summary>Lower LOCAL_PREF.</summary>
    LocalPreference,

    /// <summary>Lower version: the end-system was seen elsewhere later (MAC Mobility sequence).</summary>
    Version,

    /// <summary>The other is originated here.</summary>
    LocallyOriginated,

    /// <summary>No AIGP where the other has it, or a higher AIGP and interior cost together.</summary>
    AccumulatedMetric,

    /// <summary>Longer AS_PATH.</summary>
    AsPathLength,

    /// <summary>Higher ORIGIN.</summary>
    Origin,

    /// <summary>Higher MULTI_EXIT_DISC among paths of the same neighbour AS.</summary>
    Med,

    /// <summary>Learned from a peer of our own AS, the other from another AS.</summary>
    External,

    /// <summary>Higher interior cost to the next hop.</summary>
    InteriorCost,

    /// <summary>Newer than another external path (when configured).</summary>
    Age,

    /// <summary>Higher ORIGINATOR_ID or BGP identifier.</summary>
    RouterId,

    /// <summary>Longer CLUSTER_LIST.</summary>
    ClusterListLength,

    /// <summary>Higher address of the peer.</summary>
    PeerAddress,

    /// <summary>Higher path identifier; the last resort.</summary>
    PathIdentifier,
}

/// <summary>Why a path has its rank.</summary>
/// <param name="Path">The path.</param>
/// <param name="Rank">0 is the best; the order in which paths would follow one another were the better ones gone. -1 for paths that cannot be used.</param>
/// <param name="Step">The step that decided against it; none for the best.</param>
/// <param name="Against">The path it lost to; none for the best and for those that cannot be used.</param>
/// <param name="IsMultipath">Whether traffic may use it beside the best: equal in every step before <see cref="DecisionStep.Age"/>.</param>
public readonly record struct PathDecision(PathId Path, int Rank, DecisionStep Step, PathId Against, bool IsMultipath);

/// <summary>What is configurable about best path selection; the same for all families.</summary>
public sealed record BestPathSettings
{
    /// <summary>Compare MED between paths of different neighbour ASes too.</summary>
    public bool AlwaysCompareMed { get; init; }

    /// <summary>A path without MED is as one with the highest instead of the lowest.</summary>
    public bool MissingMedIsWorst { get; init; }

    /// <summary>Among external paths prefer the older one to the one with the lower identifier (RFC 5004).</summary>
    public bool PreferOlder { get; init; }

    /// <summary>Do not compare AS_PATH lengths.</summary>
    public bool IgnoreAsPathLength { get; init; }
}
