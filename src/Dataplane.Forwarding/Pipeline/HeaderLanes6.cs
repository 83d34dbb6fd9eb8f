using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// Those words of eight IPv6 headers that a plain packet is known by, side by side as in <see cref="HeaderLanes"/>. The same checks
/// as <see cref="TenantHeader.IsPlain6"/>, which is the specification. Needs AVX2.
/// </summary>
internal readonly ref struct HeaderLanes6
{
    private readonly Vector256<uint> _version;
    private readonly Vector256<uint> _lengthNextHop;
    private readonly Vector256<uint> _source;
    private readonly Vector256<uint> _destination;

    /// <summary>Loads and transposes; reads the first 28 octets of each header, which lies <paramref name="offset"/> octets behind its
    /// start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe HeaderLanes6(ulong* starts, uint offset)
    {
        HeaderLanes.FourWords(starts, offset, out _version, out _lengthNextHop, out _source, out _);
        _destination = HeaderLanes.Words(starts, offset + 24);
    }

    /// <summary>Lengths of the packets, header included.</summary>
    internal Vector256<uint> Lengths
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => HeaderLanes.FirstNumbers(_lengthNextHop) + Vector256.Create((uint)HeaderSize.Ipv6);
    }

    /// <summary>Bits in the lanes of headers that do not begin with version 6.</summary>
    internal Vector256<uint> OtherVersion
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (_version & Vector256.Create(0xF0u)) ^ Vector256.Create(0x60u);
    }

    /// <summary>Bits in the lanes of headers that are not plain; the version is not looked at.</summary>
    /// <param name="lengths"><see cref="Lengths"/>.</param>
    /// <param name="available">Octets from each header to the end of its frame.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector256<uint> Unusual(Vector256<uint> lengths, Vector256<int> available)
    {
        Vector256<uint> next = (_lengthNextHop >>> 16) & Vector256.Create(0xFFu);
        Vector256<uint> known = Vector256.Equals(next, Vector256.Create((uint)IpProtocol.Tcp)) | Vector256.Equals(next, Vector256.Create((uint)IpProtocol.Udp));
        Vector256<int> odd = Vector256.GreaterThan(lengths.AsInt32(), available)
            | Vector256.LessThan((_lengthNextHop >>> 24).AsInt32(), Vector256.Create(2));

        // First octets of source and destination in the two halves of each lane.
        Vector256<short> octets = ((_source & Vector256.Create(0xFFu)) | ((_destination & Vector256.Create(0xFFu)) << 16)).AsInt16();
        odd |= (Vector256.Equals(octets, Vector256<short>.Zero) | Vector256.GreaterThan(octets, Vector256.Create((short)0xFD))).AsInt32();
        return odd.AsUInt32() | ~known;
    }
}
