using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath.Tests;

/// <summary>Punted packets that the state tests need; their bytes come from the vectors where bytes matter.</summary>
internal static class Packets
{
    internal const string TapGuestMac = "02:cc:00:00:00:26";

    /// <summary>UDP datagram to a destination, told apart by its identification; not checked by the slow path.</summary>
    internal static byte[] Datagram(string destination, ushort identification, int length = 40)
    {
        var datagram = new byte[length];
        datagram[0] = 0x45;
        datagram[2] = (byte)(length >> 8);
        datagram[3] = (byte)length;
        datagram[4] = (byte)(identification >> 8);
        datagram[5] = (byte)identification;
        datagram[8] = 64;
        datagram[9] = IpProtocol.Udp;
        Ipv4Address.Parse("198.51.100.25").CopyTo(datagram.AsSpan(12));
        Ipv4Address.Parse(destination).CopyTo(datagram.AsSpan(16));
        return datagram;
    }

    internal static ushort Identification(byte[] datagram) => (ushort)(datagram[4] << 8 | datagram[5]);

    internal static PuntOutcome PuntForNeighbor(
        SlowPathRig rig, InterfaceId target, string destination, ushort identification, bool interfaceLabel = false) =>
        rig.SlowPath.Handle(new PuntedPacket
        {
            Reason = PuntReason.NeighborUnresolved,
            Origin = interfaceLabel ? PacketOrigin.Core : PacketOrigin.Access,
            Interface = interfaceLabel ? InterfaceId.None : TestTopology.Guest,
            TargetInterface = target,
            KeepTtl = interfaceLabel,
            Vrf = TestTopology.Blue,
            Frame = Datagram(destination, identification),
        });

    internal static PuntOutcome PuntForTunnel(SlowPathRig rig, uint tunnel, ushort identification) =>
        rig.SlowPath.Handle(new PuntedPacket
        {
            Reason = PuntReason.UnderlayUnresolved,
            Interface = TestTopology.Guest,
            Vrf = TestTopology.Blue,
            Tunnel = new TunnelId(tunnel),
            Frame = Datagram("198.51.100.40", identification),
        });

    /// <summary>An ARP packet as it arrives on a virtual interface.</summary>
    internal static PuntOutcome GuestArp(
        SlowPathRig rig, InterfaceId source, ushort operation, string senderMac, string sender, string target) =>
        rig.SlowPath.Handle(new PuntedPacket
        {
            Reason = PuntReason.Arp,
            Interface = source,
            L3Offset = HeaderSize.Ethernet,
            Frame = Arp(operation, senderMac, sender, target),
        });

    /// <summary>An ARP packet as it arrives on the core port.</summary>
    internal static PuntOutcome UnderlayArp(
        SlowPathRig rig, ushort operation, string senderMac, string sender, string target = "203.0.113.17") =>
        rig.SlowPath.Handle(new PuntedPacket
        {
            Reason = PuntReason.UnderlayArp,
            Origin = PacketOrigin.Core,
            Port = TestTopology.CorePort,
            L3Offset = HeaderSize.Ethernet,
            Frame = Arp(operation, senderMac, sender, target),
        });

    /// <summary>A neighbour advertisement; without a MAC it has no option.</summary>
    internal static PuntOutcome Advertisement(
        SlowPathRig rig, PuntReason reason, InterfaceId source, string address, string? mac, uint flags)
    {
        var message = new byte[mac is null ? NeighborAdvertisement.HeaderLength : NeighborAdvertisement.LengthWithOption];
        var whole = new byte[NeighborAdvertisement.LengthWithOption];
        NeighborAdvertisement.Write(whole, flags, Ipv6Address.Parse(address), mac is null ? default : MacAddress.Parse(mac));
        whole.AsSpan(0, message.Length).CopyTo(message);
        var datagram = IcmpDatagram.Create(
            Ipv6Address.Parse(address), Ipv6Address.Parse("2001:db8:f::17"), 0, 255, 0, message);
        return rig.SlowPath.Handle(new PuntedPacket
        {
            Reason = reason,
            Interface = source,
            Port = TestTopology.CorePort,
            L3Offset = HeaderSize.Ethernet,
            Frame = EthernetFrame.Create(
                default, MacAddress.Parse(mac ?? TapGuestMac), VlanTags.None, EtherType.Ipv6, datagram),
        });
    }

    private static byte[] Arp(ushort operation, string senderMac, string sender, string target)
    {
        var mac = MacAddress.Parse(senderMac);
        var arp = new byte[ArpPacket.Length];
        ArpPacket.Write(arp, operation, mac, Ipv4Address.Parse(sender), default, Ipv4Address.Parse(target));
        return EthernetFrame.Create(MacAddress.Broadcast, mac, VlanTags.None, EtherType.Arp, arp);
    }
}
