using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>Routing between forwarders.</summary>
internal sealed record UnderlayConfiguration
{
    /// <summary>Static routes, prefixes unique; the networks of core ports are reachable without one.</summary>
    public required IReadOnlyList<UnderlayRoute> Routes { get; init; }
}

/// <summary>A static route of the underlay.</summary>
internal sealed record UnderlayRoute
{
    /// <summary>Where it leads.</summary>
    public required IpPrefix Prefix { get; init; }

    /// <summary>The next router, on a network of a core port, of the prefix's family.</summary>
    public required IpAddress Via { get; init; }
}
