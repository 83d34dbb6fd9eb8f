using System.Buffers.Binary;

namespace Dataplane.Net;

/// <summary>
/// ARP for IPv4 over Ethernet (RFC 826), read in place.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------------------------------+-------------------------------+
/// |     hardware type = 1         |     protocol type = 0x0800    |
/// +---------------+---------------+-------------------------------+
/// |  hw length 6  | proto length 4|           operation           |
/// +---------------+---------------+-------------------------------+
/// |  sender hardware (6) | sender protocol (4)                    |
/// |  target hardware (6) | target protocol (4)                    |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
public readonly ref struct ArpPacket
{
    /// <summary>Octets of an Ethernet/IPv4 ARP packet, without Ethernet header and padding.</summary>
    public const int Length = HeaderSize.Arp;

    /// <summary>Operation "request".</summary>
    public const ushort Request = 1;

    /// <summary>Operation "reply".</summary>
    public const ushort Reply = 2;

    private readonly ReadOnlySpan<byte> _bytes;

    private ArpPacket(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Operation, host order: <see cref="Request"/>, <see cref="Reply"/> or any other number.</summary>
    public ushort Operation => BinaryPrimitives.ReadUInt16BigEndian(_bytes[6..]);

    /// <summary>Sender hardware address.</summary>
    public MacAddress SenderMac => MacAddress.Read(_bytes[8..]);

    /// <summary>Sender protocol address; 0.0.0.0 in a probe (RFC 5227).</summary>
    public Ipv4Address SenderAddress => Ipv4Address.Read(_bytes[14..]);

    /// <summary>Target hardware address; meaningless in a request.</summary>
    public MacAddress TargetMac => MacAddress.Read(_bytes[18..]);

    /// <summary>Target protocol address.</summary>
    public Ipv4Address TargetAddress => Ipv4Address.Read(_bytes[24..]);

    /// <summary>Lays the view over the octets behind the Ethernet header; octets beyond the packet are padding.</summary>
    /// <returns>False when it is too short or not Ethernet/IPv4.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ArpPacket packet)
    {
        bool valid = bytes.Length >= Length
            && BinaryPrimitives.ReadUInt16BigEndian(bytes) == 1
            && BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) == EtherType.Ipv4
            && bytes[4] == 6
            && bytes[5] == 4;
        packet = valid ? new ArpPacket(bytes[..Length]) : default;
        return valid;
    }

    /// <summary>Writes a packet into the first <see cref="Length"/> octets of <paramref name="destination"/>.</summary>
    public static void Write(
        Span<byte> destination,
        ushort operation,
        MacAddress senderMac,
        Ipv4Address senderAddress,
        MacAddress targetMac,
        Ipv4Address targetAddress)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, 1);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], EtherType.Ipv4);
        destination[4] = 6;
        destination[5] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], operation);
        senderMac.CopyTo(destination[8..]);
        senderAddress.CopyTo(destination[14..]);
        targetMac.CopyTo(destination[18..]);
        targetAddress.CopyTo(destination[24..]);
    }
}
