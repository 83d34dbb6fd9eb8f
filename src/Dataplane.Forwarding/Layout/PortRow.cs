using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>What a port faces.</summary>
public enum PortRole : byte
{
    /// <summary>End-systems on an Ethernet segment; frames are classified by MAC and VLAN (EXT-02).</summary>
    Access,

    /// <summary>The infrastructure; only tunnel packets to our own addresses are taken.</summary>
    Core,

    /// <summary>One virtual interface of this host (tap or vhost-user); layer 2 is ignored (FWD-03).</summary>
    Local,
}

/// <summary>
/// One port. Written by the control thread before anything leads a worker to it; afterwards only <see cref="VlanRows"/>'s contents
/// change, one aligned word at a time, and <see cref="Standby"/>. Readers: workers.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 384)]
internal unsafe struct PortRow
{
    /// <summary>Entries of <see cref="VlanRows"/>; index 0 is the untagged interface.</summary>
    internal const int VlanEntries = 4096;

    /// <summary><see cref="ElectionVlan"/> of a port without an election; no VLAN.</summary>
    internal const ushort NoElection = 0xFFFF;

    /// <summary>MAC in wire order, read as a little-endian word; the two upper octets are zero.</summary>
    [FieldOffset(0)]
    internal ulong MacWire;

    /// <summary>By outer VLAN: the interface when it is the only one there; otherwise <see cref="DatapathRoot.NoInterface"/>,
    /// and the class table decides.</summary>
    [FieldOffset(8)]
    internal InterfaceRow** VlanRows;

    /// <summary>DPDK's port id.</summary>
    [FieldOffset(16)]
    internal ushort DpdkPort;

    /// <summary>Layer-3 MTU in bytes.</summary>
    [FieldOffset(18)]
    internal ushort Mtu;

    /// <summary>What the port faces.</summary>
    [FieldOffset(20)]
    internal PortRole Role;

    /// <summary>Access ports: families for which another forwarder serves the hosts. Changes while workers run.</summary>
    [FieldOffset(21)]
    internal StandbyFamilies Standby;

    /// <summary>Access ports: VLAN in which VRRP is taken, 0 for untagged; <see cref="NoElection"/> where there is none.</summary>
    [FieldOffset(22)]
    internal ushort ElectionVlan;

    /// <summary>Core ports: MPLS-in-GRE over IPv4 to the tunnel end.</summary>
    [FieldOffset(64)]
    internal TunnelPattern Gre4;

    /// <summary>Core ports: MPLS-in-UDP over IPv4 to the tunnel end, without a UDP checksum.</summary>
    [FieldOffset(192)]
    internal TunnelPattern Udp4;

    /// <summary>Bytes in front of the tenant's packet in frames that match <see cref="Gre4"/>.</summary>
    internal const int GreHeaderBytes = 42;

    /// <summary>Bytes in front of the tenant's packet in frames that match <see cref="Udp4"/>.</summary>
    internal const int UdpHeaderBytes = 46;
}
