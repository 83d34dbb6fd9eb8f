using System.Buffers.Binary;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Fuzz.Model;

/// <summary>
/// The forwarder written down a second time, slowly: the packet behaviour of the specification over plain lists, with
/// bounds-checked reads. It shares no code with the pipeline but settings and addresses, so that what both agree on is
/// what was specified. Punt budgets are not modelled.
/// </summary>
internal sealed partial class ReferenceForwarder(DatapathOptions options)
{
    private readonly List<PortSettings> _ports = [];
    private readonly List<InterfaceSettings> _interfaces = [];
    private readonly List<ReferenceVrf> _vrfs = [];
    private readonly List<TunnelSettings> _tunnels = [];
    private readonly List<ReferenceGroup> _groups = [];
    private readonly Dictionary<uint, MacAddress> _resolved = [];
    private readonly Dictionary<(uint Interface, IpAddress Address), MacAddress> _neighbors = [];

    internal ReferenceCounters Counters { get; } = new();

    internal void AddPort(PortSettings port) => _ports.Add(port);

    internal void AddVrf(Label20? aggregate, IEnumerable<IpAddress> routerAddresses)
    {
        var vrf = new ReferenceVrf { Aggregate = aggregate };
        vrf.RouterAddresses.Add(options.FirstHop4);
        vrf.RouterAddresses.Add(options.FirstHop6);
        vrf.RouterAddresses.UnionWith(routerAddresses);
        _vrfs.Add(vrf);
    }

    internal void AddInterface(InterfaceSettings settings) => _interfaces.Add(settings);

    internal void AddTunnel(TunnelSettings settings) => _tunnels.Add(settings);

    internal void AddGroup(GroupSettings settings) =>
        _groups.Add(new ReferenceGroup(settings, member => member.Tunnel is { } tunnel ? _tunnels[(int)tunnel.Value].Remote : member.Owner));

    internal void SetRoute(VrfId vrf, IpPrefix prefix, SuppliedRoute route) => _vrfs[(int)vrf.Value].Routes[prefix] = route;

    internal void RemoveRoute(VrfId vrf, IpPrefix prefix) => _vrfs[(int)vrf.Value].Routes.Remove(prefix);

    /// <summary>Rates are not modelled: rules have none, or drop all.</summary>
    internal void SetFilters(VrfId vrf, AddressFamily family, IReadOnlyList<FilterRule> rules) => _vrfs[(int)vrf.Value].Filters[family] = rules;

    internal void AllowIngress(VrfId vrf, IpAddress source) => _vrfs[(int)vrf.Value].Ingress.Add(source);

    internal void SetUnderlayNeighbor(PortId port, IpAddress nextHop, MacAddress? mac)
    {
        for (int i = 0; i < _tunnels.Count; i++)
        {
            if (_tunnels[i].Port != port || _tunnels[i].UnderlayNextHop != nextHop)
                continue;
            if (mac is { } address)
                _resolved[(uint)i] = address;
            else
                _resolved.Remove((uint)i);
        }
    }

    internal void SetInterfaceNeighbor(InterfaceId id, IpAddress address, MacAddress? mac)
    {
        if (mac is { } known)
            _neighbors[(id.Value, address)] = known;
        else
            _neighbors.Remove((id.Value, address));
    }

    /// <summary>A frame that a port received, in one segment.</summary>
    internal Prediction Receive(PortId port, ReadOnlySpan<byte> frame) =>
        _ports[port.Value].Role == PortRole.Core ? FromCore(port, frame) : FromInterface(port, frame);

    /// <summary>
    /// FWD-10: what a VRF's view has for an address. Traffic from interfaces uses what the gateway supplied; a route to a
    /// local interface is among it only when the gateway supplied that very prefix with our own address and the label of
    /// the interface that owns it, whichever VRF has it. Traffic from the core uses local routes at once; of two routes the longer one wins, of
    /// equally long ones the local one.
    /// </summary>
    internal Leaf Lookup(VrfId vrf, IpAddress address, bool coreView)
    {
        ReferenceVrf state = _vrfs[(int)vrf.Value];
        int bits = address.Family == AddressFamily.Ipv6 ? 128 : 32;
        if (state.RouterAddresses.Contains(address))
            return Leaf.Create(LeafKind.Router, bits, 0);
        Leaf best = Leaf.None;
        int longest = -1;
        foreach ((IpPrefix prefix, SuppliedRoute route) in state.Routes)
        {
            if (prefix.Length <= longest || !prefix.Contains(address) || state.IsRouterAddress(prefix))
                continue;
            Leaf leaf = Supplied(vrf, prefix, route);
            if (leaf != Leaf.None)
                (best, longest) = (leaf, prefix.Length);
        }
        if (!coreView)
            return best;
        for (int i = 0; i < _interfaces.Count; i++)
        {
            if (_interfaces[i].Vrf != vrf)
                continue;
            foreach (IpPrefix prefix in _interfaces[i].Addresses)
            {
                if (prefix.Length >= longest && prefix.Contains(address) && !state.IsRouterAddress(prefix))
                    (best, longest) = (Leaf.Create(LeafKind.Interface, prefix.Length, (uint)i), prefix.Length);
            }
        }
        return best;
    }

    private Leaf Supplied(VrfId vrf, IpPrefix prefix, SuppliedRoute route)
    {
        if (route.Group is { } group)
            return Leaf.Create(LeafKind.Group, prefix.Length, group.Value);
        if (route.Tunnel is { } tunnel)
            return Leaf.Create(LeafKind.Tunnel, prefix.Length, tunnel.Value, route.Label.Value);
        // The label may be of another VRF: a service that VPNs share, a hub (ARC-09, ARC-13).
        for (int i = 0; i < _interfaces.Count; i++)
        {
            if (_interfaces[i].Addresses.Contains(prefix) && _interfaces[i].Label == route.Label)
                return Leaf.Create(LeafKind.Interface, prefix.Length, (uint)i);
        }
        int aggregate = _vrfs.FindIndex(other => other.Aggregate == route.Label);
        return aggregate >= 0 ? Leaf.Create(LeafKind.CoreLookup, prefix.Length, (uint)aggregate) : Leaf.None;
    }

    private static ushort Word(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16BigEndian(data[at..]);

    private static IpAddress Destination(ReadOnlySpan<byte> packet) => packet[0] >> 4 == 6
        ? Ipv6Address.Read(packet[24..40])
        : (IpAddress)Ipv4Address.Read(packet[16..20]);

    private static IpAddress Source(ReadOnlySpan<byte> packet) => packet[0] >> 4 == 6
        ? Ipv6Address.Read(packet[8..24])
        : (IpAddress)Ipv4Address.Read(packet[12..16]);

    private sealed class ReferenceVrf
    {
        internal Label20? Aggregate { get; init; }

        internal HashSet<IpAddress> RouterAddresses { get; } = [];

        internal Dictionary<IpPrefix, SuppliedRoute> Routes { get; } = [];

        internal HashSet<IpAddress> Ingress { get; } = [];

        internal Dictionary<AddressFamily, IReadOnlyList<FilterRule>> Filters { get; } = [];

        internal bool IsRouterAddress(IpPrefix prefix) => prefix.IsHost && RouterAddresses.Contains(prefix.Address);
    }
}
