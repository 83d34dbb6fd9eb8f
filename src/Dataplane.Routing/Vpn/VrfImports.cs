using System.Runtime.InteropServices;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Vpn;

/// <summary>The VRF routes of one family; this part keeps the links. See <see cref="ImportTable"/>.</summary>
/// <typeparam name="TKey">What its VRF routes are found by.</typeparam>
internal sealed partial class VrfImports<TKey> : ImportTable
    where TKey : unmanaged, IVrfRouteKey<TKey>
{
    // Of a destination: the first of its links and one, and flags.
    private const uint HeadMask = (1u << 27) - 1;
    private const uint IsQueued = 1u << 29;
    private const uint Suppressed = 1u << 30;
    private const uint HasLocal = 1u << 31;

    private readonly VrfTable _vrfs;
    private readonly AttributeStore _attributes;
    private readonly RowPool<ImportLink> _links = new();
    private readonly RowPool<VrfRouteRow<TKey>> _routes = new();
    private readonly RowIndex<TKey, Keys> _index;
    private readonly Paged<uint> _ofDestination = new();
    private readonly Paged<VrfHead> _ofVrf = new();
    private readonly Dictionary<int, AttributeSetId> _rewritten = [];
    private readonly Queue<int> _waitingDestinations = new();
    private readonly Queue<int> _waitingRoutes = new();
    private readonly List<int> _wanted = [];
    private readonly AttributeBlockBuilder _builder = new();

    public VrfImports(VrfTable vrfs, AttributeStore attributes, FamilyTable table)
        : base(vrfs, table)
    {
        _vrfs = vrfs;
        _attributes = attributes;
        _index = new(new Keys(_routes));
        _order = new(this);
    }

    public override int RouteCount => _routes.Count;

    public override int LinkCount => _links.Count;

    public override long Bytes => _links.Bytes + _routes.Bytes + _index.Bytes + _ofDestination.Bytes + _ofVrf.Bytes;

    public override int Waiting => _waitingDestinations.Count + _waitingRoutes.Count;

    public override void Anticipate(ReadOnlySpan<int> destinations)
    {
        foreach (var destination in destinations)
        {
            // One that has links already, or that is in no VRF, needs none.
            PathId path = destination < _ofDestination.Capacity && (_ofDestination[destination] & HeadMask) != 0
                ? PathId.None : Table.FirstPathOf(new(destination));
            if (!path.IsNone && Table.Row(path).Accepted is { IsNone: false } attributes
                && _vrfs.Imports.VrfsOf(_attributes.Summary(attributes).RouteTargets) is [var first, ..])
            {
                _index.Touch(TKey.Of(new(first), Table.NlriOf(new(destination))).Hash);
            }
        }
    }

    public override void PathChanged(DestinationId destination) => Evaluate(destination, pathChanged: true);

    public override void Settled(DestinationId destination)
    {
        if (destination.Value >= _ofDestination.Capacity)
        {
            return;
        }

        if ((_ofDestination[destination.Value] & HasLocal) != 0)
        {
            Evaluate(destination, pathChanged: false);
        }

        // What was put off can be selected now; and where there is a choice, what decides it may have changed (a metric, an identifier).
        for (var link = (int)(_ofDestination[destination.Value] & HeadMask) - 1; link >= 0; link = _links[link].Next)
        {
            ref readonly ImportLink row = ref _links[link];
            if (row.NextOfRoute >= 0 || row.PreviousOfRoute >= 0 || (_routes[row.Route].Flags & RouteFlags.Deferred) != 0)
            {
                QueueRoute(row.Route);
            }
        }
    }

    public override void Queue(DestinationId destination) => QueueWith(destination, 0);

    public override void QueueExport(DestinationId destination) => QueueWith(destination, HasLocal);

    public override void QueueRoutes(VrfIndex vrf)
    {
        for (var route = FirstOf(vrf); route >= 0; route = NextOf(route))
        {
            QueueRoute(route);
        }
    }

    public override int Settle(int maximum)
    {
        while (maximum > 0 && _waitingDestinations.TryDequeue(out var destination))
        {
            _ofDestination[destination] &= ~IsQueued;
            Evaluate(new(destination), pathChanged: false);
            maximum--;
        }

        while (maximum > 0 && _waitingRoutes.TryDequeue(out var route))
        {
            // The row may have been given back since, and the pool have become smaller.
            if (route < _routes.End && (_routes[route].Flags & RouteFlags.Queued) != 0)
            {
                Select(route);
                maximum--;
            }
        }

        return maximum;
    }

    public override int RemoveRoutes(VrfIndex vrf, int maximum)
    {
        for (int route; maximum > 0 && (route = FirstOf(vrf)) >= 0; maximum--)
        {
            while (_routes[route].First >= 0)
            {
                var link = _routes[route].First;
                DestinationId destination = _links[link].Destination;
                TakeFromDestination(link, destination);
                Unlink(link);
                UpdateSuppression(destination);
            }

            Select(route);
        }

        return maximum;
    }

    private void QueueWith(DestinationId destination, uint flag)
    {
        _ofDestination.EnsureCapacity(destination.Value + 1);
        ref var state = ref _ofDestination[destination.Value];
        if ((state & IsQueued) == 0)
        {
            _waitingDestinations.Enqueue(destination.Value);
        }

        state |= IsQueued | flag;
    }

    private void QueueRoute(int route)
    {
        ref VrfRouteRow<TKey> row = ref _routes[route];
        if ((row.Flags & RouteFlags.Queued) == 0)
        {
            row.Flags = row.Flags & ~RouteFlags.Deferred | RouteFlags.Queued;
            _waitingRoutes.Enqueue(route);
        }
    }

    // Walks the links that are there and the VRFs that shall have one, both ascending by VRF.
    private void Evaluate(DestinationId destination, bool pathChanged)
    {
        _ofDestination.EnsureCapacity(destination.Value + 1);
        ref var state = ref _ofDestination[destination.Value];
        ReadOnlySpan<int> importers = default;
        AttributeSetId attributes = default;
        var exists = Table.Exists(destination);
        if (exists && Table.BestOf(destination) is { IsNone: false } best)
        {
            attributes = Table.Row(best).Accepted;
            importers = _vrfs.Imports.VrfsOf(_attributes.Summary(attributes).RouteTargets);
        }

        var own = (state & HasLocal) != 0 ? CollectOwn(destination, exists, ref state) : [];
        if (importers.IsEmpty && own.IsEmpty && (state & (HeadMask | Suppressed)) == 0)
        {
            return;
        }

        Nlri nlri = exists ? Table.NlriOf(destination) : default;
        int previous = -1, link = (int)(state & HeadMask) - 1, i = 0, j = 0;
        while (link >= 0 || i < importers.Length || j < own.Length)
        {
            var linked = link >= 0 ? _routes[_links[link].Route].Key.Vrf.Value : int.MaxValue;
            var importer = i < importers.Length ? importers[i] : int.MaxValue;
            var owner = j < own.Length ? own[j] : int.MaxValue;
            var wanted = Math.Min(importer, owner);
            if (linked < wanted)
            {
                var next = _links[link].Next;
                SetNext(ref state, previous, next);
                Unlink(link);
                link = next;
                continue;
            }

            var isOwn = owner < importer;
            i += importer == wanted ? 1 : 0;
            j += owner == wanted ? 1 : 0;
            var isNew = linked != wanted;
            if (!isNew && !isOwn && !pathChanged && (_links[link].Flags & LinkFlags.Own) == 0
                && !_vrfs.RowOf(new(wanted)).IsImportPolicyNew)
            {
                (previous, link) = (link, _links[link].Next);
                continue;
            }

            AttributeSetId rewritten = default;
            if (!isOwn && !Accepts(new(wanted), nlri, attributes, out rewritten))
            {
                // The policy's no is what a missing target is, except to a route of the VRF's own.
                isOwn = owner == wanted;
                if (!isOwn)
                {
                    if (!isNew)
                    {
                        var next = _links[link].Next;
                        SetNext(ref state, previous, next);
                        Unlink(link);
                        link = next;
                    }

                    continue;
                }
            }

            if (isNew)
            {
                var added = Link(destination, new(wanted), nlri);
                _links[added].Next = link;
                SetNext(ref state, previous, added);
                link = added;
            }

            Settle(link, isOwn, rewritten);
            (previous, link) = (link, _links[link].Next);
        }

        UpdateSuppression(destination);
    }

    // The VRFs that have exported a route of their own to the destination, ascending, each once.
    private ReadOnlySpan<int> CollectOwn(DestinationId destination, bool exists, ref uint state)
    {
        _wanted.Clear();
        if (exists)
        {
            foreach (PathId path in Table.PathsOf(destination))
            {
                ref readonly PathRow row = ref Table.Row(path);
                if (_vrfs.TryFindOwner(row.Source, row.PathIdentifier, out VrfIndex vrf) && !_wanted.Contains(vrf.Value))
                {
                    _wanted.Add(vrf.Value);
                }
            }
        }

        if (_wanted.Count == 0)
        {
            state &= ~HasLocal;
        }

        _wanted.Sort();
        return CollectionsMarshal.AsSpan(_wanted);
    }

    private void SetNext(ref uint state, int previous, int next)
    {
        if (previous >= 0)
        {
            _links[previous].Next = next;
        }
        else
        {
            state = state & ~HeadMask | (uint)(next + 1);
        }
    }

    private bool Accepts(VrfIndex vrf, in Nlri nlri, AttributeSetId attributes, out AttributeSetId rewritten)
    {
        rewritten = default;
        if (_vrfs.RowOf(vrf).Settings.ImportPolicy is not { } policy)
        {
            return true;
        }

        PolicyResult result = policy.Apply(_attributes[attributes], nlri, Family, _vrfs.PolicyContext, _builder);
        if (result == PolicyResult.Changed)
        {
            rewritten = _attributes.Intern(_builder.Block);
        }

        return result != PolicyResult.Rejected;
    }

    private int Link(DestinationId destination, VrfIndex vrf, in Nlri nlri)
    {
        var key = TKey.Of(vrf, nlri);
        var hash = key.Hash;
        var route = _index.Find(key, hash);
        if (route < 0)
        {
            route = _routes.Take();
            _routes[route] = new VrfRouteRow<TKey> { Key = key, First = -1 };
            AddToVrf(vrf, route);
            _index.Add(route, hash);
            if (Family.IsFlowSpec)
            {
                // The route may be told gone after its last destination was.
                _vrfs.Routing.FlowSpecs.Acquire((uint)nlri.Low);
            }
        }

        // Behind the first: that one stays what it is until the route is selected again.
        var link = _links.Take();
        ref ImportLink row = ref _links[link];
        row = new ImportLink { Destination = destination, Route = route, NextOfRoute = -1, PreviousOfRoute = -1 };
        ref VrfRouteRow<TKey> its = ref _routes[route];
        if (its.First < 0)
        {
            its.First = link;
        }
        else
        {
            row.PreviousOfRoute = its.First;
            row.NextOfRoute = _links[its.First].NextOfRoute;
            _links[its.First].NextOfRoute = link;
            if (row.NextOfRoute >= 0)
            {
                _links[row.NextOfRoute].PreviousOfRoute = link;
            }
        }

        return link;
    }

    private void Settle(int link, bool isOwn, AttributeSetId rewritten)
    {
        ref ImportLink row = ref _links[link];
        ReleaseRewritten(link);
        row.Flags = row.Flags & LinkFlags.Member | LinkFlags.Changed | (isOwn ? LinkFlags.Own : LinkFlags.None);
        if (!rewritten.IsNone)
        {
            row.Flags |= LinkFlags.Rewritten;
            _rewritten.Add(link, rewritten);
        }

        QueueRoute(row.Route);
    }

    private void ReleaseRewritten(int link)
    {
        if ((_links[link].Flags & LinkFlags.Rewritten) != 0 && _rewritten.Remove(link, out AttributeSetId rewritten))
        {
            _attributes.Release(rewritten);
        }
    }

    private void TakeFromDestination(int link, DestinationId destination)
    {
        ref var state = ref _ofDestination[destination.Value];
        int previous = -1, at = (int)(state & HeadMask) - 1;
        while (at != link)
        {
            (previous, at) = (at, _links[at].Next);
        }

        SetNext(ref state, previous, _links[link].Next);
    }

    // From its route; it is out of its destination's chain already.
    private void Unlink(int link)
    {
        ReleaseRewritten(link);
        ref ImportLink row = ref _links[link];
        ref VrfRouteRow<TKey> route = ref _routes[row.Route];
        if (row.PreviousOfRoute >= 0)
        {
            _links[row.PreviousOfRoute].NextOfRoute = row.NextOfRoute;
        }
        else
        {
            route.First = row.NextOfRoute;
        }

        if (row.NextOfRoute >= 0)
        {
            _links[row.NextOfRoute].PreviousOfRoute = row.PreviousOfRoute;
        }

        if ((row.Flags & LinkFlags.Member) != 0)
        {
            route.Flags |= RouteFlags.MemberLost;
        }

        QueueRoute(row.Route);
        row.Flags = LinkFlags.None;
        _links.Give(link);
    }

    private void AddToVrf(VrfIndex vrf, int route)
    {
        _ofVrf.EnsureCapacity(vrf.Value + 1);
        ref VrfHead head = ref _ofVrf[vrf.Value];
        ref VrfRouteRow<TKey> row = ref _routes[route];
        row.PreviousOfVrf = -1;
        row.Next = head.First - 1;
        if (row.Next >= 0)
        {
            _routes[row.Next].PreviousOfVrf = route;
        }

        head.First = route + 1;
    }

    private void RemoveRoute(int route)
    {
        ref VrfRouteRow<TKey> row = ref _routes[route];
        _index.Remove(route, row.Key.Hash);
        if (Family.IsFlowSpec)
        {
            _vrfs.Routing.FlowSpecs.Release((uint)row.Key.Nlri.Low);
        }

        if (row.PreviousOfVrf >= 0)
        {
            _routes[row.PreviousOfVrf].Next = row.Next;
        }
        else
        {
            _ofVrf[row.Key.Vrf.Value].First = row.Next + 1;
        }

        if (row.Next >= 0)
        {
            _routes[row.Next].PreviousOfVrf = row.PreviousOfVrf;
        }

        row.Flags = RouteFlags.None;
        _routes.Give(route);
    }

    /// <summary>Of a VRF: the first of its routes and one, and how many of them listeners know.</summary>
    private struct VrfHead
    {
        public int First;
        public int Known;
    }

    private readonly struct Keys(RowPool<VrfRouteRow<TKey>> routes) : IKeyedRows<TKey>
    {
        public uint HashOf(int row) => routes[row].Key.Hash;

        public bool Matches(int row, scoped in TKey key) => routes[row].Key.Equals(key);
    }
}
