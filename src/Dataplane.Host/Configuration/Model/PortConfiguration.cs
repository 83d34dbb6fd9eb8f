using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>A port that DPDK drives.</summary>
internal sealed record PortConfiguration
{
    /// <summary>Unique name: letters, digits, '.', '_' and '-'.</summary>
    public required string Name { get; init; }

    /// <summary>What is behind it.</summary>
    public required PortRole Role { get; init; }

    /// <summary>The device; never null in a configuration loaded to run, may be null in one loaded for replay.</summary>
    public required PortDevice? Device { get; init; }

    /// <summary>The port's MAC address; null for the device's own.</summary>
    public required MacAddress? Mac { get; init; }

    /// <summary>Largest IP packet on the link, in octets.</summary>
    public required int Mtu { get; init; }

    /// <summary>Receive and transmit queues; not more than workers.</summary>
    public required int Queues { get; init; }

    /// <summary>Addresses in the underlay: at least one on a core port, none on others.</summary>
    public required IReadOnlyList<PortAddress> Addresses { get; init; }

    /// <summary>Underlay neighbours that need no resolution; none but on core ports.</summary>
    public required IReadOnlyList<StaticNeighbor> Neighbors { get; init; }

    /// <summary>Election of the forwarder that serves its hosts; null: we always do. Access ports only.</summary>
    public VrrpConfiguration? Vrrp { get; init; }
}

/// <summary>What is behind a port.</summary>
internal enum PortRole
{
    /// <summary>The underlay: other forwarders, through tunnels only.</summary>
    Core,

    /// <summary>Hosts of tenants behind a switch or a trunk; many interfaces, told apart by VLAN and MAC.</summary>
    Access,

    /// <summary>One guest on this machine: a tap or vhost-user device with exactly one untagged interface.</summary>
    Local,
}

/// <summary>An address of a core port with the network it is on.</summary>
/// <param name="Address">The address.</param>
/// <param name="Subnet">The network; contains the address.</param>
internal readonly record struct PortAddress(IpAddress Address, IpPrefix Subnet)
{
    /// <summary>As in the file: <c>203.0.113.17/24</c>.</summary>
    public override string ToString() => $"{Address}/{Subnet.Length}";
}

/// <summary>An underlay neighbour that needs no resolution.</summary>
internal sealed record StaticNeighbor
{
    /// <summary>Its address, on a network of the port.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>Its MAC address.</summary>
    public required MacAddress Mac { get; init; }
}
