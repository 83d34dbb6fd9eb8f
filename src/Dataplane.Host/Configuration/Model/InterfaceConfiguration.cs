using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>A virtual interface: one attachment of a guest or host to a VRF.</summary>
internal sealed record InterfaceConfiguration
{
    /// <summary>Unique name, printable ASCII without spaces.</summary>
    public required string Name { get; init; }

    /// <summary>The access or local port it is on.</summary>
    public required string Port { get; init; }

    /// <summary>The VLAN tags of its frames; none on a local port.</summary>
    public required VlanTags Vlan { get; init; }

    /// <summary>The only source its frames have; null to classify by port and VLAN alone.</summary>
    public required MacAddress? Mac { get; init; }

    /// <summary>The VRF it belongs to.</summary>
    public required string Vrf { get; init; }

    /// <summary>Its label: packets arriving with it are delivered without a lookup. Unique among all labels.</summary>
    public required Label20 Label { get; init; }

    /// <summary>Its addresses: legitimate sources (SEC-02) and local routes. Unique within the VRF.</summary>
    public required IReadOnlyList<IpPrefix> Addresses { get; init; }

    /// <summary>Largest IP packet delivered to it, in octets; the port's MTU when the file sets none.</summary>
    public required int Mtu { get; init; }

    /// <summary>Markings of what it sends into tunnels; the default class when the file sets none.</summary>
    public required ForwardingClass Class { get; init; }
}
