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
