using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>
/// What travels with a packet between a worker and the slow path, in the mbuf's private area. Written by the side that
/// gives the packet away, before the ring's release; read by the other one.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct PuntTag
{
    /// <summary>Why the packet was punted.</summary>
    public PuntReason Reason;

    /// <summary>1 when it came from a core port or left a tunnel; 0 from an interface.</summary>
    public byte FromCore;

    /// <summary>1 when it was punted after decapsulation or came without frame: only the IP packet at
    /// <see cref="L3Offset"/> has meaning.</summary>
    public byte Decapsulated;

    /// <summary>1 when the TTL must stay as it is on delivery (interface label, or made by the slow path).</summary>
    public byte KeepTtl;

    /// <summary>Port row it was received on.</summary>
    public ushort Port;

    /// <summary>Bytes from the start of the data to the IP header; 0 when there is none.</summary>
    public ushort L3Offset;

    /// <summary>For <see cref="PuntReason.MtuExceeded"/>: bytes that would have fitted.</summary>
    public ushort Mtu;

    /// <summary>Set when the VRF view to continue in is the core view.</summary>
    public ushort CoreView;

    /// <summary>Interface it came from, as in <see cref="InterfaceId"/>, or <see cref="uint.MaxValue"/>.</summary>
    public uint Interface;

    /// <summary>VRF, as in <see cref="VrfId"/>, or <see cref="uint.MaxValue"/> for underlay packets.</summary>
    public uint Vrf;

    /// <summary>Interface it was going to, for <see cref="PuntReason.NeighborUnresolved"/> and
    /// <see cref="PuntReason.MtuExceeded"/>, or <see cref="uint.MaxValue"/>.</summary>
    public uint OutInterface;

    /// <summary>Tunnel row, for <see cref="PuntReason.UnderlayUnresolved"/> and <see cref="PuntReason.MtuExceeded"/>, or
    /// <see cref="uint.MaxValue"/>.</summary>
    public uint Tunnel;
}

/// <summary>How an injected buffer enters the pipeline.</summary>
public enum InjectKind : byte
{
    /// <summary>A complete Ethernet frame for a port.</summary>
    Frame,

    /// <summary>An IP packet to look up in a VRF's access view.</summary>
    AccessView,

    /// <summary>An IP packet to look up in a VRF's core view.</summary>
    CoreView,

    /// <summary>An IP packet to deliver to an interface.</summary>
    Delivery,
}

/// <summary>What the slow path asks of a worker for an injected buffer.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct InjectTag
{
    /// <summary>How it enters.</summary>
    public InjectKind Kind;

    /// <summary>1 leaves TTL or hop limit alone: the forwarder made the packet itself.</summary>
    public byte KeepTtl;

    /// <summary>Port row, for <see cref="InjectKind.Frame"/>.</summary>
    public ushort Port;

    /// <summary>VRF, as in <see cref="VrfId"/>; one that is gone drops the packet.</summary>
    public uint Vrf;

    /// <summary>Interface, as in <see cref="InterfaceId"/>, that the packet comes from (class of service), is delivered to, or whose
    /// counters a frame belongs to; or <see cref="uint.MaxValue"/>. One that is gone drops the packet.</summary>
    public uint Interface;
}
