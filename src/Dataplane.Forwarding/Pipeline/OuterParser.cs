using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>What a parsed outer header says.</summary>
internal unsafe ref struct OuterHeader
{
    /// <summary>Payload protocol.</summary>
    internal byte Protocol;

    /// <summary>True for IPv6.</summary>
    internal bool V6;

    /// <summary>First octet of the IP header.</summary>
    internal byte* Ip;

    /// <summary>First octet after it.</summary>
    internal byte* Payload;

    /// <summary>Octets of payload, padding not counted.</summary>
    internal uint PayloadBytes;
}

/// <summary>
/// Outer IP, GRE and UDP headers on arrival (RFC 4023, 2784, 7510). Reads only inside the bytes given.
/// </summary>
internal static unsafe class OuterParser
{
    /// <summary>Explicit-null entries tolerated above a VPN label.</summary>
    internal const int MaxExplicitNulls = 2;

    /// <summary>Bytes of a label stack entry.</summary>
    internal const int LabelEntryBytes = 4;

    private const ushort GreChecksumPresent = 0x8000;

    /// <summary>Parses and checks an outer IPv4 header; fragments are recognised by <see cref="IsFragment4"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason Parse4(byte* ip, uint available, out OuterHeader outer)
    {
        outer = default;
        DropReason reason = TenantHeader.CheckShape4(ip, available, out uint length);
        if (reason != DropReason.None)
            return reason == DropReason.BadChecksum ? DropReason.OuterBadChecksum : DropReason.OuterBadHeader;
        uint headerBytes = (uint)(ip[0] & 0x0F) * 4;
        outer.Ip = ip;
        outer.Protocol = ip[9];
        outer.Payload = ip + headerBytes;
        outer.PayloadBytes = length - headerBytes;
        return DropReason.None;
    }

    /// <summary>Parses and checks an outer IPv6 header.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason Parse6(byte* ip, uint available, out OuterHeader outer)
    {
        outer = default;
        if (TenantHeader.CheckShape6(ip, available, out uint length) != DropReason.None)
            return DropReason.OuterBadHeader;
        outer.V6 = true;
        outer.Ip = ip;
        outer.Protocol = ip[6];
        outer.Payload = ip + HeaderSize.Ipv6;
        outer.PayloadBytes = length - HeaderSize.Ipv6;
        return DropReason.None;
    }

    /// <summary>True for any fragment: more to come, or an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsFragment4(byte* ip) => (ip[6] & 0x3F | ip[7]) != 0;

    /// <summary>Steps over the GRE header of MPLS-in-GRE.</summary>
    internal static DropReason StripGre(ref OuterHeader outer)
    {
        if (outer.PayloadBytes < HeaderSize.Gre)
            return DropReason.OuterBadHeader;
        ushort flags = BinaryPrimitives.ReverseEndianness(*(ushort*)outer.Payload);
        ushort protocol = BinaryPrimitives.ReverseEndianness(*(ushort*)(outer.Payload + 2));
        if ((flags & ~GreChecksumPresent) != 0 || protocol != EtherType.Mpls)
            return DropReason.GreUnsupported;
        uint headerBytes = HeaderSize.Gre;
        if ((flags & GreChecksumPresent) != 0)
        {
            headerBytes += 4;
            if (outer.PayloadBytes < headerBytes)
                return DropReason.OuterBadHeader;
            if (WordSum.Fold(WordSum.Of(outer.Payload, outer.PayloadBytes)) != 0xFFFF)
                return DropReason.GreChecksum;
        }
        outer.Payload += headerBytes;
        outer.PayloadBytes -= headerBytes;
        return DropReason.None;
    }

    /// <summary>Steps over the UDP header of MPLS-in-UDP.</summary>
    internal static DropReason StripUdp(ref OuterHeader outer, bool acceptZero6)
    {
        if (outer.PayloadBytes < HeaderSize.Udp)
            return DropReason.OuterBadHeader;
        if (BinaryPrimitives.ReverseEndianness(*(ushort*)(outer.Payload + 2)) != UdpPort.MplsInUdp)
            return DropReason.UnsupportedProtocol;
        uint length = BinaryPrimitives.ReverseEndianness(*(ushort*)(outer.Payload + 4));
        if (length < HeaderSize.Udp || length > outer.PayloadBytes)
            return DropReason.OuterBadHeader;
        if (*(ushort*)(outer.Payload + 6) == 0)
        {
            if (outer.V6 && !acceptZero6)
                return DropReason.UdpChecksum;
        }
        else
        {
            ulong sum = outer.V6 ? WordSum.Of(outer.Ip + 8, 32) : WordSum.Of(outer.Ip + 12, 8);
            sum += BinaryPrimitives.ReverseEndianness((ushort)length);
            sum += (uint)IpProtocol.Udp << 8;
            sum += WordSum.Of(outer.Payload, length);
            if (WordSum.Fold(sum) != 0xFFFF)
                return DropReason.UdpChecksum;
        }
        outer.Payload += HeaderSize.Udp;
        outer.PayloadBytes = length - HeaderSize.Udp;
        return DropReason.None;
    }

    /// <summary>
    /// Reads the label stack: explicit nulls, then the VPN label at the bottom (RFC 3032). Steps over it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason StripLabels(ref OuterHeader outer, out uint label)
    {
        label = 0;
        for (int depth = 0; depth <= MaxExplicitNulls; depth++)
        {
            if (outer.PayloadBytes < LabelEntryBytes)
                return DropReason.LabelStack;
            uint entry = BinaryPrimitives.ReverseEndianness(*(uint*)outer.Payload);
            outer.Payload += LabelEntryBytes;
            outer.PayloadBytes -= LabelEntryBytes;
            if ((byte)entry == 0)
                return DropReason.LabelTtl;
            label = entry >> 12;
            if ((entry & 0x100) != 0)
                return DropReason.None;
            if (label is not (Label20.ExplicitNull4 or Label20.ExplicitNull6))
                return DropReason.LabelStack;
        }
        return DropReason.LabelStack;
    }
}
