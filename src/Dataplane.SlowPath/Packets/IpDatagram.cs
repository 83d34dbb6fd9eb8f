using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// An IPv4 (RFC 791) or IPv6 (RFC 8200) datagram of a punted packet, read in place, with padding cut off. For IPv6 the
/// extension headers are walked to the upper layer.
/// </summary>
internal readonly ref struct IpDatagram
{
    private IpDatagram(ReadOnlySpan<byte> bytes, AddressFamily family, int headerLength, byte protocol)
    {
        Bytes = bytes;
        Family = family;
        HeaderLength = headerLength;
        Protocol = protocol;
    }

    /// <summary>Header and payload, exactly as long as the header says.</summary>
    internal ReadOnlySpan<byte> Bytes { get; }

    internal AddressFamily Family { get; }

    /// <summary>Octets before the upper layer, extension headers included.</summary>
    internal int HeaderLength { get; }

    /// <summary>Upper-layer protocol, or <see cref="IpProtocol.NoNextHeader"/> when extension headers are cut off.</summary>
    internal byte Protocol { get; }

    /// <summary>True for any fragment.</summary>
    internal bool IsFragment { get; private init; }

    /// <summary>True for a fragment that is not the first: what follows the header is no upper-layer header.</summary>
    internal bool IsLaterFragment { get; private init; }

    internal ReadOnlySpan<byte> Payload => Bytes[HeaderLength..];

    internal IpAddress Source =>
        Family == AddressFamily.Ipv4 ? Ipv4Address.Read(Bytes[12..]) : Ipv6Address.Read(Bytes[8..]);

    internal IpAddress Destination =>
        Family == AddressFamily.Ipv4 ? Ipv4Address.Read(Bytes[16..]) : Ipv6Address.Read(Bytes[24..]);

    /// <summary>IPv4's DF bit; always true for IPv6, which routers never fragment.</summary>
    internal bool DontFragment => Family == AddressFamily.Ipv6 || (Bytes[6] & 0x40) != 0;

    /// <summary>TTL or hop limit.</summary>
    internal byte HopLimit => Family == AddressFamily.Ipv4 ? Bytes[8] : Bytes[7];

    /// <summary>DSCP and ECN.</summary>
    internal byte TrafficClass => Family == AddressFamily.Ipv4
        ? Bytes[1]
        : (byte)(BinaryPrimitives.ReadUInt16BigEndian(Bytes) >> 4);

    /// <summary>Reads the datagram that starts at the first octet.</summary>
    /// <returns>False when version or lengths are wrong or it is cut off.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out IpDatagram datagram)
    {
        datagram = default;
        return !bytes.IsEmpty && (bytes[0] >> 4) switch
        {
            4 => TryReadV4(bytes, out datagram),
            6 => TryReadV6(bytes, out datagram),
            _ => false,
        };
    }

    private static bool TryReadV4(ReadOnlySpan<byte> bytes, out IpDatagram datagram)
    {
        datagram = default;
        if (bytes.Length < HeaderSize.Ipv4)
            return false;
        int headerLength = (bytes[0] & 0xf) * 4;
        int totalLength = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (headerLength < HeaderSize.Ipv4 || totalLength < headerLength || totalLength > bytes.Length)
            return false;
        int flagsAndOffset = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        datagram = new IpDatagram(bytes[..totalLength], AddressFamily.Ipv4, headerLength, bytes[9])
        {
            IsFragment = (flagsAndOffset & 0x3fff) != 0,
            IsLaterFragment = (flagsAndOffset & 0x1fff) != 0,
        };
        return true;
    }

    private static bool TryReadV6(ReadOnlySpan<byte> bytes, out IpDatagram datagram)
    {
        datagram = default;
        if (bytes.Length < HeaderSize.Ipv6)
            return false;
        int totalLength = HeaderSize.Ipv6 + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (totalLength > bytes.Length)
            return false;
        bytes = bytes[..totalLength];
        byte next = bytes[6];
        int offset = HeaderSize.Ipv6;
        bool fragment = false;
        bool later = false;
        while (!later && IsExtensionHeader(next))
        {
            if (bytes.Length - offset < 8)
            {
                next = IpProtocol.NoNextHeader;
                break;
            }
            int length = next switch
            {
                IpProtocol.Fragment => 8,
                IpProtocol.Ah => (bytes[offset + 1] + 2) * 4,
                _ => (bytes[offset + 1] + 1) * 8,
            };
            if (next == IpProtocol.Fragment)
            {
                fragment = true;
                later = (BinaryPrimitives.ReadUInt16BigEndian(bytes[(offset + 2)..]) & 0xfff8) != 0;
            }
            next = length > bytes.Length - offset ? IpProtocol.NoNextHeader : bytes[offset];
            offset = Math.Min(offset + length, bytes.Length);
        }
        datagram = new IpDatagram(bytes, AddressFamily.Ipv6, offset, next)
        {
            IsFragment = fragment,
            IsLaterFragment = later,
        };
        return true;
    }

    private static bool IsExtensionHeader(byte protocol) => protocol
        is IpProtocol.HopByHop or IpProtocol.Routing or IpProtocol.Fragment or IpProtocol.Ah
        or IpProtocol.DestinationOptions or IpProtocol.Mobility or IpProtocol.Hip or IpProtocol.Shim6;
}
