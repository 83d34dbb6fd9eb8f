using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Rig.Scenarios;

/// <summary>Which way the packets of a scenario go.</summary>
internal enum Direction
{
    /// <summary>From tenants into tunnels.</summary>
    Encapsulate,

    /// <summary>From tunnels to tenants.</summary>
    Decapsulate,
}

/// <summary>A virtual interface: port, MAC and VLAN tell whose a frame is.</summary>
/// <param name="Vrf">Its VRF.</param>
/// <param name="Vlan">Outer tag.</param>
/// <param name="Mac">Source of its frames.</param>
/// <param name="Address">Its legitimate source and local host route.</param>
/// <param name="Label">Interface label.</param>
internal readonly record struct Attachment(int Vrf, ushort Vlan, MacAddress Mac, IpAddress Address, uint Label);

/// <summary>A tunnel to a remote forwarder over IPv4.</summary>
/// <param name="Remote">Its other end.</param>
/// <param name="Encapsulation">What is between outer IP header and label.</param>
internal readonly record struct RemoteTunnel(Ipv4Address Remote, Encapsulation Encapsulation);

/// <summary>A member of a group: a tunnel and the label its other end gave out.</summary>
internal readonly record struct RemoteMember(int Tunnel, uint Label);

/// <summary>A host route to a tunnel or, with <paramref name="Group"/> not negative, to a group.</summary>
internal readonly record struct HostRoute(int Vrf, IpAddress Destination, int Tunnel, uint Label, int Group = -1);

/// <summary>
/// The network of a scenario, described once and applied to our datapath and to the C peer alike. One access port and one
/// core port; every tunnel leaves by the core port to one underlay neighbour.
/// </summary>
internal sealed record Topology
{
    internal static readonly Ipv4Address TunnelEnd = Ipv4Address.Parse("203.0.113.17");
    internal static readonly MacAddress AccessMac = MacAddress.Parse("02:00:00:00:00:01");
    internal static readonly MacAddress CoreMac = MacAddress.Parse("02:00:00:00:00:02");
    internal static readonly MacAddress NeighborMac = MacAddress.Parse("02:00:00:00:01:01");

    /// <summary>Outer TTL and label TTL.</summary>
    internal const byte Ttl = 64;

    /// <summary>Layer-3 MTU of ports, interfaces and paths, so that a full tenant's frame fits its tunnel.</summary>
    internal const int PathMtu = 1600;

    internal const int AccessMtu = 1500;

    internal required Direction Direction { get; init; }

    internal required int Vrfs { get; init; }

    internal required IReadOnlyList<Attachment> Attachments { get; init; }

    internal required IReadOnlyList<RemoteTunnel> Tunnels { get; init; }

    internal IReadOnlyList<IReadOnlyList<RemoteMember>> Groups { get; init; } = [];

    internal HostRoute[] Routes { get; init; } = [];
}
