using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>
/// One virtual interface. Immutable once published: a change builds a new row and swaps the pointers in
/// <see cref="DatapathRoot.Interfaces"/> and <see cref="PortRow.VlanRows"/>. What a plain IPv4 packet from the interface needs
/// is in the first two cache lines, a plain IPv6 packet in the second and the third, what a plain packet to it needs in the fourth. The
/// legitimate sources follow in the same block, those of IPv6 first. Writer: control thread. Readers: workers.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal unsafe struct InterfaceRow
{
    /// <summary>Bytes of a delivery header template, the longest being MACs, two tags and the EtherType.</summary>
    internal const int HeaderBytes = 32;

    /// <summary>Bytes of a frame pattern.</summary>
    internal const int PatternBytes = 32;

    /// <summary>Bytes of a frame pattern that lie in front of the IP header; the others are its first ones.</summary>
    internal const int PatternFront = 16;

    /// <summary>Where the cache line begins that delivery needs.</summary>
    internal const int DeliveryOffset = 192;

    private const int Header4Offset = DeliveryOffset + 8;
    private const int Header6Offset = DeliveryOffset + 32;

    /// <summary>What frames with a plain IPv4 packet from this interface look like under <see cref="Mask4"/>: source MAC, tag,
    /// EtherType, version and header length, first legitimate source. Has bits outside the mask where nothing is to
    /// match: no source, or no interface.</summary>
    [FieldOffset(0)]
    internal fixed byte Pattern4[PatternBytes];

    /// <summary>Which bits of the pattern count.</summary>
    [FieldOffset(32)]
    internal fixed byte Mask4[PatternBytes];

    /// <summary>The VRF it is bound to.</summary>
    [FieldOffset(64)]
    internal uint Vrf;

    /// <summary>Its own row number; <see cref="uint.MaxValue"/> for the row that stands for no interface.</summary>
    [FieldOffset(68)]
    internal uint Index;

    /// <summary>Key of IPv4 address 0 in the access view of the VRF.</summary>
    [FieldOffset(72)]
    internal ulong AccessKey;

    /// <summary>Bytes of the delivery header: 14, 18 or 22.</summary>
    [FieldOffset(80)]
    internal byte HeaderLength;

    /// <summary>Outer IPv4 TOS or IPv6 traffic class of what it sends: DSCP shifted left by two, ECN zero (QOS-05).</summary>
    [FieldOffset(81)]
    internal byte OuterTos;

    /// <summary>First two octets of an outer IPv4 header of what it sends, as a little-endian load sees them.</summary>
    [FieldOffset(82)]
    internal ushort OuterVersionTosWire;

    /// <summary>Label TC of what it sends, already at its place in the label entry (bits 11 to 9).</summary>
    [FieldOffset(84)]
    internal ushort LabelTcBits;

    /// <summary>Layer-3 MTU in bytes.</summary>
    [FieldOffset(86)]
    internal ushort Mtu;

    /// <summary>What the interface is called while it exists, as in <see cref="InterfaceId"/>; <see cref="RowLife.Gone"/> once it was
    /// removed. The one field that changes.</summary>
    [FieldOffset(92)]
    internal uint Id;

    /// <summary>MAC of the guest or of the NIC it shares, wire order as a little-endian word; 0 = resolve per address.</summary>
    [FieldOffset(96)]
    internal ulong MacWire;

    /// <summary>Entries at <see cref="Sources4"/>.</summary>
    [FieldOffset(104)]
    internal int Source4Count;

    /// <summary>Entries at <see cref="Sources6"/>.</summary>
    [FieldOffset(108)]
    internal int Source6Count;

    /// <summary>The last eight octets of the first legitimate IPv6 source; the first eight are in <see cref="Pattern6"/>.</summary>
    [FieldOffset(112)]
    internal ulong SourceTailWire6;

    /// <summary>Which bits of them count.</summary>
    [FieldOffset(120)]
    internal ulong SourceTailMask6;

    /// <summary>As <see cref="Pattern4"/>, for IPv6; of the source its first eight octets.</summary>
    [FieldOffset(128)]
    internal fixed byte Pattern6[PatternBytes];

    /// <summary>Which bits of the pattern count.</summary>
    [FieldOffset(160)]
    internal fixed byte Mask6[PatternBytes];

    /// <summary><see cref="Mtu"/> where <see cref="MacWire"/> is known, otherwise 0: one comparison says whether a packet can be
    /// delivered as it is.</summary>
    [FieldOffset(DeliveryOffset)]
    internal ushort ReadyMtu;

    /// <summary>Port row.</summary>
    [FieldOffset(194)]
    internal ushort Port;

    /// <summary><see cref="HeaderLength"/> once more, beside the headers.</summary>
    [FieldOffset(196)]
    internal byte DeliveredHeaderLength;

    /// <summary>Ethernet header of frames delivered with IPv4: destination MAC, virtual MAC, tags, 0x0800; aligned to its
    /// end. The longest leaves more than eight bytes in front, which are other fields.</summary>
    [FieldOffset(Header4Offset)]
    internal fixed byte Header4[HeaderBytes];

    /// <summary>The same for IPv6; its first eight bytes are the last of <see cref="Header4"/>.</summary>
    [FieldOffset(Header6Offset)]
    internal fixed byte Header6[HeaderBytes];

    /// <summary><see cref="Header4"/> for 0, <see cref="Header6"/> for 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte* Header(InterfaceRow* row, int v6) => (byte*)row + Header4Offset + v6 * (Header6Offset - Header4Offset);

    /// <summary>All legitimate IPv6 sources.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static SourcePrefix6* Sources6(InterfaceRow* row) => (SourcePrefix6*)(row + 1);

    /// <summary>All legitimate IPv4 sources.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static SourcePrefix4* Sources4(InterfaceRow* row) => (SourcePrefix4*)(Sources6(row) + row->Source6Count);
}
