using Dataplane.Forwarding;

namespace Dataplane.SlowPath;

/// <summary>
/// Answers echo requests to the forwarder inside the VPN: its router addresses and the first-hop address (FWD-15).
/// Nothing else is served there.
/// </summary>
internal sealed class EchoResponder(
    ReturnPath returnPath, IcmpBudget<VrfId> budget, DatagramIdentification identification)
{
    internal PuntOutcome Handle(in PuntedPacket packet)
    {
        if (!IpDatagram.TryRead(packet.L3, out var request))
            return PuntOutcome.Drop(SlowPathDropReason.Malformed);
        var failure = EchoReply.TryCreate(request, identification, out var reply);
        if (failure != SlowPathDropReason.None)
            return PuntOutcome.Drop(failure);
        return budget.TryTake(packet.Vrf)
            ? returnPath.Send(packet, reply)
            : PuntOutcome.Drop(SlowPathDropReason.IcmpRateLimited);
    }
}
