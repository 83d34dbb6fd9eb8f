using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Vpn;

/// <content>What follows from changes of destinations, of import targets and of the routes of VRFs.</content>
public sealed partial class VrfTable : IBestPathListener
{
    private readonly ImportTable[] _tables;
    private readonly List<IVrfRouteListener> _routeListeners = [];
    private readonly List<ISuppressionListener> _suppressionListeners = [];
    private readonly HashSet<ExtendedCommunity> _changedTargets = [];
    private readonly List<Vrf> _newPolicies = [];
    private readonly List<(Vrf Vrf, VrfAggregate Aggregate)> _flips = [];
    private readonly List<Vrf> _removals = [];
    private bool[] _wantedSets = new bool[256];
    private bool _areImportersOther;

    /// <summary>Whether nothing waits here.</summary>
    public bool IsSettled => Waiting == 0;

    /// <summary>Destinations, VRF routes, aggregates and changed targets that wait.</summary>
    public int Waiting => _tables.Sum(static table => table.Waiting) + _changedTargets.Count + _flips.Count + _removals.Count;

    /// <summary>Aggregates that keep their specifics back, of all VRFs.</summary>
    internal int SuppressingAggregates { get; private set; }

    /// <summary>Has a listener told of routes from now on.</summary>
    public void Listen(IVrfRouteListener listener) => _routeListeners.Add(listener);

    /// <summary>Has a listener told of suppression from now on.</summary>
    public void Listen(ISuppressionListener listener) => _suppressionListeners.Add(listener);

    /// <inheritdoc/>
    void IBestPathListener.Anticipate(FamilyTable table, ReadOnlySpan<int> destinations) => TableOf(table.Family)!.Anticipate(destinations);

    /// <inheritdoc/>
    void IBestPathListener.BestPathChanged(FamilyTable table, DestinationId destination, in BestChange change)
    {
        ImportTable imports = TableOf(table.Family)!;
        if (change.Kind == BestChangeKind.OtherPaths)
        {
            imports.Settled(destination);
        }
        else
        {
            imports.PathChanged(destination);
        }
    }

    /// <summary>Works on what waits; after the family tables have settled, or a part of them.</summary>
    /// <param name="maximum">How many destinations and how many routes of each family at most.</param>
    internal void Settle(int maximum)
    {
        ScanChangedTargets();
        var left = maximum;
        while (_removals.Count != 0 && left > 0)
        {
            RemoveRoutes(_removals[0], ref left);
        }

        foreach (ImportTable table in _tables)
        {
            _ = table.Settle(maximum);
        }

        if (_newPolicies.Count != 0 && Array.TrueForAll(_tables, static table => table.Waiting == 0))
        {
            _newPolicies.ForEach(static vrf => vrf.IsImportPolicyNew = false);
            _newPolicies.Clear();
        }

        for (var i = 0; i < _flips.Count; i++)
        {
            (Vrf vrf, VrfAggregate aggregate) = _flips[i];
            if (vrf.AggregateStates.Find(aggregate.Prefix) == aggregate)
            {
                Activate(vrf, aggregate, aggregate.Specifics > 0);
            }
        }

        _flips.Clear();
        if (_areImportersOther)
        {
            TellRedirects();
        }
    }

    /// <summary>Selects every route anew, after what all selections rest on changed.</summary>
    internal void SelectAll()
    {
        foreach (Vrf vrf in All)
        {
            foreach (ImportTable table in _tables)
            {
                table.QueueRoutes(vrf.Index);
            }
        }
    }

    internal void TellChanged(VrfRouteView route)
    {
        foreach (IVrfRouteListener listener in _routeListeners)
        {
            listener.RouteChanged(route);
        }
    }

