using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Configuration;

/// <summary>An entry of a list in a policy: a value, or the name of a set of values.</summary>
/// <typeparam name="T">The type of a value.</typeparam>
/// <param name="Name">The name of a set; null when the entry is a value.</param>
/// <param name="Value">The value when there is no name.</param>
internal readonly record struct SetEntry<T>(string? Name, T? Value)
{
    /// <summary>As written.</summary>
    public override string ToString() => Name ?? Value?.ToString() ?? "";
}

/// <summary>A named set of prefixes.</summary>
internal sealed record PrefixSetConfiguration(string Name, IReadOnlyList<PrefixRange> Prefixes);

/// <summary>A named set of communities of any kinds.</summary>
internal sealed record CommunitySetConfiguration(string Name, IReadOnlyList<CommunityPattern> Communities);

/// <summary>A named set of AS numbers and of patterns over paths.</summary>
internal sealed record AsPathSetConfiguration(string Name, IReadOnlyList<AsRange> Numbers, IReadOnlyList<AsPathPattern> Patterns);

/// <summary>A named policy.</summary>
internal sealed record PolicyConfiguration(string Name, IReadOnlyList<TermConfiguration> Terms, bool AcceptsByDefault);

/// <summary>A term of a policy.</summary>
internal sealed record TermConfiguration(string Name, MatchConfiguration Match, string? Call, ChangeConfiguration Then, TermOutcome Outcome);

/// <summary>What a route has to satisfy; null and empty where nothing is asked.</summary>
internal sealed record MatchConfiguration
{
    public IReadOnlyList<SetEntry<PrefixRange>> Prefixes { get; init; } = [];

    public IReadOnlyList<RouteFamily> Families { get; init; } = [];

    public IReadOnlyList<DistinguisherPattern> Distinguishers { get; init; } = [];

    public IReadOnlyList<SetEntry<CommunityPattern>> Communities { get; init; } = [];

    public IReadOnlyList<SetEntry<CommunityPattern>> AllCommunities { get; init; } = [];

    public IReadOnlyList<SetEntry<CommunityPattern>> NoCommunities { get; init; } = [];

    public IReadOnlyList<CommunityPattern> RouteTargets { get; init; } = [];

    public NumberRange? AsPathLength { get; init; }

    public IReadOnlyList<SetEntry<AsRange>> AsPathContains { get; init; } = [];

    public IReadOnlyList<SetEntry<AsRange>> OriginatedBy { get; init; } = [];

    public IReadOnlyList<SetEntry<AsRange>> NeighborAs { get; init; } = [];

    public string? AsPathSet { get; init; }

    public IReadOnlyList<SetEntry<PrefixRange>> NextHop { get; init; } = [];

    public IReadOnlyList<RouteOrigin> Origin { get; init; } = [];

    public NumberRange? LocalPref { get; init; }

    public NumberRange? Med { get; init; }

    public NumberRange? Version { get; init; }

    public IReadOnlyList<SourceKind> Sources { get; init; } = [];

    public IReadOnlyList<SetEntry<PrefixRange>> FromPeers { get; init; } = [];

    public IReadOnlyList<SetEntry<PrefixRange>> Peers { get; init; } = [];

    public IReadOnlyList<SetEntry<AsRange>> PeerAs { get; init; } = [];
}

/// <summary>What a term changes; null and empty where it leaves the route alone.</summary>
internal sealed record ChangeConfiguration
{
    public uint? LocalPref { get; init; }

    public MedChange? Med { get; init; }

    public RouteOrigin? Origin { get; init; }

    public NextHopChange? NextHop { get; init; }

    public PrependConfiguration? Prepend { get; init; }

    public CommunityChange? Communities { get; init; }

    public CommunityChange? ExtendedCommunities { get; init; }

    public CommunityChange? LargeCommunities { get; init; }

    public RouteTargetChange? RouteTargets { get; init; }
}

/// <summary>What becomes of MED.</summary>
/// <param name="Value">The number to set or add; null to remove it.</param>
/// <param name="IsSum">Whether to add.</param>
internal readonly record struct MedChange(long? Value, bool IsSum);

/// <summary>What becomes of the next hop.</summary>
/// <param name="Mode">How.</param>
/// <param name="Address">The address for <see cref="PolicyNextHop.Address"/>.</param>
internal readonly record struct NextHopChange(PolicyNextHop Mode, IpAddress Address);

/// <summary>What is put before AS_PATH.</summary>
/// <param name="As">The number; null for our own.</param>
/// <param name="Count">How often.</param>
internal sealed record PrependConfiguration(AsNumber? As, int Count);

/// <summary>Communities to set, remove and add; setting excludes the other two.</summary>
internal sealed record CommunityChange(
    IReadOnlyList<CommunityValue>? Set, IReadOnlyList<CommunityPattern> Remove, IReadOnlyList<CommunityValue> Add);

/// <summary>Route targets to set, remove and add, other extended communities left alone; setting excludes the other two.</summary>
internal sealed record RouteTargetChange(
    IReadOnlyList<ExtendedCommunity>? Set, IReadOnlyList<CommunityPattern> Remove, IReadOnlyList<ExtendedCommunity> Add);
