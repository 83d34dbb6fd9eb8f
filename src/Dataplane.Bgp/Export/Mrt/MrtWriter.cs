using System.Buffers;
using System.Buffers.Binary;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Export.Mrt;

/// <summary>
/// The octets of MRT records.
/// <code>
/// +---------------------------------------------------------------+
/// |                       timestamp, seconds                      |
/// +-------------------------------+-------------------------------+
/// |             type              |            subtype            |
/// +-------------------------------+-------------------------------+
/// |                    length of what follows                     |
/// +---------------------------------------------------------------+
/// |     microseconds (BGP4MP_ET), counted in the length           |
/// +---------------------------------------------------------------+
/// |  message ...
/// </code>
/// </summary>
internal static class MrtWriter
{
    private const int HeaderSize = 12;
    private const int LengthOffset = 8;

    /// <summary>Writes a record whose message is written by the caller between this and <see cref="End"/>.</summary>
    internal static void Begin(ArrayBufferWriter<byte> to, DateTimeOffset time, MrtType type, ushort subtype)
    {
        to.ResetWrittenCount();
        U32(to, (uint)time.ToUnixTimeSeconds());
        U16(to, (ushort)type);
        U16(to, subtype);
        U32(to, 0);
        if (type == MrtType.Bgp4MpEt)
        {
            U32(to, (uint)(time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
        }
    }

    /// <summary>The whole record, with its length.</summary>
    internal static byte[] End(ArrayBufferWriter<byte> from)
    {
        byte[] record = from.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(LengthOffset), (uint)(record.Length - HeaderSize));
        return record;
    }

    /// <summary>Both ends of a BGP4MP record (RFC 6396 §4.4.1); an address that is not known is unspecified.</summary>
    internal static void Ends(ArrayBufferWriter<byte> to, bool fourOctets, AsNumber peerAs, AsNumber localAs, IpAddress peer, IpAddress? local)
    {
        As(to, peerAs, fourOctets);
        As(to, localAs, fourOctets);
        U16(to, 0); // interface index: not known
        U16(to, (ushort)(peer.IsV6 ? 2 : 1));
        Address(to, peer);
        if (local is { } known && known.Family == peer.Family)
        {
            Address(to, known);
        }
        else
        {
            Zeros(to, peer.Size);
        }
    }

    /// <summary>The family whose NLRI an UPDATE has: the one of MP_REACH_NLRI or MP_UNREACH_NLRI, else IPv4 unicast.</summary>
    internal static RouteFamily? FamilyOf(ReadOnlySpan<byte> update)
    {
        ReadOnlySpan<byte> body = update[MessageHeader.Size..];
        if (body.Length < 4 || 4 + BinaryPrimitives.ReadUInt16BigEndian(body) > body.Length)
        {
            return null;
        }

        body = body[(2 + BinaryPrimitives.ReadUInt16BigEndian(body))..];
        ReadOnlySpan<byte> attributes = body[2..Math.Min(body.Length, 2 + BinaryPrimitives.ReadUInt16BigEndian(body))];
        while (attributes.Length >= 4)
        {
            var header = (attributes[0] & 0x10) != 0 ? 4 : 3;
            int length = header == 4 ? BinaryPrimitives.ReadUInt16BigEndian(attributes[2..]) : attributes[2];
            if (attributes.Length < header + length)
            {
                return null;
            }

            if (attributes[1] is 14 or 15 && length >= 3)
            {
                return RouteFamilies.TryGet(BinaryPrimitives.ReadUInt16BigEndian(attributes[header..]), attributes[header + 2], out RouteFamily family)
                    ? family : null;
            }

            attributes = attributes[(header + length)..];
        }

        return RouteFamily.Ipv4Unicast;
    }

    internal static void As(ArrayBufferWriter<byte> to, AsNumber number, bool fourOctets)
    {
        if (fourOctets)
        {
            U32(to, number.Value);
        }
        else
        {
            U16(to, number.IsTwoOctet ? (ushort)number.Value : AsNumber.Trans);
        }
    }

    internal static void Address(ArrayBufferWriter<byte> to, IpAddress address)
    {
        address.CopyTo(to.GetSpan(address.Size));
        to.Advance(address.Size);
    }

    internal static void Zeros(ArrayBufferWriter<byte> to, int count)
    {
        to.GetSpan(count)[..count].Clear();
        to.Advance(count);
    }

    internal static void U8(ArrayBufferWriter<byte> to, byte value) => to.Write([value]);

    internal static void U16(ArrayBufferWriter<byte> to, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to.GetSpan(2), value);
        to.Advance(2);
    }

    internal static void U32(ArrayBufferWriter<byte> to, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to.GetSpan(4), value);
        to.Advance(4);
    }
}
