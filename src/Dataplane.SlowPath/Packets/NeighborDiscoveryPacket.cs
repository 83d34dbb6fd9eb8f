using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// An IPv6 packet with a neighbour discovery message that passed the checks common to all types (RFC 4861 sections
/// 6.1 and 7.1): hop limit 255, so no router forwarded it; checksum; ICMPv6 right behind the IPv6 header, so no
/// fragment either (RFC 6980).
/// </summary>
internal readonly ref struct NeighborDiscoveryPacket
{
    private NeighborDiscoveryPacket(Ipv6Address source, Ipv6Address destination, IcmpMessage message)
    {
        Source = source;
        Destination = destination;
        Message = message;
    }

    internal Ipv6Address Source { get; }

    internal Ipv6Address Destination { get; }

    internal IcmpMessage Message { get; }

    /// <summary>Reads the packet; false means discard.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out NeighborDiscoveryPacket packet)
    {
        packet = default;
        if (!IpDatagram.TryRead(bytes, out var datagram)
            || datagram.Family != AddressFamily.Ipv6
            || datagram.HeaderLength != HeaderSize.Ipv6
            || datagram.Protocol != IpProtocol.Icmpv6
            || datagram.HopLimit != IcmpDatagram.NeighborDiscoveryHopLimit
            || !IcmpMessage.TryRead(datagram.Payload, out var message))
        {
            return false;
        }
        var source = datagram.Source.V6;
        var destination = datagram.Destination.V6;
        if (source.IsMulticast || !message.HasValidChecksum(source, destination))
            return false;
        packet = new NeighborDiscoveryPacket(source, destination, message);
        return true;
    }

    /// <summary>
    /// Reads the message as a solicitation, with the rules for the unspecified source of RFC 4861 section 7.1.1.
    /// </summary>
    internal bool TryReadSolicitation(out NeighborSolicitation solicitation)
    {
        if (!NeighborSolicitation.TryRead(Message, out solicitation) || solicitation.Target.IsUnspecified)
            return false;
        return !Source.IsUnspecified
            || (Destination == solicitation.Target.SolicitedNode && solicitation.Options.SourceLinkLayer is null);
    }

    /// <summary>Reads the message as an advertisement, with the rule for multicast of RFC 4861 section 7.1.2.</summary>
    internal bool TryReadAdvertisement(out NeighborAdvertisement advertisement) =>
        NeighborAdvertisement.TryRead(Message, out advertisement)
        && !Source.IsUnspecified
        && !(Destination.IsMulticast && advertisement.IsSolicited);
}
