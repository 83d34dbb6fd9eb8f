using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// Checks of a tenant's IP header, the same for packets from interfaces and from tunnels. Each reads only inside the
/// <c>available</c> bytes it is given. Words are compared as little-endian loads see network order.
/// </summary>
internal static unsafe class TenantHeader
{
    private const byte LooseSourceRoute = 131;
    private const byte StrictSourceRoute = 137;
    private const ushort LinkLocal4Wire = 0xFEA9;
    private const ulong Ipv6LoopbackLow = 0x0100_0000_0000_0000;

    /// <summary>One less in the lowest octet, one more in the upper half.</summary>
    internal const uint TtlStep = (1u << 16) - 1;

    /// <summary>Words from here on have a checksum that needs the carry.</summary>
    internal const uint LastTwoChecksums = 0xFFFE_0000;

    private const byte Unusual4 = 1;
    private const byte Unusual6 = 2;

    // 65535 · ChecksumInverse = 1 modulo 2^64, and a multiple of 65535 is one that this product leaves small.
    private const ulong ChecksumInverse = 0xFFFE_FFFE_FFFE_FFFF;
    private const ulong LargestQuotient = ulong.MaxValue / 0xFFFF;

    /// <summary>
    /// By first octet of an address: bit 0 set when an IPv4 address that begins so may be a martian, multicast or
    /// link-local, bit 1 the same for IPv6. 256 octets, for good at one place.
    /// </summary>
    internal static byte* UnusualOctets
    {
        get
        {
            // Static data of the module, which nothing moves.
            ReadOnlySpan<byte> table =
            [
                3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3,
            ];
            return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(table));
        }
    }

    /// <summary>
    /// The common case in one go: true when <see cref="CheckShape4"/>, <see cref="CheckAddresses4"/> and
    /// <see cref="CheckReach4"/> pass, no flag is due and the TTL is above one. False says nothing. Version and header length
    /// are already known to be 0x45.
    /// </summary>
    /// <param name="ip">First octet of the header; 20 octets can be read.</param>
    /// <param name="available">Octets from there to the end of the frame.</param>
    /// <param name="octets"><see cref="UnusualOctets"/>.</param>
    /// <param name="length">Total length of the packet.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsPlain4(byte* ip, uint available, byte* octets, out uint length)
    {
        length = BinaryPrimitives.ReverseEndianness(*(ushort*)(ip + 2));
        return length - HeaderSize.Ipv4 <= available - HeaderSize.Ipv4
            && ip[8] > 1
            && ((octets[ip[12]] | octets[ip[16]]) & Unusual4) == 0
            && HasGoodChecksum(ip);
    }

    /// <summary>True when the checksum of a header of 20 octets is right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HasGoodChecksum(byte* ip)
    {
        ulong first = *(ulong*)ip;
        ulong sum = (uint)first + (first >> 32) + *(uint*)(ip + 8) + *(uint*)(ip + 12) + *(uint*)(ip + 16);
        return sum * ChecksumInverse <= LargestQuotient;
    }

    /// <summary>
    /// TTL, protocol and checksum of an IPv4 header with the TTL, at least 1, one less: the checksum, upper half of the
    /// word, goes up by what the TTL, its lowest octet, goes down (RFC 1141), with a carry around its end; 0xFFFF is written
    /// as 0 (RFC 1624).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint DecrementedTtlWord(byte* ip)
    {
        uint word = *(uint*)(ip + 8);
        return word + TtlStep + (word >= LastTwoChecksums ? 1u << 16 : 0);
    }

    /// <summary>
    /// The same for IPv6, after the version; a next header that needs a look is left to the other checks.
    /// </summary>
    /// <param name="ip">First octet of the header; 40 octets can be read.</param>
    /// <param name="available">Octets from there to the end of the frame.</param>
    /// <param name="octets"><see cref="UnusualOctets"/>.</param>
    /// <param name="length">Length of the packet, header included.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsPlain6(byte* ip, uint available, byte* octets, out uint length)
    {
        uint second = *(uint*)(ip + 4);
        uint next = second >> 16 & 0xFF;
        length = HeaderSize.Ipv6 + (uint)BinaryPrimitives.ReverseEndianness((ushort)second);
        return length <= available
            && second >> 24 > 1
            && ((octets[ip[8]] | octets[ip[24]]) & Unusual6) == 0
            && next is IpProtocol.Tcp or IpProtocol.Udp;
    }

    /// <summary>Version, lengths, checksum, martians, multicast, source routes of an IPv4 packet (RFC 791, 1812).</summary>
    /// <param name="ip">First octet of the header.</param>
    /// <param name="available">Octets from there to the end of the frame.</param>
    /// <param name="length">Total length of the packet, at most <paramref name="available"/>.</param>
    /// <param name="flags">Gets <see cref="PacketFlags.LinkLocal"/> for a link-local destination.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason Check4(byte* ip, uint available, out uint length, ref byte flags)
    {
        DropReason reason = CheckShape4(ip, available, out length);
        if (reason != DropReason.None)
            return reason;
        reason = CheckAddresses4(ip, ref flags);
        return reason != DropReason.None ? reason : CheckReach4(ip);
    }

    /// <summary>Version, lengths and checksum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason CheckShape4(byte* ip, uint available, out uint length)
    {
        length = 0;
        if (available < HeaderSize.Ipv4)
            return DropReason.BadIpHeader;
        uint headerBytes = (uint)(ip[0] & 0x0F) * 4;
        length = (uint)(ip[2] << 8 | ip[3]);
        if (ip[0] >> 4 != 4 || headerBytes < HeaderSize.Ipv4 || length < headerBytes || length > available)
            return DropReason.BadIpHeader;
        ulong sum = *(ulong*)ip;
        ulong rest = *(ulong*)(ip + 8);
        ulong total = (sum & 0xFFFFFFFF) + (sum >> 32) + (rest & 0xFFFFFFFF) + (rest >> 32) + *(uint*)(ip + 16);
        for (uint at = HeaderSize.Ipv4; at < headerBytes; at += 4)
            total += *(uint*)(ip + at);
        // 2^16 is 1 modulo 65535: the folded sum is all ones just when 65535 divides it. It is never zero.
        return total % 0xFFFF == 0 ? DropReason.None : DropReason.BadChecksum;
    }

    /// <summary>Addresses that are never a source or a destination; marks link-local destinations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason CheckAddresses4(byte* ip, ref byte flags)
    {
        uint source = ip[12];
        uint destination = ip[16];
        if (source == 0 | source == 127 | source >= 224)
            return DropReason.MartianSource;
        if (destination == 0 | destination == 127 | destination >= 240)
        {
            if (*(uint*)(ip + 16) != uint.MaxValue)
                return DropReason.MartianDestination;
        }
        if (*(ushort*)(ip + 16) == LinkLocal4Wire)
            flags |= PacketFlags.LinkLocal;
        return DropReason.None;
    }

    /// <summary>Multicast and limited broadcast, source routes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason CheckReach4(byte* ip)
    {
        if (ip[16] >= 224)
            return DropReason.Multicast;
        return ip[0] != 0x45 && IsSourceRouted4(ip) ? DropReason.SourceRoute : DropReason.None;
    }

    /// <summary>Version, lengths, martians, multicast, routing header 0 of an IPv6 packet (RFC 8200, 4291, 5095).</summary>
    /// <inheritdoc cref="Check4" path="/param"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason Check6(byte* ip, uint available, out uint length, ref byte flags)
    {
        DropReason reason = CheckShape6(ip, available, out length);
        if (reason != DropReason.None)
            return reason;
        reason = CheckAddresses6(ip, ref flags);
        return reason != DropReason.None ? reason : CheckReach6(ip, length);
    }

    /// <summary>Version and lengths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason CheckShape6(byte* ip, uint available, out uint length)
    {
        length = 0;
        if (available < HeaderSize.Ipv6)
            return DropReason.BadIpHeader;
        length = HeaderSize.Ipv6 + (uint)(ip[4] << 8 | ip[5]);
        return ip[0] >> 4 != 6 || length > available || length > ushort.MaxValue
            ? DropReason.BadIpHeader : DropReason.None;
    }

    /// <summary>Addresses that are never a source or a destination; marks link-local ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason CheckAddresses6(byte* ip, ref byte flags)
    {
        ulong source = *(ulong*)(ip + 8);
        ulong destination = *(ulong*)(ip + 24);
        if ((byte)source == 0xFF || (source == 0 && *(ulong*)(ip + 16) is 0 or Ipv6LoopbackLow))
            return DropReason.MartianSource;
        if (destination == 0 && *(ulong*)(ip + 32) is 0 or Ipv6LoopbackLow)
            return DropReason.MartianDestination;
        if ((source & 0xC0FF) == 0x80FE | (destination & 0xC0FF) == 0x80FE)
            flags |= PacketFlags.LinkLocal;
        return DropReason.None;
    }

    /// <summary>Multicast, routing header 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DropReason CheckReach6(byte* ip, uint length)
    {
        if (ip[24] == 0xFF)
            return DropReason.Multicast;
        byte next = ip[6];
        return next is 0 or 43 or 60 && HasRoutingHeader0(ip, length) ? DropReason.SourceRoute : DropReason.None;
    }

    /// <summary>True for ICMPv6 types 133 to 137: neighbour discovery, which belongs to the first hop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsNeighborDiscovery(byte* ip, uint length) =>
        ip[6] == IpProtocol.Icmpv6 && length > HeaderSize.Ipv6 && (uint)(ip[HeaderSize.Ipv6] - 133) <= 4;

    /// <summary>Source validation against the interface's IPv4 addresses (SEC-02).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsLegitimateSource4(InterfaceRow* row, byte* ip)
    {
        uint source = *(uint*)(ip + 12);
        SourcePrefix4* prefixes = InterfaceRow.Sources4(row);
        for (int i = 0; i < row->Source4Count; i++)
        {
            if ((source & prefixes[i].MaskWire) == prefixes[i].AddressWire)
                return true;
        }
        return false;
    }

    /// <summary>Source validation against the interface's IPv6 addresses (SEC-02).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsLegitimateSource6(InterfaceRow* row, byte* ip)
    {
        ulong source0 = *(ulong*)(ip + 8);
        ulong source1 = *(ulong*)(ip + 16);
        SourcePrefix6* prefixes = InterfaceRow.Sources6(row);
        for (int i = 0; i < row->Source6Count; i++)
        {
            if (Matches(prefixes[i], source0, source1))
                return true;
        }
        return false;
    }

    private static bool Matches(in SourcePrefix6 prefix, ulong source0, ulong source1) =>
        ((source0 & prefix.MaskWire0) ^ prefix.AddressWire0 | (source1 & prefix.MaskWire1) ^ prefix.AddressWire1) == 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsSourceRouted4(byte* ip)
    {
        int headerBytes = (ip[0] & 0x0F) * 4;
        for (int at = HeaderSize.Ipv4; at < headerBytes;)
        {
            byte option = ip[at];
            if (option is LooseSourceRoute or StrictSourceRoute)
                return true;
            if (option == 0)
                return false;
            if (option == 1)
            {
                at++;
                continue;
            }
            if (at + 1 >= headerBytes || ip[at + 1] < 2)
                return false;
            at += ip[at + 1];
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool HasRoutingHeader0(byte* ip, uint length)
    {
        byte next = ip[6];
        for (uint at = HeaderSize.Ipv6; next is 0 or 43 or 60 && at + 8 <= length;)
        {
            if (next == 43 && ip[at + 2] == 0)
                return true;
            next = ip[at];
            at += (uint)(ip[at + 1] + 1) * 8;
        }
        return false;
    }
}
