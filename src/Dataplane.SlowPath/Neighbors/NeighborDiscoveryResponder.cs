using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// Answers guests' neighbour discovery as the virtual router: every solicitation gets the virtual router MAC (FWD-11),
/// except the duplicate address detection of an address that is the asker's own (AMB-27), its link-local one included;
/// router solicitations get a default router without prefixes. Advertisements from guests are believed only as answers
/// to questions of ours; guests are never routers.
/// </summary>
internal sealed class NeighborDiscoveryResponder(
    ISlowPathPorts ports,
    GuestAddresses addresses,
    GuestLink guests,
    InterfaceNeighbors neighbors,
    TimerQueue timers,
    SlowPathOptions options)
{
    private const ushort RouterLifetimeSeconds = 1800;

    private readonly HashSet<InterfaceId> _advertised = [];

    internal PuntOutcome Handle(in PuntedPacket packet)
    {
        if (ports.FindInterface(packet.Interface) is not { } source)
            return PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
        if (!EthernetFrame.TryReadStations(packet.Frame, out _, out var station)
            || !NeighborDiscoveryPacket.TryRead(packet.L3, out var discovery))
        {
            return PuntOutcome.Drop(SlowPathDropReason.NdMalformed);
        }
        if (!discovery.Source.IsUnspecified && !addresses.IsLegitimate(source, discovery.Source))
            return PuntOutcome.Drop(SlowPathDropReason.NdSpoofed);
        return discovery.Message.Type switch
        {
            Icmpv6Type.NeighborSolicitation => AnswerNeighbor(source, station, discovery),
            Icmpv6Type.NeighborAdvertisement => TakeAdvertisement(source, discovery),
            Icmpv6Type.RouterSolicitation => AnswerRouter(source, station, discovery),
            Icmpv6Type.RouterAdvertisement or Icmpv6Type.Redirect => PuntOutcome.Drop(SlowPathDropReason.NdRogueRouter),
            _ => PuntOutcome.Drop(SlowPathDropReason.NdMalformed),
        };
    }

    private PuntOutcome AnswerNeighbor(InterfaceInfo source, MacAddress station, NeighborDiscoveryPacket discovery)
    {
        if (!discovery.TryReadSolicitation(out var solicitation))
            return PuntOutcome.Drop(SlowPathDropReason.NdMalformed);
        bool isDuplicateDetection = discovery.Source.IsUnspecified;
        if (isDuplicateDetection && addresses.IsLegitimate(source, solicitation.Target))
            return PuntOutcome.Drop(SlowPathDropReason.DadOwnAddress);
        if (!isDuplicateDetection)
            neighbors.Heard(source, discovery.Source, solicitation.Options.SourceLinkLayer);

        uint flags = NeighborAdvertisement.RouterFlag | NeighborAdvertisement.OverrideFlag;
        if (!isDuplicateDetection)
            flags |= NeighborAdvertisement.SolicitedFlag;
        Span<byte> message = stackalloc byte[NeighborAdvertisement.LengthWithOption];
        NeighborAdvertisement.Write(message, flags, solicitation.Target, ports.FirstHop.Mac6);
        bool sent = isDuplicateDetection
            ? Send(source, EthernetFrame.AllNodes, WellKnown.AllNodes, message)
            : Send(source, station, discovery.Source, message);
        return PuntOutcome.AnsweredIf(sent);
    }

    private PuntOutcome TakeAdvertisement(InterfaceInfo source, NeighborDiscoveryPacket discovery)
    {
        if (!discovery.TryReadAdvertisement(out var advertisement)
            || advertisement.Options.TargetLinkLayer is { IsMulticast: true })
        {
            return PuntOutcome.Drop(SlowPathDropReason.NdMalformed);
        }
        if (!addresses.IsLegitimate(source, advertisement.Target))
            return PuntOutcome.Drop(SlowPathDropReason.NdSpoofed);
        if (advertisement.IsSolicited)
            return neighbors.HandleAnswer(source, advertisement.Target, advertisement.Options.TargetLinkLayer);
        neighbors.Heard(source, advertisement.Target, advertisement.Options.TargetLinkLayer);
        return PuntOutcome.Drop(SlowPathDropReason.Unsolicited);
    }

    private PuntOutcome AnswerRouter(InterfaceInfo source, MacAddress station, NeighborDiscoveryPacket discovery)
    {
        if (!RouterSolicitation.TryRead(discovery.Message, out var solicitation)
            || (discovery.Source.IsUnspecified && solicitation.Options.SourceLinkLayer is not null))
        {
            return PuntOutcome.Drop(SlowPathDropReason.NdMalformed);
        }
        if (_advertised.Add(source.Id))
            ScheduleAdvertisement(source.Id);
        bool sent = discovery.Source.IsUnspecified
            ? AdvertiseRouter(source, EthernetFrame.AllNodes, WellKnown.AllNodes)
            : AdvertiseRouter(source, station, discovery.Source);
        return PuntOutcome.AnsweredIf(sent);
    }

    /// <summary>
    /// Guests ask only when their link comes up, so whoever asked once is told again before the lifetime ends (RFC 4861
    /// section 6.2.4).
    /// </summary>
    private void ScheduleAdvertisement(InterfaceId id) => timers.Schedule(options.RouterAdvertisementInterval, () =>
    {
        if (ports.FindInterface(id) is not { } target)
        {
            _ = _advertised.Remove(id);
            return;
        }
        // On standby it is for the other forwarder to speak.
        if (ports.FindPort(target.Port) is not { Standby: var standby } || (standby & StandbyFamilies.Ipv6) == 0)
            _ = AdvertiseRouter(target, EthernetFrame.AllNodes, WellKnown.AllNodes);
        ScheduleAdvertisement(id);
    });

    private bool AdvertiseRouter(InterfaceInfo target, MacAddress station, Ipv6Address destination)
    {
        Span<byte> message = stackalloc byte[RouterAdvertisement.Length];
        RouterAdvertisement.Write(
            message, IcmpDatagram.DefaultHopLimit, RouterLifetimeSeconds, ports.FirstHop.Mac6, target.Mtu);
        return Send(target, station, destination, message);
    }

    private bool Send(InterfaceInfo target, MacAddress station, Ipv6Address destination, ReadOnlySpan<byte> message)
    {
        var datagram = IcmpDatagram.Create(
            ports.FirstHop.Address6, destination, 0, IcmpDatagram.NeighborDiscoveryHopLimit, 0, message);
        return guests.SendDatagram(target, station, datagram);
    }
}
