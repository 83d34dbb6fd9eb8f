using Dataplane.Forwarding;

namespace Dataplane.SlowPath;

/// <summary>
/// Answers echo requests to the forwarder's underlay addresses. The reply goes back to the station that the request
/// came from, which is the asker or the router that leads to it.
/// </summary>
internal sealed class UnderlayEchoResponder(
    ISlowPathPorts ports,
    DatapathSender sender,
    IcmpBudget<PortId> budget,
    DatagramIdentification identification)
{
    internal PuntOutcome Handle(in PuntedPacket packet)
    {
        if (ports.FindPort(packet.Port) is not { } port)
            return PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
        if (!EthernetFrame.TryReadStations(packet.Frame, out _, out var station)
            || !IpDatagram.TryRead(packet.L3, out var request))
        {
            return PuntOutcome.Drop(SlowPathDropReason.Malformed);
        }
        var failure = EchoReply.TryCreate(request, identification, out var reply);
        if (failure != SlowPathDropReason.None)
            return PuntOutcome.Drop(failure);
        if (!budget.TryTake(port.Id))
            return PuntOutcome.Drop(SlowPathDropReason.IcmpRateLimited);
        var frame = EthernetFrame.Create(
            station, port.Mac, VlanTags.None, EthernetFrame.TypeOf(request.Family), reply);
        return PuntOutcome.AnsweredIf(sender.Transmit(port.Id, InterfaceId.None, frame));
    }
}
