using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>
/// One virtual interface. Immutable once published: a change builds a new row and swaps the pointer in
/// <see cref="DatapathRoot.Interfaces"/>. Writer: control thread. Readers: workers.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct InterfaceRow
{
    /// <summary>Bytes of a delivery header template, the longest being MACs, two tags and the EtherType.</summary>
    internal const int HeaderBytes = 32;

    /// <summary>MAC of the guest or of the NIC it shares, wire order as a little-endian word; 0 = resolve per address.</summary>
    internal ulong MacWire;

    /// <summary>The VRF it is bound to.</summary>
    internal uint Vrf;

    /// <summary>Layer-3 MTU in bytes.</summary>
    internal ushort Mtu;

    /// <summary>Port row.</summary>
    internal ushort Port;

    /// <summary>Bytes of the delivery header: 14, 18 or 22.</summary>
    internal byte HeaderLength;

    /// <summary>Outer IPv4 TOS or IPv6 traffic class of what it sends: DSCP shifted left by two, ECN zero (QOS-05).</summary>
    internal byte OuterTos;

    /// <summary>Label TC of what it sends, already at its place in the label entry (bits 11 to 9).</summary>
    internal ushort LabelTcBits;

    /// <summary>Entries at <see cref="Sources4"/>; the first one is repeated in <see cref="FirstSource4"/>.</summary>
    internal int Source4Count;

    /// <summary>Entries at <see cref="Sources6"/>.</summary>
    internal int Source6Count;

    /// <summary>The first legitimate IPv4 source; matches nothing (mask 0, address non-zero) when there is none.</summary>
    internal SourcePrefix4 FirstSource4;

    /// <summary>The first legitimate IPv6 source; matches nothing when there is none.</summary>
    internal SourcePrefix6 FirstSource6;

    /// <summary>All legitimate IPv4 sources; in the same block as this row.</summary>
    internal SourcePrefix4* Sources4;

    /// <summary>All legitimate IPv6 sources; in the same block as this row.</summary>
    internal SourcePrefix6* Sources6;

    /// <summary>Ethernet header of frames delivered with IPv4: destination MAC, virtual MAC, tags, 0x0800.</summary>
    internal fixed byte Header4[HeaderBytes];

    /// <summary>The same for IPv6.</summary>
    internal fixed byte Header6[HeaderBytes];
}
