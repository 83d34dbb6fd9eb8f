using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// Packets longer than the next link takes (FWD-23): IPv4 without DF goes on in fragments, the rest is reported to its
/// sender with the MTU that a tenant's packet has.
/// </summary>
internal sealed class OversizeHandler(DatapathSender sender, IcmpErrorGenerator errors)
{
    private const ushort MinimumIpv6Mtu = 1280;

    internal PuntOutcome Handle(in PuntedPacket packet)
    {
        if (!IpDatagram.TryRead(packet.L3, out var datagram))
            return PuntOutcome.Drop(SlowPathDropReason.Malformed);
        if (datagram.Bytes.Length <= packet.NextHopMtu)
            return PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
        if (datagram.Family == AddressFamily.Ipv6)
            return HandleV6(packet, datagram);
        return datagram.DontFragment
            ? errors.ReportTooBig(packet, datagram, packet.NextHopMtu)
            : Fragment(packet, datagram);
    }

    /// <summary>No smaller MTU than 1280 may be reported (RFC 8201 section 4), so below it there is no way through.</summary>
    private PuntOutcome HandleV6(in PuntedPacket packet, in IpDatagram datagram) =>
        datagram.Bytes.Length <= MinimumIpv6Mtu
            ? PuntOutcome.Drop(SlowPathDropReason.MtuTooSmall)
            : errors.ReportTooBig(packet, datagram, Math.Max(packet.NextHopMtu, MinimumIpv6Mtu));

    private PuntOutcome Fragment(in PuntedPacket packet, in IpDatagram datagram)
    {
        var failure = Ipv4Fragmenter.TrySplit(datagram.Bytes, packet.NextHopMtu, out var fragments);
        if (failure != SlowPathDropReason.None)
            return PuntOutcome.Drop(failure);
        var way = Continuation.Of(packet);
        foreach (var fragment in fragments)
        {
            if (!sender.Continue(way, fragment))
                return PuntOutcome.Drop(SlowPathDropReason.InjectFull);
        }
        return PuntOutcome.Forwarded;
    }
}
