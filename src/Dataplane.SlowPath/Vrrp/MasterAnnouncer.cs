using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// Tells a link that the virtual MAC is here now, once in each VLAN and again a second later: gratuitous ARP and an unsolicited
/// neighbour advertisement of the first-hop address (RFC 9568 section 6.4.2). Guests have that MAC in their caches already; it
/// is the bridges in between that learn by it.
/// </summary>
internal sealed class MasterAnnouncer(ISlowPathPorts ports, DatapathSender sender, TimerQueue timers)
{
    // The way to the workers is as long as a ring.
    private const int MostAtOnce = 32;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_repetition = TimeSpan.FromSeconds(1);

    internal void Announce(VrrpElection election, StandbyFamilies families)
    {
        var tags = new Queue<VlanTags>(ports.TagsOf(election.Settings.Port).Append(new VlanTags(election.Settings.Vlan)).Distinct());
        Send(election, families, tags);
        _ = timers.Schedule(s_repetition, () => Send(election, families, new Queue<VlanTags>(ports.TagsOf(election.Settings.Port))));
    }

    private void Send(VrrpElection election, StandbyFamilies families, Queue<VlanTags> tags)
    {
        for (int sent = 0; sent < MostAtOnce && tags.TryDequeue(out var tag); sent++)
        {
            if (election.State != VrrpState.Master)
                return;
            if ((families & StandbyFamilies.Ipv4) != 0)
                Transmit(election, ArpFrame(tag));
            if ((families & StandbyFamilies.Ipv6) != 0)
                Transmit(election, AdvertisementFrame(tag));
        }
        if (tags.Count != 0)
            _ = timers.Schedule(s_pause, () => Send(election, families, tags));
    }

    private void Transmit(VrrpElection election, byte[] frame)
    {
        if (sender.Transmit(election.Settings.Port, InterfaceId.None, frame))
            election.Counters.Announcements++;
    }

    private byte[] ArpFrame(VlanTags tag)
    {
        var mac = ports.FirstHop.Mac4;
        var address = ports.FirstHop.Address4;
        Span<byte> arp = stackalloc byte[ArpPacket.Length];
        ArpPacket.Write(arp, ArpPacket.Request, mac, address, MacAddress.Broadcast, address);
        return EthernetFrame.Create(MacAddress.Broadcast, mac, tag, EtherType.Arp, arp);
    }

    private byte[] AdvertisementFrame(VlanTags tag)
    {
        var mac = ports.FirstHop.Mac6;
        var address = ports.FirstHop.Address6;
        Span<byte> message = stackalloc byte[NeighborAdvertisement.LengthWithOption];
        NeighborAdvertisement.Write(
            message, NeighborAdvertisement.RouterFlag | NeighborAdvertisement.OverrideFlag, address, mac);
        var datagram = IcmpDatagram.Create(
            address, WellKnown.AllNodes, 0, IcmpDatagram.NeighborDiscoveryHopLimit, 0, message);
        return EthernetFrame.Create(EthernetFrame.AllNodes, mac, tag, EtherType.Ipv6, datagram);
    }
}
