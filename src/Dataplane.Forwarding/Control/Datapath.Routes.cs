using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <content>
/// VRFs and their routes. Two sources meet here: what the signaling gateway supplied, and the prefixes of local
/// interfaces. The access view gets a local route only once the gateway has supplied that very prefix with our own
/// address and the owning interface's label (FWD-10), or that of an interface or VRF which another VPN has here; the local table has it at once, for traffic from the core.
/// <para>
/// A route through a tunnel, as nearly all are, is kept in the tables alone: the leaf in the access view says all there is
/// to say. <see cref="VrfState.Held"/> has the others.
/// </para>
/// </content>
public sealed unsafe partial class Datapath
{
    private readonly List<VrfState> _vrfs = [];
    private readonly ReusedRows _vrfRows;

    /// <summary>Adds a VRF; the first-hop addresses and <paramref name="routerAddresses"/> become the forwarder's own
    /// in it.</summary>
    public VrfId AddVrf(Label20? aggregateLabel, IReadOnlyList<IpAddress> routerAddresses)
    {
        uint row = TakeVrfRow();
        var id = new VrfId(row < _vrfs.Count ? RowLife.After(_vrfs[(int)row].Id.Value) : row);
        var state = new VrfState { Id = id, AggregateLabel = aggregateLabel };
        try
        {
            if (aggregateLabel is { } label)
                AssignLabel(label, LabelEntry.ForAggregate(row));
        }
        catch
        {
            _vrfRows.Give(row);
            throw;
        }
        if (row == _vrfs.Count)
            _vrfs.Add(state);
        else
            _vrfs[(int)row] = state;
        Volatile.Write(ref _root->Vrfs[row].Id, id.Value);
        AddRouterAddress(id, state, Options.FirstHop4);
        AddRouterAddress(id, state, Options.FirstHop6);
        foreach (IpAddress address in routerAddresses)
            AddRouterAddress(id, state, address);
        if (aggregateLabel is { } own)
            LabelChanged(own, id);
        return id;
    }

    /// <summary>
    /// Removes a VRF that has no interface, supplied route or legitimate source left. Its label is free at once, and packets of others that are to be looked
    /// up in it have no route; its row, and the counters of it, serve another VRF when no worker can hold a packet of this one.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something is left in it.</exception>
    public void RemoveVrf(VrfId id)
    {
        VrfState state = VrfOf(id);
        if (state.Interfaces != 0 || state.Routes != 0 || state.Sources != 0)
            throw new InvalidOperationException(
                $"VRF {id.Row} still has {state.Interfaces} interfaces, {state.Routes} routes and {state.Sources} sources");
        if (state.AggregateLabel is { } label)
        {
            Volatile.Write(ref _root->Labels[label.Value], 0);
            LabelChanged(label, id);
        }
        EndLookups(id, state);
        SetFilters(id, AddressFamily.Ipv4, []);
        SetFilters(id, AddressFamily.Ipv6, []);
        IpPrefix[] own = [.. state.RouterAddresses];
        state.RouterAddresses.Clear();
        foreach (IpPrefix prefix in own)
            Install(id, prefix);
        state.IsRemoved = true;
        Volatile.Write(ref _root->Vrfs[id.Row].Id, RowLife.Gone);
        _epochs.Retire(NativeBlock.Allocate(1), _vrfRows, (int)id.Row);
    }

    /// <summary>
    /// Gives a VRF that is there another aggregate label, or none: one that was made without needs one when a prefix of it is published. Routes that
    /// were supplied before are not looked at again. Workers may run.
    /// </summary>
    /// <exception cref="ArgumentException">The label is in use.</exception>
    public void SetAggregateLabel(VrfId vrf, Label20? label)
    {
        VrfState state = VrfOf(vrf);
        if (label is { } wanted)
            AssignLabel(wanted, LabelEntry.ForAggregate(vrf.Row));
        if (state.AggregateLabel is { } before)
            Volatile.Write(ref _root->Labels[before.Value], 0);
        state.AggregateLabel = label;
    }

