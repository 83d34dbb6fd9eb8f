using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>Encapsulation of labelled packets.</summary>
public enum Encapsulation : byte
{
    /// <summary>MPLS-in-GRE (RFC 4023), the baseline (FWD-06).</summary>
    MplsInGre,

    /// <summary>MPLS-in-UDP (RFC 7510), flow entropy in the source port.</summary>
    MplsInUdp,

    /// <summary>MPLS-in-IP (RFC 4023, protocol 137).</summary>
    MplsInIp,
}

/// <summary>What the rewrite has to fill into an outer header.</summary>
internal enum TunnelShape : byte
{
    /// <summary>GRE or nothing between IPv4 and the label.</summary>
    OverV4,

    /// <summary>UDP over IPv4.</summary>
    UdpOverV4,

    /// <summary>GRE or nothing between IPv6 and the label.</summary>
    OverV6,

    /// <summary>UDP over IPv6.</summary>
    UdpOverV6,
}

/// <summary>
/// The adjacency of a remote forwarder: the whole prebuilt outer header, from the Ethernet header to the label entry.
/// Immutable once published; a change builds a new row and swaps the pointer in <see cref="DatapathRoot.Tunnels"/>.
/// Writer: control thread. Readers: workers.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal unsafe struct TunnelRow
{
    /// <summary>Ethernet header of a core frame; core ports are untagged.</summary>
    internal const int EthernetBytes = 14;

    /// <summary>Longest outer header, rounded up to whole vectors; IPv6 and UDP take 66.</summary>
    internal const int TemplateBytes = 80;

    /// <summary>Bytes of <see cref="Template"/>.</summary>
    internal const int TemplateTailBytes = 64;

    /// <summary>The last 64 bytes of the outer header with zero lengths, checksums, label and TOS, aligned to their end; a
    /// cache line of their own.</summary>
    [FieldOffset(0)]
    internal fixed byte Template[TemplateTailBytes];

    /// <summary>IPv4: one's complement sum, folded, of the outer header's words without the first two and the checksum.</summary>
    [FieldOffset(64)]
    internal uint ChecksumBase;

    /// <summary>UDP over IPv6: one's complement sum of the pseudo header's addresses and protocol.</summary>
    [FieldOffset(68)]
    internal uint PseudoHeaderSum;

    /// <summary>Longest inner packet in bytes that fits the path (FWD-23).</summary>
    [FieldOffset(72)]
    internal ushort InnerMtu;

    /// <summary>Port row to send on.</summary>
    [FieldOffset(74)]
    internal ushort Port;

    /// <summary>Bytes of the whole header, the label entry included.</summary>
    [FieldOffset(76)]
    internal byte HeaderLength;

    /// <summary>What the outer header is made of.</summary>
    [FieldOffset(78)]
    internal TunnelShape Shape;

    /// <summary>Bytes from the outer IP header to the label entry, it included: <see cref="HeaderLength"/> without
    /// <see cref="EthernetBytes"/>.</summary>
    [FieldOffset(79)]
    internal byte OuterOverhead;

    /// <summary>1 when the underlay next hop's MAC is in the template; 0 sends packets to the slow path.</summary>
    [FieldOffset(80)]
    internal byte Resolved;

    /// <summary>UDP over IPv6: 1 sends a zero checksum (RFC 6935).</summary>
    [FieldOffset(81)]
    internal byte ZeroUdpChecksum;

    /// <summary><see cref="InnerMtu"/> while <see cref="Resolved"/>, otherwise 0: one comparison says whether a packet can be
    /// sent as it is.</summary>
    [FieldOffset(82)]
    internal ushort ReadyMtu;

    /// <summary>Low bits of the label entry: bottom of stack and TTL.</summary>
    [FieldOffset(84)]
    internal uint LabelTail;

    /// <summary>What comes in front of <see cref="Template"/>.</summary>
    [FieldOffset(96)]
    internal fixed byte TemplateHead[TemplateBytes - TemplateTailBytes];
}
