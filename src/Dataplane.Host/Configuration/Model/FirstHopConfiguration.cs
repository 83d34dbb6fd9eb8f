using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>What guests see as their router (FWD-11, FWD-12; AMB-26, AMB-49). The same on all forwarders of a deployment.</summary>
internal sealed record FirstHopConfiguration
{
    /// <summary>Virtual MAC address for IPv4; answers ARP and is the source of delivered IPv4 frames.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>Virtual MAC address for IPv6; answers neighbour solicitations and is the source of delivered IPv6 frames.</summary>
    public required MacAddress Mac6 { get; init; }

    /// <summary>The router's IPv4 address on every access link.</summary>
    public required Ipv4Address Address { get; init; }

    /// <summary>The router's link-local IPv6 address on every access link.</summary>
    public required Ipv6Address Address6 { get; init; }
}
