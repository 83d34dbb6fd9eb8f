using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// Answers guests' ARP: every request gets the virtual router MAC, whoever has the target and wherever (FWD-11, FWD-16),
/// except those by which a guest checks or announces its own address (AMB-27). The sender must be the interface's own
/// address (SEC-03), and nothing is ever learnt but answers to questions of ours (SEC-14); what a guest says of itself at most has it asked.
/// </summary>
internal sealed class ArpResponder(
    ISlowPathPorts ports, GuestAddresses addresses, GuestLink guests, InterfaceNeighbors neighbors)
{
    internal PuntOutcome Handle(in PuntedPacket packet)
    {
        if (ports.FindInterface(packet.Interface) is not { } source)
            return PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
        if (!EthernetFrame.TryReadStations(packet.Frame, out _, out var station)
            || !ArpPacket.TryRead(packet.L3, out var arp)
            || arp.SenderMac.IsMulticast)
        {
            return PuntOutcome.Drop(SlowPathDropReason.ArpMalformed);
        }
        bool isProbe = arp.SenderAddress.IsUnspecified;
        if (!isProbe && !addresses.IsLegitimate(source, arp.SenderAddress))
            return PuntOutcome.Drop(SlowPathDropReason.ArpSpoofed);
        if (!isProbe && arp.Operation == ArpPacket.Request)
            neighbors.Heard(source, arp.SenderAddress, arp.SenderMac);
        return arp.Operation switch
        {
            ArpPacket.Request => Answer(source, station, arp),
            ArpPacket.Reply when !isProbe => neighbors.HandleAnswer(source, arp.SenderAddress, arp.SenderMac),
            _ => PuntOutcome.Drop(SlowPathDropReason.ArpMalformed),
        };
    }

    private PuntOutcome Answer(InterfaceInfo source, MacAddress station, ArpPacket request)
    {
        var target = request.TargetAddress;
        if (target.IsUnspecified || target.IsMulticast || target.IsLimitedBroadcast)
            return PuntOutcome.Drop(SlowPathDropReason.ArpMalformed);
        bool isAboutItself = request.SenderAddress.IsUnspecified || request.SenderAddress == target;
        if (isAboutItself && addresses.IsLegitimate(source, target))
            return PuntOutcome.Drop(SlowPathDropReason.DadOwnAddress);
        Span<byte> reply = stackalloc byte[ArpPacket.Length];
        ArpPacket.Write(
            reply, ArpPacket.Reply, ports.FirstHop.Mac4, target, request.SenderMac, request.SenderAddress);
        return PuntOutcome.AnsweredIf(guests.SendArp(source, station, reply));
    }
}
