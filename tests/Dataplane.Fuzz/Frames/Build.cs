using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Fuzz.Frames;

/// <summary>Frames from their parts. Every field can be given; what is left out is right.</summary>
internal static class Build
{
    internal const string Virtual4 = "00:00:5e:00:01:01";
    internal const string Virtual6 = "00:00:5e:00:02:01";

    /// <summary>Ethernet header, tags as (TPID, TCI), EtherType, payload.</summary>
    internal static byte[] Ethernet(string destination, string source, ushort etherType, ReadOnlySpan<byte> payload,
        params (ushort Tpid, ushort Tci)[] tags)
    {
        var frame = new byte[14 + 4 * tags.Length + payload.Length];
        MacAddress.Parse(destination).CopyTo(frame);
        MacAddress.Parse(source).CopyTo(frame.AsSpan(6));
        int at = 12;
        foreach ((ushort tpid, ushort tci) in tags)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), tpid);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at + 2), tci);
            at += 4;
        }
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), etherType);
        payload.CopyTo(frame.AsSpan(at + 2));
        return frame;
    }

    /// <summary>IPv4 header and payload; options are padded to a multiple of four.</summary>
    internal static byte[] Ipv4(string source, string destination, byte protocol, ReadOnlySpan<byte> payload, byte ttl = 64,
        byte tos = 0, ushort id = 0, ushort flagsAndOffset = 0, byte[]? options = null)
    {
        int header = 20 + ((options?.Length ?? 0) + 3) / 4 * 4;
        var packet = new byte[header + payload.Length];
        packet[0] = (byte)(0x40 | header / 4);
        packet[1] = tos;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), flagsAndOffset);
        packet[8] = ttl;
        packet[9] = protocol;
        Ipv4Address.Parse(source).CopyTo(packet.AsSpan(12));
        Ipv4Address.Parse(destination).CopyTo(packet.AsSpan(16));
        options?.CopyTo(packet, 20);
        payload.CopyTo(packet.AsSpan(header));
        FixChecksum4(packet);
        return packet;
    }

    /// <summary>IPv6 header and payload.</summary>
    internal static byte[] Ipv6(string source, string destination, byte nextHeader, ReadOnlySpan<byte> payload, byte hopLimit = 64,
        byte trafficClass = 0, uint flowLabel = 0)
    {
        var packet = new byte[40 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(packet, 6u << 28 | (uint)trafficClass << 20 | flowLabel);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)payload.Length);
        packet[6] = nextHeader;
        packet[7] = hopLimit;
        Ipv6Address.Parse(source).CopyTo(packet.AsSpan(8));
        Ipv6Address.Parse(destination).CopyTo(packet.AsSpan(24));
        payload.CopyTo(packet.AsSpan(40));
        return packet;
    }

    /// <summary>An IP packet of the addresses' family with a UDP datagram of <paramref name="payloadBytes"/> counted bytes.</summary>
    internal static byte[] Udp(string source, string destination, int payloadBytes = 32, byte ttl = 64, ushort sourcePort = 5000,
        ushort destinationPort = 5001, byte tos = 0)
    {
        bool v6 = source.Contains(':');
        var payload = new byte[payloadBytes];
        for (int i = 0; i < payloadBytes; i++)
            payload[i] = (byte)(i * 7 + 3);
        var addresses = new byte[v6 ? 32 : 8];
        Address(source).CopyTo(addresses, 0);
        Address(destination).CopyTo(addresses, addresses.Length / 2);
        byte[] udp = UdpDatagram(sourcePort, destinationPort, payload, addresses);
        return v6 ? Ipv6(source, destination, 17, udp, ttl, tos) : Ipv4(source, destination, 17, udp, ttl, tos);
    }

    /// <summary>UDP header with checksum, and payload.</summary>
    internal static byte[] UdpDatagram(ushort sourcePort, ushort destinationPort, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> addresses)
    {
        var udp = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(udp, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(4), (ushort)udp.Length);
        payload.CopyTo(udp.AsSpan(8));
        ushort checksum = Checksum.Of(udp, Checksum.Pseudo(addresses, 17, udp.Length));
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(6), checksum == 0 ? ushort.MaxValue : checksum);
        return udp;
    }

    /// <summary>GRE header of MPLS-in-GRE, with checksum when asked for.</summary>
    internal static byte[] Gre(ReadOnlySpan<byte> payload, bool checksum = false, ushort flags = 0, ushort protocol = 0x8847)
    {
        int header = checksum ? 8 : 4;
        var gre = new byte[header + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(gre, (ushort)(flags | (checksum ? 0x8000 : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(gre.AsSpan(2), protocol);
        payload.CopyTo(gre.AsSpan(header));
        if (checksum)
            BinaryPrimitives.WriteUInt16BigEndian(gre.AsSpan(4), Checksum.Of(gre));
        return gre;
    }

    /// <summary>One label stack entry and what follows it.</summary>
    internal static byte[] Label(uint label, ReadOnlySpan<byte> payload, bool bottom = true, byte ttl = 64, byte trafficClass = 0)
    {
        var shim = new byte[4 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(shim, label << 12 | (uint)trafficClass << 9 | (bottom ? 0x100u : 0) | ttl);
        payload.CopyTo(shim.AsSpan(4));
        return shim;
    }

    /// <summary>An ARP request.</summary>
    internal static byte[] ArpRequest(string senderMac, string sender, string target)
    {
        var arp = new byte[28];
        byte[] fixedPart = [0, 1, 8, 0, 6, 4, 0, 1];
        fixedPart.CopyTo(arp, 0);
        MacAddress.Parse(senderMac).CopyTo(arp.AsSpan(8));
        Ipv4Address.Parse(sender).CopyTo(arp.AsSpan(14));
        Ipv4Address.Parse(target).CopyTo(arp.AsSpan(24));
        return arp;
    }

    /// <summary>Writes a DSCP into a packet.</summary>
    internal static void SetDscp(Span<byte> packet, byte dscp)
    {
        if (packet[0] >> 4 == 6)
        {
            uint word = BinaryPrimitives.ReadUInt32BigEndian(packet) & ~(63u << 22) | (uint)dscp << 22;
            BinaryPrimitives.WriteUInt32BigEndian(packet, word);
            return;
        }
        packet[1] = (byte)(packet[1] % 4 + dscp * 4);
        FixChecksum4(packet);
    }

    /// <summary>Writes the right checksum into an IPv4 header.</summary>
    internal static void FixChecksum4(Span<byte> packet)
    {
        packet[10] = packet[11] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Checksum.Of(packet[..((packet[0] & 15) * 4)]));
    }

    /// <summary>An address's octets.</summary>
    internal static byte[] Address(string text)
    {
        IpAddress address = IpAddress.Parse(text);
        var octets = new byte[address.Family == AddressFamily.Ipv6 ? 16 : 4];
        if (octets.Length == 16)
            address.V6.CopyTo(octets);
        else
            address.V4.CopyTo(octets);
        return octets;
    }

    /// <summary>The packet as it is one hop further: TTL or hop limit lower by one, header checksum right.</summary>
    internal static byte[] AfterHop(ReadOnlySpan<byte> packet)
    {
        byte[] next = packet.ToArray();
        if (next[0] >> 4 == 6)
        {
            next[7]--;
            return next;
        }
        next[8]--;
        FixChecksum4(next);
        return next;
    }
}
