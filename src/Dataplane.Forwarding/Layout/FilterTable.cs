using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>What a filter row looks at besides the addresses; of a packet, which of these it has.</summary>
[Flags]
internal enum FilterFields : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Protocol, in IPv6 that of the upper layer.</summary>
    Protocol = 1,

    /// <summary>Source or destination port.</summary>
    Port = 2,

    /// <summary>Destination port.</summary>
    DestinationPort = 4,

    /// <summary>Source port.</summary>
    SourcePort = 8,

    /// <summary>ICMP type.</summary>
    IcmpType = 16,

    /// <summary>ICMP code.</summary>
    IcmpCode = 32,

    /// <summary>TCP flags.</summary>
    TcpFlags = 64,

    /// <summary>Bytes of the IP packet.</summary>
    Length = 128,

    /// <summary>DSCP.</summary>
    Dscp = 256,

    /// <summary>Fragment bits.</summary>
    Fragment = 512,

    /// <summary>Flow label of IPv6.</summary>
    FlowLabel = 1024,
}

/// <summary>What is done with packets that a filter row matches.</summary>
[Flags]
internal enum FilterActions : byte
{
    /// <summary>They pass, and no row behind is asked.</summary>
    None = 0,

    /// <summary>They are dropped.</summary>
    Discard = 1,

    /// <summary>At most <see cref="FilterRow.BytesPerSecond"/> pass.</summary>
    LimitBytes = 2,

    /// <summary>At most <see cref="FilterRow.PacketsPerSecond"/> pass.</summary>
    LimitPackets = 4,

    /// <summary>Their DSCP becomes <see cref="FilterRow.Dscp"/>.</summary>
    Mark = 8,

    /// <summary>They are looked up in <see cref="FilterRow.Vrf"/>.</summary>
    Redirect = 16,

    /// <summary>Rows behind are asked too.</summary>
    Continue = 32,
}

/// <summary>A range of numbers, both ends in it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FilterRange
{
    /// <summary>First number.</summary>
    internal uint First;

    /// <summary>Last number.</summary>
    internal uint Last;
}

/// <summary>Some ranges of <see cref="FilterTable.Ranges"/>, ascending and apart.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FilterRanges
{
    /// <summary>Index of the first.</summary>
    internal uint Start;

    /// <summary>How many.</summary>
    internal uint Count;
}

/// <summary>One rule of a <see cref="FilterTable"/>. Writer: control thread, before the table is published.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FilterRow
{
    /// <summary>Octets in the bit set of TCP flags: one bit for each value of twelve bits.</summary>
    internal const int TcpFlagWords = 4096 / 64;

    /// <summary>Wire words of the destination under its mask; IPv4 in the lower half of the first.</summary>
    internal ulong Destination0, Destination1, DestinationMask0, DestinationMask1;

    /// <summary>The same of the source.</summary>
    internal ulong Source0, Source1, SourceMask0, SourceMask1;

    /// <summary>Protocols that match, a bit each.</summary>
    internal fixed ulong Protocols[4];

    /// <summary>ICMP types that match.</summary>
    internal fixed ulong IcmpTypes[4];

    /// <summary>ICMP codes that match.</summary>
    internal fixed ulong IcmpCodes[4];

    /// <summary>DSCPs that match.</summary>
    internal ulong Dscps;

    /// <summary>Bytes per second and worker.</summary>
    internal ulong BytesPerSecond;

    /// <summary>Packets per second and worker.</summary>
    internal ulong PacketsPerSecond;

    /// <summary>TCP flags that match: <see cref="TcpFlagWords"/> words, or null.</summary>
    internal ulong* TcpFlags;

    /// <summary>Ports that match.</summary>
    internal FilterRanges Ports, DestinationPorts, SourcePorts;

    /// <summary>Lengths that match.</summary>
    internal FilterRanges Lengths;

    /// <summary>Flow labels that match.</summary>
    internal FilterRanges FlowLabels;

    /// <summary>What it looks at.</summary>
    internal FilterFields Asked;

    /// <summary>Values of the four fragment bits that match, a bit each.</summary>
    internal ushort Fragments;

    /// <summary>What it does.</summary>
    internal FilterActions Actions;

    /// <summary>DSCP to set.</summary>
    internal byte Dscp;

    /// <summary>VRF to look up in, as in <see cref="VrfRow.Id"/>: without effect once that one has gone.</summary>
    internal uint Vrf;

    /// <summary>Row of its counters and buckets.</summary>
    internal uint Counter;
}

/// <summary>
/// The filters of a VRF for packets of one family that enter from its interfaces (SIG-20, ARC-20), first match first. One block with
/// all that its pointers lead to; never changed once it is published, freed by epoch. Writer: control thread. Readers: workers.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FilterTable
{
    /// <summary>Most rules of a VRF and family: each packet is compared with all of them in the worst case.</summary>
    internal const int MostRules = 256;

    /// <summary>Rules compared at a time; the lanes are padded to a multiple with what matches nothing.</summary>
    internal const int Lanes = 8;

    /// <summary>Rules.</summary>
    internal int Count;

    /// <summary>The rules.</summary>
    internal FilterRow* Rows;

    /// <summary>Ranges of them all.</summary>
    internal FilterRange* Ranges;

    /// <summary>IPv4: the destination of each rule, wire; null in IPv6.</summary>
    internal uint* Destinations;

    /// <summary>IPv4: the mask of each destination.</summary>
    internal uint* DestinationMasks;

    /// <summary>IPv4: the source of each rule.</summary>
    internal uint* Sources;

    /// <summary>IPv4: the mask of each source.</summary>
    internal uint* SourceMasks;
}

/// <summary>What a rule did, by its counter row. Writer: the worker.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FilterCount
{
    /// <summary>Packets that it matched.</summary>
    public ulong Packets;

    /// <summary>Bytes of them.</summary>
    public ulong Bytes;

    /// <summary>Packets of them that it dropped.</summary>
    public ulong Dropped;
}

/// <summary>A token bucket that may be in debt: what comes while there are tokens passes whole. In units times ticks of the clock, so that nothing is
/// lost in rounding. Owner: the worker.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FilterBucket
{
    /// <summary>Clock of the last refill; 0 before the first.</summary>
    internal ulong RefilledAt;

    /// <summary>Tokens; negative while in debt.</summary>
    internal long Tokens;
}
