using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Dataplane.EndToEnd.Lab;

/// <summary>
/// Frames made byte by byte, on purpose without the code under test: what a hostile or broken neighbour would send.
/// </summary>
public static class Frame
{
    /// <summary>The virtual router's address for IPv4 (FWD-13) and the one for IPv6 (AMB-26).</summary>
    public const string VirtualMac4 = "00:00:5e:00:01:01";

    public const string VirtualMac6 = "00:00:5e:00:02:01";

    public const string Broadcast = "ff:ff:ff:ff:ff:ff";

    public static byte[] Ethernet(string destination, string source, int etherType, params byte[] payload) =>
        [.. Mac(destination), .. Mac(source), (byte)(etherType >> 8), (byte)etherType, .. payload];

    /// <summary>An 802.1Q tag and what it precedes; use as payload behind EtherType 0x8100.</summary>
    public static byte[] Tagged(int vlan, int etherType, byte[] payload) =>
        [(byte)(vlan >> 8), (byte)vlan, (byte)(etherType >> 8), (byte)etherType, .. payload];

    /// <summary>An ARP packet; operation 1 asks, 2 answers.</summary>
    public static byte[] Arp(int operation, string senderMac, string senderIp, string targetMac, string targetIp) =>
        [0, 1, 8, 0, 6, 4, 0, (byte)operation, .. Mac(senderMac), .. Ip(senderIp), .. Mac(targetMac), .. Ip(targetIp)];

    /// <summary>An IPv4 packet with DF set.</summary>
    public static byte[] Ipv4(string source, string destination, int protocol, byte[] payload, int ttl = 64)
    {
        byte[] header = [0x45, 0, 0, 0, 0, 0, 0x40, 0, (byte)ttl, (byte)protocol, 0, 0, .. Ip(source), .. Ip(destination)];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(20 + payload.Length));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Checksum(header));
        return [.. header, .. payload];
    }

    public static byte[] EchoRequest(int identifier, int sequence, int payloadBytes = 32)
    {
        byte[] message = [8, 0, 0, 0, (byte)(identifier >> 8), (byte)identifier, (byte)(sequence >> 8), (byte)sequence, .. new byte[payloadBytes]];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum(message));
        return message;
    }

    /// <summary>A GRE header for MPLS and one label stack entry that is the bottom (RFC 4023).</summary>
    public static byte[] MplsInGre(int label, byte[] inner) =>
        [0, 0, 0x88, 0x47, (byte)(label >> 12), (byte)(label >> 4), (byte)((label << 4) | 1), 64, .. inner];

    public static byte[] Mac(string text) => [.. text.Split(':').Select(octet => byte.Parse(octet, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];

    public static string MacText(ReadOnlySpan<byte> octets) => string.Join(':', octets[..6].ToArray().Select(octet => $"{octet:x2}"));

    public static byte[] Ip(string text) => IPAddress.Parse(text).GetAddressBytes();

    /// <summary>EtherType of an untagged frame.</summary>
    public static int EtherType(byte[] frame) => BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12));

    private static ushort Checksum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int i = 0; i < data.Length; i++)
        {
            sum += (i & 1) == 0 ? (uint)data[i] << 8 : data[i];
        }

        while (sum > 0xFFFF)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