    internal void TellRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri)
    {
        foreach (IVrfRouteListener listener in _routeListeners)
        {
            listener.RouteRemoved(vrf, family, nlri);
        }
    }

    internal void TellSuppressed(RouteFamily family, DestinationId destination, bool suppressed)
    {
        foreach (ISuppressionListener listener in _suppressionListeners)
        {
            listener.SuppressionChanged(family, destination, suppressed);
        }
    }

    /// <summary>A route has come into a VRF (1) or gone (-1).</summary>
    internal void CountSpecifics(VrfIndex index, IpPrefix prefix, int change)
    {
        Vrf vrf = RowOf(index);
        foreach (VrfAggregate aggregate in vrf.AggregateStates.Over(prefix))
        {
            aggregate.Specifics += change;
            if (aggregate.Specifics > 0 != aggregate.IsActive)
            {
                _flips.Add((vrf, aggregate));
            }
        }
    }

    private ImportTable? TableOf(RouteFamily family) => family switch
    {
        RouteFamily.VpnIpv4 => _tables[0],
        RouteFamily.VpnIpv6 => _tables[1],
        RouteFamily.VpnIpv4FlowSpec => _tables[2],
        RouteFamily.VpnIpv6FlowSpec => _tables[3],
        _ => null,
    };

    private ImportTable TableOf(AddressFamily family) => family == AddressFamily.Ipv6 ? _tables[1] : _tables[0];

    private void Import(Vrf vrf, ExtendedCommunity target, bool isImported)
    {
        if (isImported)
        {
            Imports.Add(vrf.Index, target);
        }
        else
        {
            Imports.Remove(vrf.Index, target);
        }

        _changedTargets.Add(target);
        _areImportersOther = true;
    }

    // Where flow specifications redirect to may be another VRF, or none.
    private void TellRedirects()
    {
        _areImportersOther = false;
        foreach (ImportTable table in _tables.Where(static table => table.Family.IsFlowSpec && table.RouteCount != 0))
        {
            foreach (Vrf vrf in All)
            {
                foreach (VrfRouteView route in new VrfRoutes(table, vrf.Index))
                {
                    if (route.ReadFilter()?.RedirectTarget is not null)
                    {
                        TellChanged(route);
                    }
                }
            }
        }
    }

    private void LookAgain(Vrf vrf)
    {
        _newPolicies.Add(vrf);
        _changedTargets.UnionWith(vrf.ImportTargets);
    }

    // One walk over the destinations for all targets that changed since the last, and none if no route has them.
    private void ScanChangedTargets()
    {
        if (_changedTargets.Count == 0)
        {
            return;
        }

        var any = false;
        if (_wantedSets.Length < Routing.RouteTargets.End)
        {
            _wantedSets = new bool[Math.Max(Routing.RouteTargets.End, _wantedSets.Length * 2)];
        }
        else
        {
            Array.Clear(_wantedSets);
        }

        foreach (ExtendedCommunity target in _changedTargets)
        {
            foreach (RouteTargetSetId set in Imports.SetsWith(target))
            {
                _wantedSets[set.Value] = true;
                any = true;
            }
        }

        _changedTargets.Clear();
        if (!any)
        {
            return;
        }

        foreach (ImportTable table in _tables)
        {
            var visitor = new Requeue(_wantedSets, table);
            table.Table.ForEachWithTargets(ref visitor);
        }
    }

    private void ChangeAggregates(Vrf vrf, IReadOnlyList<VrfAggregateSettings> settings)
    {
        VrfAggregates aggregates = vrf.AggregateStates;
        foreach (VrfAggregate gone in aggregates.Where(aggregate => settings.All(wanted => wanted.Prefix != aggregate.Prefix)).ToArray())
        {
            Activate(vrf, gone, isActive: false);
            aggregates.Remove(gone);
        }

        foreach (VrfAggregateSettings wanted in settings)
        {
            if (aggregates.Find(wanted.Prefix) is { } aggregate)
            {
                ChangeSuppression(vrf, aggregate, aggregate.IsActive, wanted);
                continue;
            }

            aggregate = aggregates.Add(wanted);
            if (wanted.Prefix.IsHost)
            {
                continue;
            }

            foreach (VrfRouteView route in new VrfRoutes(TableOf(wanted.Prefix.Family), vrf.Index))
            {
                if (route.Prefix is var prefix && prefix.Length > wanted.Prefix.Length && wanted.Prefix.Contains(prefix))
                {
                    aggregate.Specifics++;
                }
            }

            if (aggregate.Specifics > 0)
            {
                _flips.Add((vrf, aggregate));
            }
        }
    }

    private void Activate(Vrf vrf, VrfAggregate aggregate, bool isActive)
    {
        if (aggregate.IsActive == isActive)
        {
            return;
        }

        if (isActive)
        {
            SetAggregate(vrf, aggregate);
        }
        else if (Locals.Remove(vrf, aggregate.Prefix, PublisherId.Aggregate) is { } export)
        {
            QueueExport(export);
        }

        ChangeSuppression(vrf, aggregate, isActive, aggregate.Settings);
    }

    private void ChangeSuppression(Vrf vrf, VrfAggregate aggregate, bool isActive, VrfAggregateSettings settings)
    {
        var before = aggregate.Suppresses;
        aggregate.IsActive = isActive;
        aggregate.Settings = settings;
        var change = (aggregate.Suppresses ? 1 : 0) - (before ? 1 : 0);
        if (change != 0)
        {
            vrf.AggregateStates.Suppressing += change;
            SuppressingAggregates += change;
            TableOf(aggregate.Prefix.Family).SuppressionChanged(vrf.Index, aggregate.Prefix);
        }
    }

    // First those of its own, so that no destination leads to it any more; then the others.
    private void RemoveRoutes(Vrf vrf, ref int left)
    {
        _filters.Set(vrf, [], QueueExport);
        for (; vrf.FirstLocal >= 0 && left > 0; left--)
        {
            QueueExport(Locals.Remove(vrf, vrf.FirstLocal));
        }

        foreach (ImportTable table in _tables)
        {
            left = left > 0 ? table.RemoveRoutes(vrf.Index, left) : left;
        }

        if (left <= 0)
        {
            return;
        }

        _removals.Remove(vrf);
        _vrfs[vrf.Index.Value] = null;
        _free.Push(vrf.Index.Value);
        vrf.Removed?.Invoke();
    }

    private readonly struct Requeue(bool[] wanted, ImportTable table) : IDestinationVisitor
    {
        public bool Wants(RouteTargetSetId targets) => wanted[targets.Value];

        public void Visit(DestinationId destination) => table.Queue(destination);
    }
}