    /// <summary>Makes an outer source legitimate for a VRF's labels (SEC-09).</summary>
    public void AllowIngress(VrfId vrf, IpAddress source)
    {
        VrfState state = VrfOf(vrf);
        if (source.Family == AddressFamily.Ipv4)
        {
            state.Sources += _ingress4.Set((ulong)(vrf.Row + 1) << 32 | WireOrder.V4(source.V4), 1) == 0 ? 1 : 0;
            return;
        }
        (ulong first, ulong second) = WireOrder.V6(source.V6);
        state.Sources += _ingress6.Set(vrf.Row + 1, first, second, 1) == 0 ? 1 : 0;
    }

    /// <summary>Undoes <see cref="AllowIngress"/>; false when the source was not legitimate.</summary>
    public bool RemoveIngress(VrfId vrf, IpAddress source)
    {
        bool removed;
        if (source.Family == AddressFamily.Ipv4)
        {
            removed = _ingress4.Remove((ulong)(vrf.Row + 1) << 32 | WireOrder.V4(source.V4));
        }
        else
        {
            (ulong first, ulong second) = WireOrder.V6(source.V6);
            removed = _ingress6.Remove(vrf.Row + 1, first, second);
        }
        VrfOf(vrf).Sources -= removed ? 1 : 0;
        return removed;
    }

    /// <summary>Adds or replaces a route that the gateway supplied; false when it stays unused for now, because it names
    /// this forwarder with a label that does not own the prefix (FWD-10).</summary>
    public bool SetRoute(VrfId vrf, IpPrefix prefix, SuppliedRoute route)
    {
        UseGroup(route.Group);
        VrfState state = VrfOf(vrf);
        Leaf leaf = LeafOf(route, prefix.Length);
        if (leaf != Leaf.None && !state.IsOwn(prefix))
        {
            bool wasHeld = Unhold(vrf, prefix, out _);
            Leaf replaced = WriteAccess(vrf, prefix, leaf);
            state.Routes += wasHeld || SpeaksForItself(replaced) ? 0 : 1;
            LeaveGroup(GroupIn(replaced));
            return true;
        }
        bool had = TryFindRoute(vrf, prefix, out SuppliedRoute old);
        GroupId? before = old.Group;
        state.Routes += had ? 0 : 1;
        Hold(vrf, prefix, route);
        bool used = Install(vrf, prefix);
        LeaveGroup(before);
        return used;
    }

    /// <summary>Removes a supplied route; false when there was none.</summary>
    public bool RemoveRoute(VrfId vrf, IpPrefix prefix)
    {
        VrfState state = VrfOf(vrf);
        if (Unhold(vrf, prefix, out SuppliedRoute old))
        {
            Install(vrf, prefix);
            LeaveGroup(old.Group);
            state.Routes--;
            return true;
        }
        if (!SpeaksForItself(ReadAccess(vrf, prefix)))
            return false;
        state.Routes--;
        LeaveGroup(GroupIn(WriteAccess(vrf, prefix, Leaf.None)));
        return true;
    }

    /// <summary>The supplied route to just this prefix, in use or not.</summary>
    public bool TryFindRoute(VrfId vrf, IpPrefix prefix, out SuppliedRoute route)
    {
        if (VrfOf(vrf).Held is { } held && held.TryGetValue(prefix, out route))
            return true;
        Leaf leaf = ReadAccess(vrf, prefix);
        route = leaf.Kind switch
        {
            LeafKind.Group => SuppliedRoute.To(new GroupId(leaf.Index)),
            LeafKind.Tunnel => new SuppliedRoute(new TunnelId(leaf.Index), new Label20(leaf.Label)),
            _ => default,
        };
        return SpeaksForItself(leaf);
    }

