using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration;
using Dataplane.Net;
using Dataplane.SlowPath;

namespace Dataplane.Host.Forwarding;

/// <summary>The datapath as the slow path sees it. Owner thread: the slow path's, which is also the tables' only writer.</summary>
internal sealed class DatapathPorts : ISlowPathPorts
{
    private readonly Datapath _datapath;
    private readonly PacketInjector _injector;
    private readonly Dictionary<PortId, PortInfo> _ports = [];
    private readonly Dictionary<PortId, StandbyFamilies> _standby = [];
    private readonly VrfInfo[] _vrfs;
    private readonly ForwardingTables _tables;
    private readonly Dictionary<InterfaceId, InterfaceInfo> _interfaces = [];
    private IReadOnlyList<LiveInterface> _known = [];
    private IReadOnlyList<LivePort> _knownPorts = [];

    /// <summary>Shows the tables and sends through an injector.</summary>
    public DatapathPorts(ForwardingTables tables, PacketInjector injector)
    {
        _tables = tables;
        _datapath = tables.Datapath;
        _injector = injector;
        DataplaneConfiguration configuration = tables.Configuration;
        FirstHop = new FirstHop(
            configuration.FirstHop.Mac, configuration.FirstHop.Mac6, configuration.FirstHop.Address, configuration.FirstHop.Address6);
        _vrfs = [.. configuration.Vrfs.Select(static (vrf, row) => new VrfInfo(new VrfId((uint)row), vrf.RouterAddresses))];
    }

    /// <inheritdoc/>
    public FirstHop FirstHop { get; }

    /// <inheritdoc/>
    public InterfaceInfo? FindInterface(InterfaceId id)
    {
        if (!ReferenceEquals(_known, _tables.Interfaces))
        {
            _known = _tables.Interfaces;
            _interfaces.Clear();
            foreach (LiveInterface live in _known)
                _interfaces.Add(live.Id, _tables.Describe(live));
        }
        return _interfaces.GetValueOrDefault(id);
    }

    /// <inheritdoc/>
    public PortInfo? FindPort(PortId id)
    {
        if (!ReferenceEquals(_knownPorts, _tables.Ports))
        {
            _knownPorts = _tables.Ports;
            _ports.Clear();
            foreach (LivePort live in _knownPorts)
            {
                _ports.Add(live.Id, new PortInfo(live.Id, live.Mac, (ushort)live.Settings.Mtu,
                    [.. live.Settings.Addresses.Select(static own => new CoreAddress(own.Address, own.Subnet.Length))])
                {
                    Standby = _standby.GetValueOrDefault(live.Id),
                });
            }
        }
        return _ports.GetValueOrDefault(id);
    }

    /// <inheritdoc/>
    public IEnumerable<SlowPath.VlanTags> TagsOf(PortId port)
    {
        string? name = _tables.Ports.FirstOrDefault(live => live.Id == port)?.Settings.Name;
        return _tables.Interfaces.Where(live => live.Settings.Port == name)
            .Select(static live => new SlowPath.VlanTags(live.Settings.Vlan.Outer, live.Settings.Vlan.Inner)).Distinct();
    }

    /// <inheritdoc/>
    public void SetStandby(PortId port, StandbyFamilies families)
    {
        _standby[port] = families;
        if (FindPort(port) is { } info)
            _ports[port] = info with { Standby = families };
        _datapath.SetStandby(port, families);
    }

    /// <inheritdoc/>
    public VrfInfo? FindVrf(VrfId id) => id.Value < _vrfs.Length ? _vrfs[id.Value] : _tables.HasVrf(id) ? new VrfInfo(id, []) : null;

    /// <inheritdoc/>
    public TunnelInfo? FindTunnel(TunnelId id) => id.Value < _datapath.Tunnels.Count
        ? new TunnelInfo(id, _datapath.Tunnels[(int)id.Value].Port, _datapath.Tunnels[(int)id.Value].UnderlayNextHop)
        : null;

    /// <inheritdoc/>
    public bool TransmitFrame(PortId port, InterfaceId destination, ReadOnlySpan<byte> frame) =>
        _injector.TryInject(new InjectTag { Kind = InjectKind.Frame, Port = port.Value, Interface = destination.Value }, frame);

    /// <inheritdoc/>
    public bool InjectPacket(VrfId vrf, PacketOrigin view, InterfaceId source, bool keepTtl, ReadOnlySpan<byte> packet) =>
        _injector.TryInject(
            new InjectTag
            {
                Kind = view == PacketOrigin.Core ? InjectKind.CoreView : InjectKind.AccessView,
                KeepTtl = (byte)(keepTtl ? 1 : 0),
                Vrf = vrf.Value,
                Interface = source.Value,
            },
            packet);

    /// <inheritdoc/>
    public bool DeliverPacket(VrfId vrf, InterfaceId target, ReadOnlySpan<byte> packet) => _injector.TryInject(
        new InjectTag { Kind = InjectKind.Delivery, KeepTtl = 1, Vrf = vrf.Value, Interface = target.Value }, packet);

    /// <inheritdoc/>
    public void SetInterfaceNeighbor(InterfaceId id, IpAddress address, MacAddress mac) =>
        _datapath.SetInterfaceNeighbor(id, address, mac);

    /// <inheritdoc/>
    public void RemoveInterfaceNeighbor(InterfaceId id, IpAddress address) => _datapath.RemoveInterfaceNeighbor(id, address);

    /// <inheritdoc/>
    public void SetUnderlayNeighbor(PortId port, IpAddress address, MacAddress mac) =>
        _datapath.SetUnderlayNeighbor(port, address, mac);

    /// <inheritdoc/>
    public void RemoveUnderlayNeighbor(PortId port, IpAddress address) => _datapath.SetUnderlayNeighbor(port, address, null);
}
