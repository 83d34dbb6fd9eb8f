using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// Resolves the next hops of tunnels on core ports by ARP and ND and keeps them fresh. Call on the slow-path thread
/// only.
/// </summary>
public sealed class UnderlayNeighbors : INeighborLink
{
    private readonly ISlowPathPorts _ports;
    private readonly DatapathSender _sender;
    private readonly NeighborTable _table;

    internal UnderlayNeighbors(
        ISlowPathPorts ports,
        DatapathSender sender,
        TimerQueue timers,
        HoldBudget budget,
        SlowPathOptions options,
        SlowPathCounters counters)
    {
        _ports = ports;
        _sender = sender;
        _table = new NeighborTable(
            this, sender, timers, budget, options, counters, neighborsPerLink: int.MaxValue);
    }

    /// <summary>
    /// Starts resolving a next hop and keeps it resolved; the first question leaves at once. Repeating it changes
    /// nothing.
    /// </summary>
    public void Require(PortId port, IpAddress nextHop) => _table.Require(Key(port, nextHop));

    /// <summary>Sets a configured neighbour; it is published at once and wins over anything learnt.</summary>
    public void AddStatic(PortId port, IpAddress address, MacAddress mac) => _table.AddStatic(Key(port, address), mac);

    /// <summary>True when the neighbour's MAC is known.</summary>
    public bool IsResolved(PortId port, IpAddress address) => _table.StateOf(Key(port, address))
        is NeighborState.Reachable or NeighborState.Probing or NeighborState.Static;

    internal NeighborState? StateOf(PortId port, IpAddress address) => _table.StateOf(Key(port, address));

    /// <summary>Handles a tenant packet whose tunnel's next hop is not resolved.</summary>
    internal PuntOutcome HandleUnresolved(in PuntedPacket packet)
    {
        if (!IpDatagram.TryRead(packet.L3, out var datagram))
            return PuntOutcome.Drop(SlowPathDropReason.Malformed);
        return _ports.FindTunnel(packet.Tunnel) is { } tunnel
            ? _table.Hold(Key(tunnel.Port, tunnel.NextHop), HeldPacket.From(packet, datagram))
            : PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
    }

    /// <summary>Takes an answer; anything that a neighbour in use says of itself counts as one.</summary>
    internal PuntOutcome HandleAnswer(PortId port, IpAddress address, MacAddress? mac) =>
        Learn(port, address, mac) ? PuntOutcome.Consumed : PuntOutcome.Drop(SlowPathDropReason.Unsolicited);

    /// <summary>Takes what a neighbour says of itself on the side, in a question of its own.</summary>
    internal bool Learn(PortId port, IpAddress address, MacAddress? mac)
    {
        var key = Key(port, address);
        return mac is { } known ? _table.Refresh(key, known) : _table.Confirm(key, null);
    }

    void INeighborLink.SendProbe(NeighborKey key, MacAddress? knownMac)
    {
        var id = new PortId((ushort)key.Link);
        if (_ports.FindPort(id) is not { } port || port.SourceTowards(key.Address) is not { } source)
            return;
        byte[] frame;
        if (key.Address.Family == AddressFamily.Ipv4)
        {
            var arp = NeighborProbe.ArpRequest(port.Mac, source.V4, key.Address.V4);
            frame = EthernetFrame.Create(
                knownMac ?? MacAddress.Broadcast, port.Mac, VlanTags.None, EtherType.Arp, arp);
        }
        else
        {
            var probe = NeighborProbe.Solicitation(
                port.Mac, source.V6, key.Address.V6, isMulticast: knownMac is null);
            var station = knownMac ?? EthernetFrame.Multicast(key.Address.V6.SolicitedNode);
            frame = EthernetFrame.Create(station, port.Mac, VlanTags.None, EtherType.Ipv6, probe);
        }
        _ = _sender.Transmit(id, InterfaceId.None, frame);
    }

    void INeighborLink.Publish(NeighborKey key, MacAddress mac) =>
        _ports.SetUnderlayNeighbor(new PortId((ushort)key.Link), key.Address, mac);

    void INeighborLink.Withdraw(NeighborKey key) =>
        _ports.RemoveUnderlayNeighbor(new PortId((ushort)key.Link), key.Address);

    private static NeighborKey Key(PortId port, IpAddress address) => new(port.Value, address);
}
