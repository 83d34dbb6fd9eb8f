using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>Our ends of the tunnels; at least one address is given and each is an address of a core port.</summary>
internal sealed record InfrastructureConfiguration
{
    /// <summary>Our end of tunnels over IPv4; null when there are none.</summary>
    public required Ipv4Address? Address { get; init; }

    /// <summary>Our end of tunnels over IPv6; null when there are none.</summary>
    public required Ipv6Address? Address6 { get; init; }

    /// <summary>Whether an address is one of our ends.</summary>
    public bool IsOurs(IpAddress address) => address.IsV4 ? Address == address.V4 : Address6 == address.V6;

    /// <summary>Whether we have an end of a family.</summary>
    public bool Has(AddressFamily family) => family == AddressFamily.Ipv4 ? Address is not null : Address6 is not null;
}
