using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// Eight IPv4 headers of 20 octets side by side: vector n holds the n-th 32-bit word of each, as a little-endian load sees it,
/// in the order of the packets. The same checks as <see cref="TenantHeader.IsPlain4"/>, which is the specification. Needs
/// AVX2.
/// </summary>
internal readonly ref struct HeaderLanes
{
    /// <summary>Headers side by side.</summary>
    internal const int Count = 8;

    private readonly Vector256<uint> _versionLength;
    private readonly Vector256<uint> _fragment;
    private readonly Vector256<uint> _ttlChecksum;
    private readonly Vector256<uint> _source;
    private readonly Vector256<uint> _destination;

    /// <summary>Loads and transposes; reads 20 octets of each header, which lies <paramref name="offset"/> octets behind its start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe HeaderLanes(ulong* starts, uint offset)
    {
        FourWords(starts, offset, out _versionLength, out _fragment, out _ttlChecksum, out _source);
        _destination = Words(starts, offset + 16);
    }

    /// <summary>Source addresses.</summary>
    internal Vector256<uint> Source => _source;

    /// <summary>Destination addresses.</summary>
    internal Vector256<uint> Destination => _destination;

    /// <summary>Protocols.</summary>
    internal Vector256<uint> Protocols => (_ttlChecksum >>> 8) & Vector256.Create(0xFFu);

    /// <summary>Total lengths.</summary>
    internal Vector256<uint> Lengths
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Vector256<byte> swap = Vector256.Create(Vector128.Create(
                3, 2, 0x80, 0x80, 7, 6, 0x80, 0x80, 11, 10, 0x80, 0x80, 15, 14, 0x80, (byte)0x80));
            return Avx2.Shuffle(_versionLength.AsByte(), swap).AsUInt32();
        }
    }

    /// <summary>The third words with the TTL one less, see <see cref="TenantHeader.DecrementedTtlWord"/>.</summary>
    internal Vector256<uint> DecrementedTtlWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Vector256<uint> last = Vector256.Create(TenantHeader.LastTwoChecksums);
            Vector256<uint> carry = Vector256.Equals(Vector256.Max(_ttlChecksum, last), _ttlChecksum) & Vector256.Create(1u << 16);
            return _ttlChecksum + Vector256.Create(TenantHeader.TtlStep) + carry;
        }
    }

    /// <summary>Bits in the lanes of headers with a wrong checksum.</summary>
    internal Vector256<uint> BadChecksums
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Vector256<uint> half = Vector256.Create(0xFFFFu);
            Vector256<uint> sum = (_versionLength & half) + (_versionLength >>> 16) + (_fragment & half) + (_fragment >>> 16)
                + (_ttlChecksum & half) + (_ttlChecksum >>> 16) + (_source & half) + (_source >>> 16)
                + (_destination & half) + (_destination >>> 16);
            sum = (sum & half) + (sum >>> 16);
            sum = (sum & half) + (sum >>> 16);
            return sum ^ half;
        }
    }

    /// <summary>Bits in the lanes of headers that do not begin with version 4 and a length of 20 octets.</summary>
    internal Vector256<uint> OtherThanPlainVersion
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (_versionLength & Vector256.Create(0xFFu)) ^ Vector256.Create(0x45u);
    }

    /// <summary>Bits in the lanes of headers that are not plain; version and header length are not looked at.</summary>
    /// <param name="lengths"><see cref="Lengths"/>.</param>
    /// <param name="available">Octets from each header to the end of its frame.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector256<uint> Unusual(Vector256<uint> lengths, Vector256<int> available)
    {
        Vector256<int> signed = lengths.AsInt32();
        Vector256<int> odd = Vector256.LessThan(signed, Vector256.Create(20)) | Vector256.GreaterThan(signed, available)
            | Vector256.LessThan((_ttlChecksum & Vector256.Create(0xFFu)).AsInt32(), Vector256.Create(2));

        // First octets of source and destination in the two halves of each lane.
        Vector256<short> octets = ((_source & Vector256.Create(0xFFu)) | ((_destination & Vector256.Create(0xFFu)) << 16)).AsInt16();
        odd |= (Vector256.Equals(octets, Vector256<short>.Zero) | Vector256.Equals(octets, Vector256.Create((short)127))
            | Vector256.Equals(octets, Vector256.Create((short)169)) | Vector256.GreaterThan(octets, Vector256.Create((short)223))).AsInt32();

        return odd.AsUInt32() | BadChecksums;
    }

    /// <summary>Bits in the lanes of packets that are fragments, or show no TCP, UDP or SCTP ports.</summary>
    /// <param name="lengths"><see cref="Lengths"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector256<uint> WithoutPorts(Vector256<uint> lengths)
    {
        Vector256<uint> protocols = Protocols;
        Vector256<uint> known = Vector256.Equals(protocols, Vector256.Create((uint)IpProtocol.Tcp))
            | Vector256.Equals(protocols, Vector256.Create((uint)IpProtocol.Udp))
            | Vector256.Equals(protocols, Vector256.Create((uint)IpProtocol.Sctp));
        return ~known | (_fragment & Vector256.Create(0xFF3F_0000u))
            | Vector256.LessThan(lengths.AsInt32(), Vector256.Create(HeaderSize.Ipv4 + 4)).AsUInt32();
    }

    /// <summary>The four words of each of eight packets that begin <paramref name="offset"/> octets behind its start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void FourWords(ulong* starts, uint offset, out Vector256<uint> first, out Vector256<uint> second,
        out Vector256<uint> third, out Vector256<uint> fourth)
    {
        Vector256<uint> a = Pair(starts, 0, offset), b = Pair(starts, 1, offset), c = Pair(starts, 2, offset), d = Pair(starts, 3, offset);
        Vector256<ulong> low01 = Avx2.UnpackLow(a, b).AsUInt64(), low23 = Avx2.UnpackLow(c, d).AsUInt64();
        Vector256<ulong> high01 = Avx2.UnpackHigh(a, b).AsUInt64(), high23 = Avx2.UnpackHigh(c, d).AsUInt64();
        first = Avx2.UnpackLow(low01, low23).AsUInt32();
        second = Avx2.UnpackHigh(low01, low23).AsUInt32();
        third = Avx2.UnpackLow(high01, high23).AsUInt32();
        fourth = Avx2.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>The word of each of eight packets that lies <paramref name="offset"/>, at least 12, octets behind its start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe Vector256<uint> Words(ulong* starts, uint offset)
    {
        Vector256<ulong> high01 = Avx2.UnpackHigh(Pair(starts, 0, offset - 12), Pair(starts, 1, offset - 12)).AsUInt64();
        Vector256<ulong> high23 = Avx2.UnpackHigh(Pair(starts, 2, offset - 12), Pair(starts, 3, offset - 12)).AsUInt64();
        return Avx2.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>The numbers whose two octets, in network order, are the first of each word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> FirstNumbers(Vector256<uint> words) => Avx2.Shuffle(words.AsByte(), Vector256.Create(Vector128.Create(
        1, 0, 0x80, 0x80, 5, 4, 0x80, 0x80, 9, 8, 0x80, 0x80, 13, 12, 0x80, (byte)0x80))).AsUInt32();

    /// <summary>The numbers whose four octets, in network order, are the words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> Numbers(Vector256<uint> words) => Avx2.Shuffle(words.AsByte(), Vector256.Create(Vector128.Create(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, (byte)12))).AsUInt32();

    // 16 octets of header n and of header n + 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<uint> Pair(ulong* starts, int n, uint offset) =>
        Vector256.Create(Vector128.Load((uint*)(starts[n] + offset)), Vector128.Load((uint*)(starts[n + 4] + offset)));
}
