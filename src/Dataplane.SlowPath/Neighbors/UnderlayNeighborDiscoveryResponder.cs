using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// Neighbour discovery on core ports (RFC 4861): answers for the port's own addresses only and keeps neighbours in use
/// fresh. Router advertisements and redirects of the underlay change nothing: its routes are configured.
/// </summary>
internal sealed class UnderlayNeighborDiscoveryResponder(
    ISlowPathPorts ports, DatapathSender sender, UnderlayNeighbors neighbors)
{
    internal PuntOutcome Handle(in PuntedPacket packet)
    {
        if (ports.FindPort(packet.Port) is not { } port)
            return PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
        if (!EthernetFrame.TryReadStations(packet.Frame, out _, out var station)
            || !NeighborDiscoveryPacket.TryRead(packet.L3, out var discovery))
        {
            return PuntOutcome.Drop(SlowPathDropReason.NdMalformed);
        }
        if (!discovery.Source.IsUnspecified && port.HasAddress(discovery.Source))
            return PuntOutcome.Drop(SlowPathDropReason.AddressConflict);
        return discovery.Message.Type switch
        {
            Icmpv6Type.NeighborSolicitation => HandleSolicitation(port, station, discovery),
            Icmpv6Type.NeighborAdvertisement => HandleAdvertisement(port, discovery),
            Icmpv6Type.RouterSolicitation or Icmpv6Type.RouterAdvertisement or Icmpv6Type.Redirect =>
                PuntOutcome.Drop(SlowPathDropReason.NotForUs),
            _ => PuntOutcome.Drop(SlowPathDropReason.NdMalformed),
        };
    }

    private PuntOutcome HandleSolicitation(PortInfo port, MacAddress station, NeighborDiscoveryPacket discovery)
    {
        if (!discovery.TryReadSolicitation(out var solicitation)
            || solicitation.Options.SourceLinkLayer is { IsMulticast: true })
        {
            return PuntOutcome.Drop(SlowPathDropReason.NdMalformed);
        }
        bool learnt = solicitation.Options.SourceLinkLayer is { } mac
            && neighbors.Learn(port.Id, discovery.Source, mac);
        if (port.HasAddress(solicitation.Target))
            return Answer(port, station, discovery.Source, solicitation.Target);
        return learnt ? PuntOutcome.Consumed : PuntOutcome.Drop(SlowPathDropReason.NotForUs);
    }

    private PuntOutcome HandleAdvertisement(PortInfo port, NeighborDiscoveryPacket discovery)
    {
        if (!discovery.TryReadAdvertisement(out var advertisement)
            || advertisement.Options.TargetLinkLayer is { IsMulticast: true })
        {
            return PuntOutcome.Drop(SlowPathDropReason.NdMalformed);
        }
        return port.HasAddress(advertisement.Target)
            ? PuntOutcome.Drop(SlowPathDropReason.AddressConflict)
            : neighbors.HandleAnswer(port.Id, advertisement.Target, advertisement.Options.TargetLinkLayer);
    }

    private PuntOutcome Answer(PortInfo port, MacAddress station, Ipv6Address asker, Ipv6Address target)
    {
        bool isDuplicateDetection = asker.IsUnspecified;
        uint flags = NeighborAdvertisement.RouterFlag | NeighborAdvertisement.OverrideFlag;
        if (!isDuplicateDetection)
            flags |= NeighborAdvertisement.SolicitedFlag;
        Span<byte> message = stackalloc byte[NeighborAdvertisement.LengthWithOption];
        NeighborAdvertisement.Write(message, flags, target, port.Mac);
        var datagram = IcmpDatagram.Create(
            target,
            isDuplicateDetection ? WellKnown.AllNodes : asker,
            0,
            IcmpDatagram.NeighborDiscoveryHopLimit,
            0,
            message);
        var destination = isDuplicateDetection ? EthernetFrame.AllNodes : station;
        var frame = EthernetFrame.Create(destination, port.Mac, VlanTags.None, EtherType.Ipv6, datagram);
        return PuntOutcome.AnsweredIf(sender.Transmit(port.Id, InterfaceId.None, frame));
    }
}
