using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// ICMP errors in VPN context: time exceeded, fragmentation needed, packet too big (RFC 792, RFC 1191, RFC 4443), with
/// the rules about what must never cause one and a budget per VRF.
/// </summary>
internal sealed class IcmpErrorGenerator(
    ISlowPathPorts ports,
    ReturnPath returnPath,
    IcmpBudget<Forwarding.VrfId> budget,
    DatagramIdentification identification)
{
    /// <summary>An ICMPv4 error is no longer than this (RFC 1812 section 4.3.2.3).</summary>
    private const int MaximumV4Length = 576;

    /// <summary>An ICMPv6 error is no longer than the least MTU of IPv6 (RFC 4443 section 2.4 c).</summary>
    private const int MaximumV6Length = 1280;

    /// <summary>Handles a packet whose TTL or hop limit ends here.</summary>
    internal PuntOutcome HandleTtlExpired(in PuntedPacket packet)
    {
        if (!IpDatagram.TryRead(packet.L3, out var datagram))
            return PuntOutcome.Drop(SlowPathDropReason.Malformed);
        byte type = datagram.Family == AddressFamily.Ipv4 ? Icmpv4Type.TimeExceeded : Icmpv6Type.TimeExceeded;
        return Send(packet, datagram, type, 0, 0);
    }

    /// <summary>Reports that a datagram does not fit the next link.</summary>
    /// <param name="packet">The punted packet.</param>
    /// <param name="datagram">Its datagram.</param>
    /// <param name="mtu">Longest datagram that would have passed, in octets.</param>
    internal PuntOutcome ReportTooBig(in PuntedPacket packet, in IpDatagram datagram, ushort mtu) =>
        datagram.Family == AddressFamily.Ipv4
            ? Send(packet, datagram, Icmpv4Type.DestinationUnreachable, Icmpv4Type.FragmentationNeededCode, mtu)
            : Send(packet, datagram, Icmpv6Type.PacketTooBig, 0, mtu);

    private PuntOutcome Send(in PuntedPacket packet, in IpDatagram datagram, byte type, byte code, uint restOfHeader)
    {
        bool isLinkMulticast = packet.CameFromInterface
            && EthernetFrame.TryReadStations(packet.Frame, out var station, out _)
            && station.IsMulticast;
        if (isLinkMulticast || !MayReport(datagram))
            return PuntOutcome.Drop(SlowPathDropReason.IcmpSuppressed);
        if (SourceAddress(packet, datagram.Family) is not { } source)
            return PuntOutcome.Drop(SlowPathDropReason.NoIcmpSource);
        if (!budget.TryTake(packet.Vrf))
            return PuntOutcome.Drop(SlowPathDropReason.IcmpRateLimited);

        int quotable = datagram.Family == AddressFamily.Ipv4
            ? MaximumV4Length - HeaderSize.Ipv4 - IcmpMessage.HeaderLength
            : MaximumV6Length - HeaderSize.Ipv6 - IcmpMessage.HeaderLength;
        var quoted = datagram.Bytes[..Math.Min(datagram.Bytes.Length, quotable)];
        var message = new byte[IcmpMessage.HeaderLength + quoted.Length];
        IcmpMessage.WriteHeader(message, type, code, restOfHeader);
        quoted.CopyTo(message.AsSpan(IcmpMessage.HeaderLength));
        var error = IcmpDatagram.Create(
            source,
            datagram.Source,
            IcmpDatagram.NetworkControl,
            IcmpDatagram.DefaultHopLimit,
            datagram.Family == AddressFamily.Ipv4 ? identification.Next() : (ushort)0,
            message);
        return returnPath.Send(packet, error);
    }

    /// <summary>
    /// The VRF's router address, else the first-hop address; a link-local IPv6 one only reaches a guest attached here.
    /// </summary>
    private IpAddress? SourceAddress(in PuntedPacket packet, AddressFamily family)
    {
        if (ports.FindVrf(packet.Vrf)?.RouterAddress(family) is { } router)
            return router;
        var firstHop = ports.FirstHop.Address(family);
        return family == AddressFamily.Ipv6 && !packet.CameFromInterface && firstHop.IsLinkLocal
            ? null
            : firstHop;
    }

    /// <summary>The rules of RFC 1122 section 3.2.2 and RFC 4443 section 2.4 e.</summary>
    private static bool MayReport(in IpDatagram datagram)
    {
        if (datagram.IsLaterFragment || !IsSingleHost(datagram.Source) || datagram.Destination.IsMulticast)
            return false;
        if (datagram.Family == AddressFamily.Ipv4)
        {
            return !datagram.Destination.V4.IsLimitedBroadcast
                && (datagram.Protocol != IpProtocol.Icmp
                    || (!datagram.Payload.IsEmpty && !Icmpv4Type.IsError(datagram.Payload[0])));
        }
        return datagram.Protocol != IpProtocol.Icmpv6
            || (!datagram.Payload.IsEmpty && !Icmpv6Type.IsErrorOrRedirect(datagram.Payload[0]));
    }

    private static bool IsSingleHost(IpAddress address)
    {
        if (address.IsUnspecified || address.IsMulticast || address.IsLoopback)
            return false;
        const uint ClassE = 0xf;
        return address.IsV6 || address.V4.Value >> 28 != ClassE;
    }
}
