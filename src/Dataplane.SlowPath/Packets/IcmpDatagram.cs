using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>Builds whole IP datagrams that carry one ICMP message of the forwarder's own.</summary>
internal static class IcmpDatagram
{
    /// <summary>TTL or hop limit of everything but neighbour discovery.</summary>
    internal const byte DefaultHopLimit = 64;

    /// <summary>Hop limit of neighbour discovery (RFC 4861 section 3.1).</summary>
    internal const byte NeighborDiscoveryHopLimit = 255;

    /// <summary>DSCP CS6: errors are sent with precedence "internetwork control" (RFC 1812 section 4.3.2.5).</summary>
    internal const byte NetworkControl = 0xc0;

    /// <summary>Wraps a message, of the family's ICMP, whose checksum octets are zero; they are filled in the result.</summary>
    /// <param name="source">Source address.</param>
    /// <param name="destination">Destination address of the same family.</param>
    /// <param name="trafficClass">DSCP and ECN.</param>
    /// <param name="hopLimit">TTL or hop limit.</param>
    /// <param name="identification">IPv4 identification; unused for IPv6.</param>
    /// <param name="message">The message.</param>
    internal static byte[] Create(
        IpAddress source,
        IpAddress destination,
        byte trafficClass,
        byte hopLimit,
        ushort identification,
        ReadOnlySpan<byte> message)
    {
        bool v4 = source.Family == AddressFamily.Ipv4;
        int headerLength = v4 ? HeaderSize.Ipv4 : HeaderSize.Ipv6;
        var datagram = new byte[headerLength + message.Length];
        Span<byte> payload = datagram.AsSpan(headerLength);
        message.CopyTo(payload);
        if (v4)
        {
            WriteIpv4(datagram, IpProtocol.Icmp, source.V4, destination.V4, trafficClass, hopLimit, identification);
            IcmpMessage.WriteChecksum(payload);
        }
        else
        {
            WriteIpv6(datagram, IpProtocol.Icmpv6, source.V6, destination.V6, trafficClass, hopLimit);
            IcmpMessage.WriteChecksum(payload, source.V6, destination.V6);
        }
        return datagram;
    }

    /// <summary>Writes the header of a whole datagram, without options, with its checksum.</summary>
    internal static void WriteIpv4(
        Span<byte> datagram, byte protocol, Ipv4Address source, Ipv4Address destination, byte tos, byte ttl, ushort identification)
    {
        datagram[0] = 0x45;
        datagram[1] = tos;
        BinaryPrimitives.WriteUInt16BigEndian(datagram[2..], (ushort)datagram.Length);
        BinaryPrimitives.WriteUInt16BigEndian(datagram[4..], identification);
        datagram[8] = ttl;
        datagram[9] = protocol;
        source.CopyTo(datagram[12..]);
        destination.CopyTo(datagram[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(datagram[10..], InternetChecksum.Compute(datagram[..HeaderSize.Ipv4]));
    }

    /// <summary>Writes the header of a whole datagram without extension headers.</summary>
    internal static void WriteIpv6(
        Span<byte> datagram, byte protocol, Ipv6Address source, Ipv6Address destination, byte trafficClass, byte hopLimit)
    {
        BinaryPrimitives.WriteUInt32BigEndian(datagram, 6u << 28 | (uint)trafficClass << 20);
        BinaryPrimitives.WriteUInt16BigEndian(datagram[4..], (ushort)(datagram.Length - HeaderSize.Ipv6));
        datagram[6] = protocol;
        datagram[7] = hopLimit;
        source.CopyTo(datagram[8..]);
        destination.CopyTo(datagram[24..]);
    }
}
