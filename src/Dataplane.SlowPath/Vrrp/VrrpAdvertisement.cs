using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// A VRRPv3 advertisement (RFC 9568 section 5.2), in its IP packet.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------+-------+---------------+---------------+---------------+
/// | ver 3 | type 1| virtual rtr id|   priority    |  addr count   |
/// +-------+-------+---------------+---------------+---------------+
/// |  0    | interval, centisecs   |           checksum            |
/// +-------+-----------------------+-------------------------------+
/// |  addresses, 4 or 16 octets each ...
/// </code>
/// The checksum covers a pseudo-header as well: always for IPv6, for IPv4 as RFC 5798 was mostly read. RFC 9568 clarifies that
/// for IPv4 it does not; either is taken.
/// </summary>
internal readonly record struct VrrpAdvertisement(
    AddressFamily Family, byte VirtualRouterId, byte Priority, int Interval, IpAddress Source)
{
    internal const byte HopLimit = 255;
    private const int HeaderLength = 8;
    private const byte VersionAndType = 0x31;

    /// <summary>224.0.0.18.</summary>
    internal static Ipv4Address Group4 => new(0xe000_0012);

    /// <summary>ff02::12.</summary>
    internal static Ipv6Address Group6 => new(0xff02_0000_0000_0000, 0x12);

    /// <summary>MAC of the group (RFC 1112 section 6.4, RFC 2464 section 7).</summary>
    internal static MacAddress GroupMac(AddressFamily family) =>
        family == AddressFamily.Ipv4 ? new(0x0100_5e00_0012) : EthernetFrame.Multicast(Group6);

    /// <summary>Reads what follows the Ethernet header; octets beyond the IP packet are padding.</summary>
    internal static VrrpFault Read(ReadOnlySpan<byte> bytes, out VrrpAdvertisement advertisement)
    {
        advertisement = default;
        if (!IpDatagram.TryRead(bytes, out var datagram) || datagram.IsFragment || datagram.Protocol != IpProtocol.Vrrp)
            return VrrpFault.IpHeader;
        if (datagram.Family == AddressFamily.Ipv4 && !InternetChecksum.IsValid(datagram.Bytes[..datagram.HeaderLength]))
            return VrrpFault.IpHeader;
        if (datagram.HopLimit != HopLimit)
            return VrrpFault.HopLimit;
        ReadOnlySpan<byte> message = datagram.Payload;
        if (message.Length < HeaderLength)
            return VrrpFault.Length;
        if (message[0] >> 4 != VersionAndType >> 4)
            return VrrpFault.Version;
        if ((message[0] & 0xf) != (VersionAndType & 0xf))
            return VrrpFault.Type;
        int addresses = message[3];
        int addressLength = datagram.Family == AddressFamily.Ipv4 ? 4 : 16;
        if (addresses == 0 || message.Length < HeaderLength + addresses * addressLength)
            return VrrpFault.Length;
        if (!HasValidChecksum(datagram, message))
            return VrrpFault.Checksum;
        int interval = BinaryPrimitives.ReadUInt16BigEndian(message[4..]) & 0xfff;
        if (interval == 0)
            return VrrpFault.Interval;
        advertisement = new VrrpAdvertisement(datagram.Family, message[1], message[2], interval, datagram.Source);
        return VrrpFault.None;
    }

    /// <summary>The whole IP packet that a virtual router sends.</summary>
    /// <param name="settings">The virtual router.</param>
    /// <param name="priority">Its priority, or 0 when it resigns.</param>
    internal static byte[] Create(VrrpSettings settings, byte priority)
    {
        bool v4 = settings.Family == AddressFamily.Ipv4;
        int ip = v4 ? HeaderSize.Ipv4 : HeaderSize.Ipv6;
        var datagram = new byte[ip + HeaderLength + (v4 ? 4 : 16)];
        Span<byte> message = datagram.AsSpan(ip);
        message[0] = VersionAndType;
        message[1] = settings.VirtualRouterId;
        message[2] = priority;
        message[3] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], (ushort)settings.Interval);
        uint seed;
        if (v4)
        {
            settings.VirtualAddress.V4.CopyTo(message[HeaderLength..]);
            IcmpDatagram.WriteIpv4(
                datagram, IpProtocol.Vrrp, settings.Address.V4, Group4, IcmpDatagram.NetworkControl, HopLimit, 0);
            seed = settings.HasPseudoHeader
                ? InternetChecksum.PseudoHeader(settings.Address.V4, Group4, IpProtocol.Vrrp, message.Length)
                : 0;
        }
        else
        {
            settings.VirtualAddress.V6.CopyTo(message[HeaderLength..]);
            IcmpDatagram.WriteIpv6(
                datagram, IpProtocol.Vrrp, settings.Address.V6, Group6, IcmpDatagram.NetworkControl, HopLimit);
            seed = InternetChecksum.PseudoHeader(settings.Address.V6, Group6, IpProtocol.Vrrp, message.Length);
        }
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], InternetChecksum.Compute(message, seed));
        return datagram;
    }

    private static bool HasValidChecksum(in IpDatagram datagram, ReadOnlySpan<byte> message)
    {
        if (datagram.Family == AddressFamily.Ipv6)
        {
            return InternetChecksum.IsValid(message, InternetChecksum.PseudoHeader(
                datagram.Source.V6, datagram.Destination.V6, IpProtocol.Vrrp, message.Length));
        }
        return InternetChecksum.IsValid(message)
            || InternetChecksum.IsValid(message, InternetChecksum.PseudoHeader(
                datagram.Source.V4, datagram.Destination.V4, IpProtocol.Vrrp, message.Length));
    }
}
