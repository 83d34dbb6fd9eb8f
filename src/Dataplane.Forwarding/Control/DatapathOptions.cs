using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <summary>Sizes and constants of a datapath, fixed at construction.</summary>
public sealed record DatapathOptions
{
    /// <summary>Most ports.</summary>
    public int Ports { get; init; } = 32;

    /// <summary>Most virtual interfaces.</summary>
    public int Interfaces { get; init; } = 4096;

    /// <summary>Most VRFs.</summary>
    public int Vrfs { get; init; } = 1024;

    /// <summary>Most tunnels.</summary>
    public int Tunnels { get; init; } = 4096;

    /// <summary>Most next-hop groups.</summary>
    public int Groups { get; init; } = 16384;

    /// <summary>Most filter rules of all VRFs together.</summary>
    public int Filters { get; init; } = 4096;

    /// <summary>Most workers; also among how many the rate of a filter is divided.</summary>
    public int Workers { get; init; } = 16;

    /// <summary>Clock ticks per second: the TSC's rate, or that of a virtual clock.</summary>
    public required ulong ClockHz { get; init; }

    /// <summary>Punts per second of an interface or core port, and its burst (SEC-14).</summary>
    public uint PuntRate { get; init; } = 1000;

    /// <summary>Virtual router MAC for IPv4 (FWD-13).</summary>
    public MacAddress VirtualMac4 { get; init; } = MacAddress.Parse("00:00:5e:00:01:01");

    /// <summary>Virtual router MAC for IPv6 (AMB-26).</summary>
    public MacAddress VirtualMac6 { get; init; } = MacAddress.Parse("00:00:5e:00:02:01");

    /// <summary>First-hop address of every VRF (AMB-49).</summary>
    public Ipv4Address FirstHop4 { get; init; } = Ipv4Address.Parse("169.254.0.1");

    /// <summary>IPv6 first-hop address of every VRF (AMB-49).</summary>
    public Ipv6Address FirstHop6 { get; init; } = Ipv6Address.Parse("fe80::1");

    /// <summary>IPv4 tunnel end, if any: the infrastructure address.</summary>
    public Ipv4Address? TunnelEnd4 { get; init; }

    /// <summary>IPv6 tunnel end, if any.</summary>
    public Ipv6Address? TunnelEnd6 { get; init; }

    /// <summary>Own addresses on core ports, tunnel ends included.</summary>
    public IReadOnlyList<IpAddress> CoreAddresses { get; init; } = [];

    /// <summary>Accept a zero UDP checksum over IPv6 (RFC 6935).</summary>
    public bool AcceptZeroUdp6Checksum { get; init; }

    /// <summary>Class of packets without an interface of origin, and of interfaces without their own.</summary>
    public ForwardingClass DefaultClass { get; init; }

    /// <summary>Width of the vectors that lookups use: the widest this machine has, unless told otherwise.</summary>
    public VectorLevel Vectors { get; init; } = VectorLevels.Widest;
}

/// <summary>Marking of tunnelled packets under the pipe model (QOS-05).</summary>
/// <param name="Dscp">Outer DSCP, 0 to 63.</param>
/// <param name="TrafficClass">Label TC, 0 to 7.</param>
public readonly record struct ForwardingClass(byte Dscp, byte TrafficClass)
{
    internal byte Tos => (byte)(Dscp << 2);

    internal ushort TcBits => (ushort)(TrafficClass << 9);
}

/// <summary>A port to add.</summary>
public sealed record PortSettings
{
    /// <summary>What it faces.</summary>
    public required PortRole Role { get; init; }

    /// <summary>DPDK's port id.</summary>
    public required ushort DpdkPort { get; init; }

    /// <summary>Its MAC.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>Layer-3 MTU in bytes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Access ports: VLAN in which routers elect who serves it, 0 for untagged; null without an election. With one, the port is on
    /// standby until <see cref="Datapath.SetStandby"/> says otherwise (EXT-10).</summary>
    public ushort? ElectionVlan { get; init; }
}

/// <summary>A virtual interface to add (the CE interface).</summary>
public sealed record InterfaceSettings
{
    /// <summary>Port it is reached through.</summary>
    public required PortId Port { get; init; }

    /// <summary>The VRF it is bound to (FWD-03).</summary>
    public required VrfId Vrf { get; init; }

    /// <summary>Outer VLAN id, or null for untagged.</summary>
    public ushort? OuterVlan { get; init; }

    /// <summary>Inner VLAN id of a QinQ pair.</summary>
    public ushort? InnerVlan { get; init; }

    /// <summary>MAC that frames come from and go to; null classifies by port and VLAN alone.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Interface label, if any.</summary>
    public Label20? Label { get; init; }

    /// <summary>Whether packets with its label are looked up in the VRF instead of delivered: one of its addresses is elsewhere by now, and what still
    /// comes for that has to follow (MOB-05).</summary>
    public bool LooksUpLabel { get; init; }

    /// <summary>Legitimate sources and local routes (SEC-02).</summary>
    public IReadOnlyList<IpPrefix> Addresses { get; init; } = [];

    /// <summary>Layer-3 MTU in bytes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Class of what it sends; null takes the default.</summary>
    public ForwardingClass? Class { get; init; }
}

/// <summary>A tunnel to a remote forwarder.</summary>
public sealed record TunnelSettings
{
    /// <summary>Infrastructure address of the remote forwarder.</summary>
    public required IpAddress Remote { get; init; }

    /// <summary>Encapsulation.</summary>
    public Encapsulation Encapsulation { get; init; }

    /// <summary>Core port to send on.</summary>
    public required PortId Port { get; init; }

    /// <summary>Underlay next hop on that port: the remote itself, or a router.</summary>
    public required IpAddress UnderlayNextHop { get; init; }

    /// <summary>Path MTU of the underlay in bytes.</summary>
    public int PathMtu { get; init; } = 1500;

    /// <summary>Outer TTL or hop limit, and TTL of the label entry (pipe model).</summary>
    public byte Ttl { get; init; } = 64;

    /// <summary>UDP over IPv6: send a zero checksum (RFC 6935).</summary>
    public bool ZeroUdp6Checksum { get; init; }
}

/// <summary>A route as the signaling gateway supplies it (FWD-02).</summary>
/// <param name="Tunnel">Tunnel to the owner of the label, or null when the next hop is this forwarder itself.</param>
/// <param name="Label">The owner's label.</param>
public readonly record struct SuppliedRoute(TunnelId? Tunnel, Label20 Label)
{
    /// <summary>The group of next hops in the place of one; null otherwise.</summary>
    public GroupId? Group { get; private init; }

    /// <summary>A route with several next hops.</summary>
    public static SuppliedRoute To(GroupId group) => new() { Group = group };
}
