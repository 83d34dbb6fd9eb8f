using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>Sends to guests: the frame as the interface wants it, from the virtual router's MAC (FWD-14).</summary>
internal sealed class GuestLink(ISlowPathPorts ports, DatapathSender sender)
{
    /// <summary>Sends one IP datagram to a station on an interface.</summary>
    internal bool SendDatagram(InterfaceInfo target, MacAddress station, ReadOnlySpan<byte> datagram)
    {
        var family = datagram[0] >> 4 == 6 ? AddressFamily.Ipv6 : AddressFamily.Ipv4;
        return Send(target, station, Source(target, family), EthernetFrame.TypeOf(family), datagram);
    }

    /// <summary>Sends one ARP packet to a station on an interface, or to all.</summary>
    internal bool SendArp(InterfaceInfo target, MacAddress station, ReadOnlySpan<byte> arp) =>
        Send(target, station, Source(target, AddressFamily.Ipv4), EtherType.Arp, arp);

    // On standby the virtual MAC is elsewhere, and bridges must not learn that it is here.
    private MacAddress Source(InterfaceInfo target, AddressFamily family)
    {
        var standby = family == AddressFamily.Ipv4 ? StandbyFamilies.Ipv4 : StandbyFamilies.Ipv6;
        return ports.FindPort(target.Port) is { } port && (port.Standby & standby) != 0 ? port.Mac : ports.FirstHop.Mac(family);
    }

    private bool Send(
        InterfaceInfo target, MacAddress station, MacAddress source, ushort etherType, ReadOnlySpan<byte> payload)
    {
        var frame = EthernetFrame.Create(station, source, target.Tags, etherType, payload);
        return sender.Transmit(target.Port, target.Id, frame);
    }
}
