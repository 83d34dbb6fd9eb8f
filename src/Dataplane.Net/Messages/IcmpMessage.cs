using System.Buffers.Binary;

namespace Dataplane.Net;

/// <summary>
/// ICMP (RFC 792) or ICMPv6 (RFC 4443) message, read in place; the two share their first eight octets.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+---------------+-------------------------------+
/// |     type      |     code      |           checksum            |
/// +---------------+---------------+-------------------------------+
/// |         rest of header: identifier and sequence, MTU ...      |
/// +---------------------------------------------------------------+
/// |         body ...
/// </code>
/// </summary>
public readonly ref struct IcmpMessage
{
    /// <summary>Octets before the body.</summary>
    public const int HeaderLength = 8;

    private readonly ReadOnlySpan<byte> _bytes;

    private IcmpMessage(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Type; see <see cref="Icmpv4Type"/> and <see cref="Icmpv6Type"/>.</summary>
    public byte Type => _bytes[0];

    /// <summary>Code, a subdivision of the type.</summary>
    public byte Code => _bytes[1];

    /// <summary>Second word of the header, host order.</summary>
    public uint RestOfHeader => BinaryPrimitives.ReadUInt32BigEndian(_bytes[4..]);

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Body => _bytes[HeaderLength..];

    /// <summary>Whole message from the type octet on.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Lays the view over a whole message, without padding.</summary>
    /// <returns>False when it is shorter than <see cref="HeaderLength"/>.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out IcmpMessage message)
    {
        bool valid = bytes.Length >= HeaderLength;
        message = valid ? new IcmpMessage(bytes) : default;
        return valid;
    }

    /// <summary>Verifies the checksum of an ICMPv4 message.</summary>
    public bool HasValidChecksum() => InternetChecksum.IsValid(_bytes);

    /// <summary>Verifies the checksum of an ICMPv6 message, which covers a pseudo header (RFC 8200 section 8.1).</summary>
    public bool HasValidChecksum(Ipv6Address source, Ipv6Address destination) =>
        InternetChecksum.IsValid(_bytes, PseudoHeader(_bytes.Length, source, destination));

    /// <summary>
    /// Writes type, code and rest of header, zeroing the checksum; the caller fills the body and then calls one of the
    /// <c>WriteChecksum</c> methods.
    /// </summary>
    public static void WriteHeader(Span<byte> message, byte type, byte code, uint restOfHeader)
    {
        message[0] = type;
        message[1] = code;
        message[2] = 0;
        message[3] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], restOfHeader);
    }

    /// <summary>Stores the checksum of a complete ICMPv4 message whose checksum octets are zero.</summary>
    public static void WriteChecksum(Span<byte> message) =>
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Compute(message));

    /// <summary>Stores the checksum of a complete ICMPv6 message whose checksum octets are zero.</summary>
    public static void WriteChecksum(Span<byte> message, Ipv6Address source, Ipv6Address destination) =>
        BinaryPrimitives.WriteUInt16BigEndian(
            message[2..], InternetChecksum.Compute(message, PseudoHeader(message.Length, source, destination)));

    private static uint PseudoHeader(int length, Ipv6Address source, Ipv6Address destination) =>
        InternetChecksum.PseudoHeader(source, destination, IpProtocol.Icmpv6, length);
}
