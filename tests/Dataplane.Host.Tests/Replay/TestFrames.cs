using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Host.Tests.Replay;

/// <summary>The few frames that these tests receive.</summary>
internal static class TestFrames
{
    private static readonly MacAddress Guest = MacAddress.Parse("02:aa:10:c0:ff:ee");
    private static readonly MacAddress VirtualRouter = MacAddress.Parse("00:00:5e:00:01:01");

    /// <summary>A UDP packet of a guest to its first hop.</summary>
    public static byte[] GuestPacket(ushort vlan, string source, string destination, byte seed)
    {
        byte[] ip = new byte[HeaderSize.Ipv4 + 8 + 16];
        ip.AsSpan(HeaderSize.Ipv4 + 8).Fill(seed);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(2), (ushort)ip.Length);
        ip[8] = 64;
        ip[9] = IpProtocol.Udp;
        Ipv4Address.Parse(source).CopyTo(ip.AsSpan(12));
        Ipv4Address.Parse(destination).CopyTo(ip.AsSpan(16));
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(10), InternetChecksum.Compute(ip.AsSpan(0, HeaderSize.Ipv4)));
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(24), 24);
        return Tagged(VirtualRouter, Guest, vlan, EtherType.Ipv4, ip);
    }

    /// <summary>A guest asks who has an address.</summary>
    public static byte[] GuestArpRequest(ushort vlan, string sender, string target)
    {
        byte[] arp = Arp(1, Guest, sender, default, target);
        return Tagged(MacAddress.Broadcast, Guest, vlan, EtherType.Arp, arp);
    }

    /// <summary>An underlay neighbour answers.</summary>
    public static byte[] UnderlayArpReply(MacAddress sender, string senderAddress, MacAddress target, string targetAddress)
    {
        byte[] frame = new byte[HeaderSize.Ethernet];
        target.CopyTo(frame);
        sender.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), EtherType.Arp);
        return [.. frame, .. Arp(2, sender, senderAddress, target, targetAddress)];
    }

    private static byte[] Arp(ushort operation, MacAddress sender, string senderAddress, MacAddress target, string targetAddress)
    {
        byte[] arp = [0, 1, 8, 0, 6, 4, 0, (byte)operation, .. new byte[20]];
        sender.CopyTo(arp.AsSpan(8));
        Ipv4Address.Parse(senderAddress).CopyTo(arp.AsSpan(14));
        target.CopyTo(arp.AsSpan(18));
        Ipv4Address.Parse(targetAddress).CopyTo(arp.AsSpan(24));
        return arp;
    }

    private static byte[] Tagged(MacAddress destination, MacAddress source, ushort vlan, ushort etherType, byte[] payload)
    {
        byte[] header = new byte[HeaderSize.Ethernet + HeaderSize.Vlan];
        destination.CopyTo(header);
        source.CopyTo(header.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(12), EtherType.Vlan);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), vlan);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(16), etherType);
        return [.. header, .. payload];
    }
}
