using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>Sends to guests: the frame as the interface wants it, from the virtual router's MAC (FWD-14).</summary>
internal sealed class GuestLink(ISlowPathPorts ports, DatapathSender sender)
{
    /// <summary>Sends one IP datagram to a station on an interface.</summary>
    internal bool SendDatagram(InterfaceInfo target, MacAddress station, ReadOnlySpan<byte> datagram)
    {
        var family = datagram[0] >> 4 == 6 ? AddressFamily.Ipv6 : AddressFamily.Ipv4;
        return Send(target, station, ports.FirstHop.Mac(family), EthernetFrame.TypeOf(family), datagram);
    }

    /// <summary>Sends one ARP packet to a station on an interface, or to all.</summary>
    internal bool SendArp(InterfaceInfo target, MacAddress station, ReadOnlySpan<byte> arp) =>
        Send(target, station, ports.FirstHop.Mac4, EtherType.Arp, arp);

    /// <summary>
    /// Delivers a tenant's datagram that came with the interface's label, in fragments if it is longer than the
    /// interface takes. TTL and all else stay (ARC-17).
    /// </summary>
    internal PuntOutcome Deliver(InterfaceInfo target, MacAddress station, ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length <= target.Mtu || datagram[0] >> 4 != 4)
            return PuntOutcome.ForwardedIf(SendDatagram(target, station, datagram));
        var failure = Ipv4Fragmenter.TrySplit(datagram, target.Mtu, out var fragments);
        if (failure != SlowPathDropReason.None)
            return PuntOutcome.Drop(failure);
        foreach (var fragment in fragments)
        {
            if (!SendDatagram(target, station, fragment))
                return PuntOutcome.Drop(SlowPathDropReason.InjectFull);
        }
        return PuntOutcome.Forwarded;
    }

    private bool Send(
        InterfaceInfo target, MacAddress station, MacAddress source, ushort etherType, ReadOnlySpan<byte> payload)
    {
        var frame = EthernetFrame.Create(station, source, target.Tags, etherType, payload);
        return sender.Transmit(target.Port, target.Id, frame);
    }
}
