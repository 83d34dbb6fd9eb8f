using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// Resolves guests on virtual interfaces without a configured MAC: ARP from the VRF's router address or the first-hop
/// address, ND from the link-local first-hop address. Only addresses of the interface are asked for and believed.
/// </summary>
internal sealed class InterfaceNeighbors : INeighborLink
{
    private readonly ISlowPathPorts _ports;
    private readonly GuestAddresses _addresses;
    private readonly GuestLink _guests;
    private readonly NeighborTable _table;

    internal InterfaceNeighbors(
        ISlowPathPorts ports,
        GuestAddresses addresses,
        DatapathSender sender,
        GuestLink guests,
        TimerQueue timers,
        HoldBudget budget,
        SlowPathOptions options,
        SlowPathCounters counters)
    {
        _ports = ports;
        _addresses = addresses;
        _guests = guests;
        _table = new NeighborTable(this, sender, timers, budget, options, counters, options.NeighborsPerInterface);
    }

    /// <summary>State of a neighbour, or null when nothing is known of it.</summary>
    internal NeighborState? StateOf(InterfaceId id, IpAddress address) => _table.StateOf(new(id.Value, address));

    /// <summary>Handles a packet whose neighbour on <see cref="PuntedPacket.TargetInterface"/> is not resolved.</summary>
    internal PuntOutcome HandleUnresolved(in PuntedPacket packet)
    {
        if (!IpDatagram.TryRead(packet.L3, out var datagram))
            return PuntOutcome.Drop(SlowPathDropReason.Malformed);
        if (_ports.FindInterface(packet.TargetInterface) is not { Mac: null } target)
            return PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
        return _addresses.IsLegitimate(target, datagram.Destination)
            ? _table.Hold(new NeighborKey(target.Id.Value, datagram.Destination), HeldPacket.From(packet, datagram))
            : PuntOutcome.Drop(SlowPathDropReason.NotOnLink);
    }

    /// <summary>Takes the answer of a guest, already checked to own the address; where no question is open, the guest is asked if that is of use.</summary>
    internal PuntOutcome HandleAnswer(InterfaceInfo source, IpAddress address, MacAddress? mac)
    {
        if (_table.Confirm(new NeighborKey(source.Id.Value, address), mac))
            return PuntOutcome.Consumed;
        Heard(source, address, mac);
        return PuntOutcome.Drop(SlowPathDropReason.Unsolicited);
    }

    /// <summary>A guest, already checked to own the address, spoke of its own accord.</summary>
    internal void Heard(InterfaceInfo source, IpAddress address, MacAddress? mac) => _table.Heard(new NeighborKey(source.Id.Value, address), mac);

    /// <summary>Forgets neighbours whose addresses are not the interface's any more.</summary>
    internal void Review(InterfaceId id)
    {
        var info = _ports.FindInterface(id);
        _table.Forget(id.Value, address => info is null || !_addresses.IsLegitimate(info, address));
    }

    void INeighborLink.SendProbe(NeighborKey key, MacAddress? knownMac)
    {
        if (_ports.FindInterface(new InterfaceId(key.Link)) is not { } target)
            return;
        var firstHop = _ports.FirstHop;
        if (key.Address.Family == AddressFamily.Ipv4)
        {
            var source = _ports.FindVrf(target.Vrf)?.RouterAddress(AddressFamily.Ipv4)?.V4 ?? firstHop.Address4;
            var arp = NeighborProbe.ArpRequest(firstHop.Mac4, source, key.Address.V4);
            _ = _guests.SendArp(target, knownMac ?? MacAddress.Broadcast, arp);
        }
        else
        {
            var probe = NeighborProbe.Solicitation(
                firstHop.Mac6, firstHop.Address6, key.Address.V6, isMulticast: knownMac is null);
            var station = knownMac ?? EthernetFrame.Multicast(key.Address.V6.SolicitedNode);
            _ = _guests.SendDatagram(target, station, probe);
        }
    }

    void INeighborLink.Publish(NeighborKey key, MacAddress mac) =>
        _ports.SetInterfaceNeighbor(new InterfaceId(key.Link), key.Address, mac);

    void INeighborLink.Withdraw(NeighborKey key) =>
        _ports.RemoveInterfaceNeighbor(new InterfaceId(key.Link), key.Address);
}
