using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>Builds the questions of address resolution.</summary>
internal static class NeighborProbe
{
    /// <summary>ARP request from behind the Ethernet header on.</summary>
    internal static byte[] ArpRequest(MacAddress sourceMac, Ipv4Address source, Ipv4Address target)
    {
        var arp = new byte[ArpPacket.Length];
        ArpPacket.Write(arp, ArpPacket.Request, sourceMac, source, default, target);
        return arp;
    }

    /// <summary>IPv6 datagram with a neighbour solicitation, to the solicited-node group or to the target itself.</summary>
    internal static byte[] Solicitation(
        MacAddress sourceMac, Ipv6Address source, Ipv6Address target, bool isMulticast)
    {
        Span<byte> message = stackalloc byte[NeighborSolicitation.LengthWithOption];
        NeighborSolicitation.Write(message, target, sourceMac);
        var destination = isMulticast ? target.SolicitedNode : target;
        return IcmpDatagram.Create(source, destination, 0, IcmpDatagram.NeighborDiscoveryHopLimit, 0, message);
    }
}
