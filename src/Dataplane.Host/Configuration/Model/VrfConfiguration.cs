using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>One VPN's forwarding table on this forwarder.</summary>
internal sealed record VrfConfiguration
{
    /// <summary>Unique name, printable ASCII without spaces.</summary>
    public required string Name { get; init; }

    /// <summary>Aggregate label: packets arriving with it are looked up in the VRF. Null for none. Unique among all labels.</summary>
    public required Label20? Label { get; init; }

    /// <summary>Addresses of the forwarder inside the VPN: answer echo and are the source of ICMP errors.</summary>
    public required IReadOnlyList<IpAddress> RouterAddresses { get; init; }

    /// <summary>Legitimate outer sources besides the next hops of the VRF's routes (SEC-09).</summary>
    public required IReadOnlyList<IpAddress> AcceptFrom { get; init; }

    /// <summary>Routes, prefixes unique: what a signaling gateway would have supplied.</summary>
    public required IReadOnlyList<VrfRoute> Routes { get; init; }

    /// <summary>The route distinguisher of its exported routes; without one it is assigned (SIG-04).</summary>
    public AssignedDistinguisher Distinguisher { get; init; }

    /// <summary>Routes with any of these targets are imported.</summary>
    public IReadOnlyList<ExtendedCommunity> ImportTargets { get; init; } = [];

    /// <summary>The targets of exported routes.</summary>
    public IReadOnlyList<ExtendedCommunity> ExportTargets { get; init; } = [];

    /// <summary>The policy of imported routes; null for none.</summary>
    public string? ImportPolicy { get; init; }

    /// <summary>The policy of exported routes; null for none.</summary>
    public string? ExportPolicy { get; init; }

    /// <summary>Covering prefixes to advertise while there is a route inside (INT-04).</summary>
    public IReadOnlyList<AggregateConfiguration> Aggregates { get; init; } = [];

    /// <summary>Most paths of a destination that share traffic (SIG-10).</summary>
    public int MaxPaths { get; init; } = 1;

    /// <summary>Filters of packets that enter from its interfaces.</summary>
    public IReadOnlyList<FilterConfiguration> Filters { get; init; } = [];

    /// <summary>Whether peers are told of them as flow specifications.</summary>
    public bool ExportFilters { get; init; }

    /// <summary>When its targets are asked of peers by RT-Constraint.</summary>
    public VrfMembership Membership { get; init; }
}

/// <summary>A route distinguisher that is given or, when null, assigned (AMB-19).</summary>
/// <param name="Given">The one given.</param>
internal readonly record struct AssignedDistinguisher(RouteDistinguisher? Given)
{
    /// <summary>As written.</summary>
    public override string ToString() => Given?.ToString() ?? "auto";
}

/// <summary>When a VRF's import targets are asked of peers (SIG-05).</summary>
internal enum VrfMembership
{
    /// <summary>As long as the VRF exists.</summary>
    Always,

    /// <summary>As long as it has a subscriber or an interface.</summary>
    OnDemand,
}

/// <summary>A covering route of a VRF.</summary>
internal sealed record AggregateConfiguration
{
    /// <summary>What it covers.</summary>
    public required IpPrefix Prefix { get; init; }

    /// <summary>Whether routes inside are kept from peers that do not get specifics (INT-05).</summary>
    public bool SuppressSpecifics { get; init; } = true;
}

/// <summary>A route of a VRF.</summary>
internal sealed record VrfRoute
{
    /// <summary>Where it leads.</summary>
    public required IpPrefix Prefix { get; init; }

    /// <summary>The forwarder behind which the prefix is; one of our own infrastructure addresses confirms a local route (FWD-10).
    /// Null when there are several.</summary>
    public IpAddress? NextHop { get; init; }

    /// <summary>The label that forwarder assigned. Null when there are several.</summary>
    public Label20? Label { get; init; }

    /// <summary>Several forwarders behind which the prefix is; empty when there is one.</summary>
    public IReadOnlyList<RouteNextHop> NextHops { get; init; } = [];

    /// <summary>What decides among several.</summary>
    public LoadBalance LoadBalance { get; init; }

    /// <summary>All forwarders behind which the prefix is.</summary>
    public IEnumerable<IpAddress> Owners => NextHop is { } one ? [one] : NextHops.Select(static hop => hop.Remote);
}

/// <summary>One of several next hops of a route (FWD-20).</summary>
internal sealed record RouteNextHop
{
    /// <summary>The forwarder, maybe ourselves.</summary>
    public required IpAddress Remote { get; init; }

    /// <summary>The label that forwarder assigned.</summary>
    public required Label20 Label { get; init; }

    /// <summary>Share of the traffic in proportion to the others.</summary>
    public int Weight { get; init; } = 1;
}
