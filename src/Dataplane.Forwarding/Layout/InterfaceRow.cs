using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>
/// One virtual interface. Immutable once published: a change builds a new row and swaps the pointers in
/// <see cref="DatapathRoot.Interfaces"/> and <see cref="PortRow.VlanRows"/>. What an IPv4 packet from the interface needs is
/// in the first cache line, the rest of IPv6 in the next two. Writer: control thread. Readers: workers.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal unsafe struct InterfaceRow
{
    /// <summary>Bytes of a delivery header template, the longest being MACs, two tags and the EtherType.</summary>
    internal const int HeaderBytes = 32;

    /// <summary>Bytes of <see cref="FrameMask"/>: both MACs, TPID or EtherType, TCI.</summary>
    internal const int FramePatternBytes = 16;

    /// <summary>Which bits of a frame's first 16 bytes classify it.</summary>
    [FieldOffset(0)]
    internal fixed byte FrameMask[FramePatternBytes];

    /// <summary>What these bits are in an IPv4 frame from the guest to the virtual router; cannot match when the row
    /// stands for no interface.</summary>
    [FieldOffset(16)]
    internal fixed byte FrameValue4[FramePatternBytes];

    /// <summary>The first legitimate IPv4 source; matches nothing (mask 0, address non-zero) when there is none.</summary>
    [FieldOffset(32)]
    internal SourcePrefix4 FirstSource4;

    /// <summary>The VRF it is bound to.</summary>
    [FieldOffset(40)]
    internal uint Vrf;

    /// <summary>Its own row number; <see cref="uint.MaxValue"/> for the row that stands for no interface.</summary>
    [FieldOffset(44)]
    internal uint Index;

    /// <summary>Bytes of the delivery header: 14, 18 or 22.</summary>
    [FieldOffset(48)]
    internal byte HeaderLength;

    /// <summary>Outer IPv4 TOS or IPv6 traffic class of what it sends: DSCP shifted left by two, ECN zero (QOS-05).</summary>
    [FieldOffset(49)]
    internal byte OuterTos;

    /// <summary>First two octets of an outer IPv4 header of what it sends, as a little-endian load sees them.</summary>
    [FieldOffset(50)]
    internal ushort OuterVersionTosWire;

    /// <summary>Layer-3 MTU in bytes.</summary>
    [FieldOffset(52)]
    internal ushort Mtu;

    /// <summary>Port row.</summary>
    [FieldOffset(54)]
    internal ushort Port;

    /// <summary>Label TC of what it sends, already at its place in the label entry (bits 11 to 9).</summary>
    [FieldOffset(56)]
    internal ushort LabelTcBits;

    /// <summary>MAC of the guest or of the NIC it shares, wire order as a little-endian word; 0 = resolve per address.</summary>
    [FieldOffset(192)]
    internal ulong MacWire;

    /// <summary>The first legitimate IPv6 source; matches nothing when there is none.</summary>
    [FieldOffset(64)]
    internal SourcePrefix6 FirstSource6;

    /// <summary>As <see cref="FrameValue4"/>, for IPv6.</summary>
    [FieldOffset(96)]
    internal fixed byte FrameValue6[FramePatternBytes];

    /// <summary>Entries at <see cref="Sources4"/>; the first one is repeated in <see cref="FirstSource4"/>.</summary>
    [FieldOffset(112)]
    internal int Source4Count;

    /// <summary>Entries at <see cref="Sources6"/>.</summary>
    [FieldOffset(116)]
    internal int Source6Count;

    /// <summary>All legitimate sources, IPv6 first; in the same block as this row.</summary>
    [FieldOffset(120)]
    internal SourcePrefix6* Sources6;

    /// <summary>Ethernet header of frames delivered with IPv4: destination MAC, virtual MAC, tags, 0x0800; aligned to its
    /// end.</summary>
    [FieldOffset(128)]
    internal fixed byte Header4[HeaderBytes];

    /// <summary>The same for IPv6.</summary>
    [FieldOffset(160)]
    internal fixed byte Header6[HeaderBytes];

    /// <summary>All legitimate IPv4 sources.</summary>
    internal readonly SourcePrefix4* Sources4 => (SourcePrefix4*)(Sources6 + Source6Count);
}
