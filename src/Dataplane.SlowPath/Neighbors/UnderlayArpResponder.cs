using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>ARP on core ports (RFC 826): answers for the port's own addresses only and keeps neighbours in use fresh.</summary>
internal sealed class UnderlayArpResponder(ISlowPathPorts ports, DatapathSender sender, UnderlayNeighbors neighbors)
{
    internal PuntOutcome Handle(in PuntedPacket packet)
    {
        if (ports.FindPort(packet.Port) is not { } port)
            return PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
        if (!EthernetFrame.TryReadStations(packet.Frame, out _, out var station)
            || !ArpPacket.TryRead(packet.L3, out var arp)
            || arp.Operation is not (ArpPacket.Request or ArpPacket.Reply)
            || arp.SenderMac.IsMulticast
            || arp.SenderAddress.IsMulticast)
        {
            return PuntOutcome.Drop(SlowPathDropReason.ArpMalformed);
        }
        if (!arp.SenderAddress.IsUnspecified && port.HasAddress(arp.SenderAddress))
            return PuntOutcome.Drop(SlowPathDropReason.AddressConflict);
        if (arp.Operation == ArpPacket.Reply)
            return neighbors.HandleAnswer(port.Id, arp.SenderAddress, arp.SenderMac);
        bool learnt = neighbors.Learn(port.Id, arp.SenderAddress, arp.SenderMac);
        if (port.HasAddress(arp.TargetAddress))
            return Answer(port, station, arp);
        return learnt ? PuntOutcome.Consumed : PuntOutcome.Drop(SlowPathDropReason.NotForUs);
    }

    private PuntOutcome Answer(PortInfo port, MacAddress station, ArpPacket request)
    {
        Span<byte> reply = stackalloc byte[ArpPacket.Length];
        ArpPacket.Write(
            reply, ArpPacket.Reply, port.Mac, request.TargetAddress, request.SenderMac, request.SenderAddress);
        var frame = EthernetFrame.Create(station, port.Mac, VlanTags.None, EtherType.Arp, reply);
        return PuntOutcome.AnsweredIf(sender.Transmit(port.Id, InterfaceId.None, frame));
    }
}
