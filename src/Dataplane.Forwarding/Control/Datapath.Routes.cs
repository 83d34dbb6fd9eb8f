using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <content>
/// VRFs and their routes. Two sources meet here: what the signaling gateway supplied, and the prefixes of local
/// interfaces. The access view gets a local route only once the gateway has supplied that very prefix with our own
/// address and the owning interface's label (FWD-10); the local table has it at once, for traffic from the core.
/// </content>
public sealed unsafe partial class Datapath
{
    private readonly List<VrfState> _vrfs = [];

    /// <summary>Adds a VRF; the first-hop addresses and <paramref name="routerAddresses"/> become the forwarder's own
    /// in it.</summary>
    public VrfId AddVrf(Label20? aggregateLabel, IReadOnlyList<IpAddress> routerAddresses)
    {
        uint row = (uint)_vrfs.Count;
        if (row == Options.Vrfs)
            throw new InvalidOperationException($"no room for another VRF: at most {Options.Vrfs}");
        var id = new VrfId(row);
        if (aggregateLabel is { } label)
            AssignLabel(label, LabelEntry.ForAggregate(row));
        var state = new VrfState { AggregateLabel = aggregateLabel };
        _vrfs.Add(state);
        AddRouterAddress(id, state, Options.FirstHop4);
        AddRouterAddress(id, state, Options.FirstHop6);
        foreach (IpAddress address in routerAddresses)
            AddRouterAddress(id, state, address);
        return id;
    }

    /// <summary>Makes an outer source legitimate for a VRF's labels (SEC-09).</summary>
    public void AllowIngress(VrfId vrf, IpAddress source)
    {
        if (source.Family == AddressFamily.Ipv4)
        {
            _ingress4.Set((ulong)(vrf.Value + 1) << 32 | WireOrder.V4(source.V4), 1);
            return;
        }
        (ulong first, ulong second) = WireOrder.V6(source.V6);
        _ingress6.Set(vrf.Value + 1, first, second, 1);
    }

    /// <summary>Adds or replaces a route that the gateway supplied; false when it stays unused for now, because it names
    /// this forwarder with a label that does not own the prefix (FWD-10).</summary>
    public bool SetRoute(VrfId vrf, IpPrefix prefix, SuppliedRoute route)
    {
        UseGroup(route.Group);
        VrfState state = _vrfs[(int)vrf.Value];
        state.Supplied.TryGetValue(prefix, out SuppliedRoute old);
        state.Supplied[prefix] = route;
        bool used = Install(vrf, prefix);
        LeaveGroup(old.Group);
        return used;
    }

    /// <summary>Removes a supplied route; false when there was none.</summary>
    public bool RemoveRoute(VrfId vrf, IpPrefix prefix)
    {
        if (!_vrfs[(int)vrf.Value].Supplied.Remove(prefix, out SuppliedRoute old))
            return false;
        Install(vrf, prefix);
        LeaveGroup(old.Group);
        return true;
    }

    /// <summary>Longest-prefix match as the workers do it; for tests and for `show`. Control thread only.</summary>
    /// <param name="vrf">The VRF.</param>
    /// <param name="address">Destination.</param>
    /// <param name="coreView">True for traffic from the core, false for traffic from interfaces.</param>
    public Leaf Lookup(VrfId vrf, IpAddress address, bool coreView) =>
        Pipeline.FastPath.LookupOne(_root, vrf.Value, address, coreView);

    private void AddRouterAddress(VrfId vrf, VrfState state, IpAddress address)
    {
        var prefix = new IpPrefix(address, (byte)(address.Family == AddressFamily.Ipv4 ? 32 : 128));
        state.RouterAddresses.Add(prefix);
        Install(vrf, prefix);
    }

    private void SetLocalRoute(VrfId vrf, IpPrefix prefix, InterfaceId owner)
    {
        if (!_vrfs[(int)vrf.Value].Local.TryAdd(prefix, owner))
            throw new ArgumentException($"{prefix} belongs to two interfaces of one VRF");
        Install(vrf, prefix);
    }

    // Works out the entries of one prefix in both tables; true when the access view has one for the supplied route.
    private bool Install(VrfId vrf, IpPrefix prefix)
    {
        VrfState state = _vrfs[(int)vrf.Value];
        Leaf access = Leaf.None;
        Leaf local = Leaf.None;
        if (state.RouterAddresses.Contains(prefix))
        {
            access = local = Leaf.Create(LeafKind.Router, prefix.Length, 0);
        }
        else
        {
            bool isLocal = state.Local.TryGetValue(prefix, out InterfaceId owner);
            if (isLocal)
                local = Leaf.Create(LeafKind.Interface, prefix.Length, owner.Value);
            if (state.Supplied.TryGetValue(prefix, out SuppliedRoute route))
            {
                if (route.Group is { } group)
                    access = Leaf.Create(LeafKind.Group, prefix.Length, group.Value);
                else if (route.Tunnel is { } tunnel)
                    access = Leaf.Create(LeafKind.Tunnel, prefix.Length, tunnel.Value, route.Label.Value);
                else if (isLocal && _interfaces[(int)owner.Value].Label == route.Label)
                    access = local;
                else if (state.AggregateLabel == route.Label)
                    access = Leaf.Create(LeafKind.CoreLookup, prefix.Length, 0);
            }
        }
        VrfRow* row = _root->Vrfs + vrf.Value;
        bool v4 = prefix.Address.Family == AddressFamily.Ipv4;
        Write(v4 ? &row->Access4 : &row->Access6, VrfRow.AccessSpace(vrf.Value), prefix, access);
        Write(v4 ? &row->Local4 : &row->Local6, VrfRow.LocalSpace(vrf.Value), prefix, local);
        return access != Leaf.None;
    }

    private void Write(TrieNode** trie, uint space, IpPrefix prefix, Leaf leaf)
    {
        if (prefix.IsHost)
        {
            WriteHost(space, prefix.Address, leaf);
            return;
        }
        (ulong high, ulong low) = WireOrder.TrieKey(prefix.Address);
        if (leaf == Leaf.None)
            _tries.Remove(trie, high, low, prefix.Length);
        else
            _tries.Set(trie, high, low, prefix.Length, leaf);
    }

    private void WriteHost(uint space, IpAddress address, Leaf leaf)
    {
        if (address.Family == AddressFamily.Ipv4)
        {
            ulong key = (ulong)space << 32 | WireOrder.V4(address.V4);
            if (leaf == Leaf.None)
                _hosts4.Remove(key);
            else
                _hosts4.Set(key, leaf.Bits);
            return;
        }
        (ulong first, ulong second) = WireOrder.V6(address.V6);
        if (leaf == Leaf.None)
            _hosts6.Remove(space, first, second);
        else
            _hosts6.Set(space, first, second, leaf.Bits);
    }

    private sealed class VrfState
    {
        internal Label20? AggregateLabel { get; init; }

        internal HashSet<IpPrefix> RouterAddresses { get; } = [];

        internal Dictionary<IpPrefix, SuppliedRoute> Supplied { get; } = [];

        internal Dictionary<IpPrefix, InterfaceId> Local { get; } = [];
    }
}