    /// <summary>Longest-prefix match as the workers do it; for tests and for `show`. Control thread only.</summary>
    /// <param name="vrf">The VRF.</param>
    /// <param name="address">Destination.</param>
    /// <param name="coreView">True for traffic from the core, false for traffic from interfaces.</param>
    public Leaf Lookup(VrfId vrf, IpAddress address, bool coreView) =>
        Pipeline.FastPath.LookupOne(_root, vrf.Row, address, coreView);

    // A route whose leaf holds everything about it; none for one that names this forwarder: what that means may change.
    private static Leaf LeafOf(SuppliedRoute route, int length)
    {
        if (route.Group is { } group)
            return Leaf.Create(LeafKind.Group, length, group.Value);
        return route.Tunnel is { } tunnel ? Leaf.Create(LeafKind.Tunnel, length, tunnel.Value, route.Label.Value) : Leaf.None;
    }

    private static GroupId? GroupIn(Leaf leaf) => leaf.Kind == LeafKind.Group ? new GroupId(leaf.Index) : null;

    // Whether a leaf of the access view came from LeafOf.
    private static bool SpeaksForItself(Leaf leaf) =>
        leaf.Kind is not (LeafKind.None or LeafKind.Interface or LeafKind.Router or LeafKind.CoreLookup);

    private bool Exists(VrfId id) => id.Row < _vrfs.Count && _vrfs[(int)id.Row] is { IsRemoved: false } state && state.Id == id;

    private VrfState VrfOf(VrfId id) => Exists(id) ? _vrfs[(int)id.Row] : throw new ArgumentException($"there is no VRF {id.Value}");

    private uint TakeVrfRow() =>
        _vrfRows.TryTake(out uint row) ? row : throw new InvalidOperationException($"no room for another VRF: at most {Options.Vrfs}");

    // Before the VRF has any route.
    private void AddRouterAddress(VrfId vrf, VrfState state, IpAddress address)
    {
        IpPrefix prefix = IpPrefix.Host(address);
        if (!state.IsOwn(prefix))
            state.RouterAddresses.Add(prefix);
        Install(vrf, prefix);
    }

    private void SetLocalRoute(VrfId vrf, IpPrefix prefix, InterfaceId owner)
    {
        (VrfOf(vrf).Local ??= []).Add(prefix, owner);
        Install(vrf, prefix);
    }

    private void RemoveLocalRoute(VrfId vrf, IpPrefix prefix)
    {
        VrfState state = VrfOf(vrf);
        state.Local!.Remove(prefix);
        if (state.Local.Count == 0)
            state.Local = null;
        Install(vrf, prefix);
    }

    // Works out the entries of one prefix in both tables; true when the access view has one for the supplied route.
    private bool Install(VrfId vrf, IpPrefix prefix)
    {
        VrfState state = _vrfs[(int)vrf.Row];
        Leaf access = Leaf.None;
        Leaf local = Leaf.None;
        if (state.IsOwn(prefix))
        {
            access = local = Leaf.Create(LeafKind.Router, prefix.Length, 0);
        }
        else
        {
            InterfaceId owner = default;
            bool isLocal = state.Local is { } locals && locals.TryGetValue(prefix, out owner);
            if (isLocal)
                local = Leaf.Create(LeafKind.Interface, prefix.Length, owner.Row);
            if (state.Held is not { } held || !held.TryGetValue(prefix, out SuppliedRoute route))
            {
                Leaf installed = ReadAccess(vrf, prefix);
                access = SpeaksForItself(installed) ? installed : Leaf.None;
            }
            else if (isLocal && _interfaces[(int)owner.Row].Settings.Label == route.Label)
            {
                access = local;
            }
            else if (state.AggregateLabel == route.Label)
            {
                access = Leaf.Create(LeafKind.CoreLookup, prefix.Length, vrf.Row);
            }
            else
            {
                access = LeafElsewhere(vrf, prefix, route);
            }
        }
        WriteAccess(vrf, prefix, access);
        VrfRow* row = _root->Vrfs + vrf.Row;
        Write(prefix.Family == AddressFamily.Ipv4 ? &row->Local4 : &row->Local6, VrfRow.LocalSpace(vrf.Row), prefix, local);
        return access != Leaf.None;
    }

    // What was there before.
    private Leaf WriteAccess(VrfId vrf, IpPrefix prefix, Leaf leaf)
    {
        VrfRow* row = _root->Vrfs + vrf.Row;
        UseTunnel(leaf, 1);
        Leaf before = Write(prefix.Family == AddressFamily.Ipv4 ? &row->Access4 : &row->Access6, VrfRow.AccessSpace(vrf.Row), prefix, leaf);
        UseTunnel(before, -1);
        return before;
    }

    // The leaf of exactly this prefix in the access view.
    private Leaf ReadAccess(VrfId vrf, IpPrefix prefix)
    {
        VrfRow* row = _root->Vrfs + vrf.Row;
        bool v4 = prefix.Family == AddressFamily.Ipv4;
        if (!prefix.IsHost)
        {
            (ulong high, ulong low) = WireOrder.TrieKey(prefix.Address);
            return PrefixSetWriter.Find(v4 ? row->Access4 : row->Access6, !v4, high, low, prefix.Length);
        }
        uint space = VrfRow.AccessSpace(vrf.Row);
        if (v4)
            return new Leaf(ExactTable64.Find(_root->Hosts4, RouteTable.Key4(space, WireOrder.V4(prefix.Address.V4))));
        (ulong first, ulong second) = WireOrder.V6(prefix.Address.V6);
        return new Leaf(ExactTable128.Find(_root->Hosts6, space, first, second));
    }

    private Leaf Write(ulong* shorter, uint space, IpPrefix prefix, Leaf leaf)
    {
        bool v6 = prefix.Family == AddressFamily.Ipv6;
        if (prefix.IsHost)
            return new Leaf(v6 ? WriteHost6(space, prefix.Address.V6, leaf) : WriteHost4(space, prefix.Address.V4, leaf));
        (ulong high, ulong low) = WireOrder.TrieKey(prefix.Address);
        return _shorter.Set(shorter, v6, high, low, prefix.Length, leaf);
    }

    private ulong WriteHost4(uint space, Ipv4Address address, Leaf leaf)
    {
        ulong key = RouteTable.Key4(space, WireOrder.V4(address));
        return leaf != Leaf.None ? _hosts4.Set(key, leaf.Bits) : _hosts4.Take(key);
    }

    private ulong WriteHost6(uint space, Ipv6Address address, Leaf leaf)
    {
        (ulong first, ulong second) = WireOrder.V6(address);
        return leaf != Leaf.None ? _hosts6.Set(space, first, second, leaf.Bits) : _hosts6.Take(space, first, second);
    }

    private sealed class VrfState
    {
        internal required VrfId Id { get; init; }

        internal Label20? AggregateLabel { get; set; }

        /// <summary>Interfaces bound to it.</summary>
        internal int Interfaces { get; set; }

        /// <summary>The forwarder's own addresses: a handful.</summary>
        internal List<IpPrefix> RouterAddresses { get; } = [];

        /// <summary>Supplied routes that the access view cannot keep: those that name this forwarder, and those behind a
        /// router address. Null when there are none.</summary>
        internal Dictionary<IpPrefix, SuppliedRoute>? Held { get; set; }

        /// <summary>Prefixes of local interfaces; null when there are none.</summary>
        internal Dictionary<IpPrefix, InterfaceId>? Local { get; set; }

        /// <summary>Supplied routes.</summary>
        internal int Routes { get; set; }

        /// <summary>Legitimate outer sources.</summary>
        internal int Sources { get; set; }

        /// <summary>Members of groups that are looked up in it.</summary>
        internal int GroupUses { get; set; }

        internal bool IsRemoved { get; set; }

        internal bool IsOwn(IpPrefix prefix) => prefix.IsHost && RouterAddresses.Contains(prefix);
    }
}
