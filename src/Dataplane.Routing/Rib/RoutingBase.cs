using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Rib;

/// <summary>Everything the routing thread owns of routes: attributes, sources, next hops, and a table per family.</summary>
public sealed class RoutingBase
{
    private readonly FamilyTable[] _families = new FamilyTable[RouteFamilies.Count];

    /// <summary>An empty routing base.</summary>
    /// <param name="time">The source of time; null for the real one.</param>
    /// <param name="resolver">Knows which next hops can be reached; null: all.</param>
    /// <param name="versions">The community that carries versions; null is MAC Mobility.</param>
    public RoutingBase(TimeProvider? time = null, INextHopResolver? resolver = null, VersionCommunity? versions = null)
    {
        Clock = new(time ?? TimeProvider.System);
        NextHops = new(resolver);
        Attributes = new(NextHops, new RouteTargetSets(), versions);
        Sources = new();
        Comparer = new(Attributes, Sources);
        foreach (RouteFamily family in RouteFamilies.All)
        {
            _families[(int)family] = family is RouteFamily.Ipv4Unicast or RouteFamily.VpnIpv4
                ? new KeyedFamilyTable<NarrowKey>(family, Attributes, Comparer, Clock)
                : new KeyedFamilyTable<WideKey>(family, Attributes, Comparer, Clock);
            if (family.IsFlowSpec)
            {
                _families[(int)family].DestinationAdded = nlri => FlowSpecs.Acquire((uint)nlri.Low);
                _families[(int)family].DestinationFreed = nlri => FlowSpecs.Release((uint)nlri.Low);
            }
        }

        FlowSpecValidations = [new(this, AddressFamily.Ipv4), new(this, AddressFamily.Ipv6)];
    }

    /// <summary>Validation of flow specifications: of IPv4, then of IPv6.</summary>
    public IReadOnlyList<FlowSpecValidation> FlowSpecValidations { get; }

    /// <summary>Coarse time.</summary>
    public RoutingClock Clock { get; }

    /// <summary>Attribute sets.</summary>
    public AttributeStore Attributes { get; }

    /// <summary>Sets of route targets.</summary>
    public RouteTargetSets RouteTargets => Attributes.RouteTargets;

    /// <summary>
    /// The rules that NLRI of the flow specification families refer to. Every destination holds a reference to its rule; who announces holds
    /// one of their own meanwhile.
    /// </summary>
    public FlowSpecStore FlowSpecs { get; } = new();

    /// <summary>Next hops.</summary>
    public NextHopTable NextHops { get; }

    /// <summary>Where paths come from.</summary>
    public SourceTable Sources { get; }

    /// <summary>How paths compare.</summary>
    public PathComparer Comparer { get; }

    /// <summary>The VRFs, once there are any: see <see cref="AddVrfs"/>.</summary>
    public VrfTable? Vrfs { get; private set; }

    /// <summary>The tables in the order of <see cref="RouteFamilies.All"/>.</summary>
    public IReadOnlyList<FamilyTable> Families => _families;

    /// <summary>What is configurable about selection; setting it marks every destination.</summary>
    public BestPathSettings BestPath
    {
        get => Comparer.Settings;
        set
        {
            if (Comparer.Settings == value)
            {
                return;
            }

            Comparer.Settings = value;
            foreach (FamilyTable table in _families)
            {
                table.MarkAll();
            }

            Vrfs?.SelectAll();
        }
    }

    /// <summary>Whether nothing is left to settle.</summary>
    public bool IsSettled => !HasScans && Array.TrueForAll(_families, table => table.IsSettled) && Vrfs is null or { IsSettled: true };

    /// <summary>Whether scans over the paths of sources are under way.</summary>
    public bool HasScans => Array.Exists(_families, table => table.HasScans);

    /// <summary>Octets of it all.</summary>
    public long Bytes =>
        _families.Sum(table => table.Bytes) + Attributes.Bytes + RouteTargets.Bytes + NextHops.Bytes + (Vrfs?.Bytes ?? 0);

    /// <summary>The table of a family.</summary>
    public FamilyTable this[RouteFamily family] => _families[(int)family];

    /// <summary>Begins to have VRFs, before there are routes. Listeners that are to see VRFs as they are after a change are added later.</summary>
    /// <exception cref="InvalidOperationException">There are VRFs already.</exception>
    public VrfTable AddVrfs(VrfTableOptions options)
    {
        if (Vrfs is not null)
        {
            throw new InvalidOperationException("There is a table of VRFs already.");
        }

        return Vrfs = new VrfTable(this, options);
    }

    /// <summary>Has a listener told about the destinations of all families.</summary>
    public void AddListener(IBestPathListener listener)
    {
        foreach (FamilyTable table in _families)
        {
            table.AddListener(listener);
        }
    }

    /// <summary>
    /// Selects the best path of marked destinations and tells the listeners, then imports into VRFs. Aggregates of VRFs mark destinations again, so
    /// that settling everything takes several rounds.
    /// </summary>
    /// <param name="maximumDestinations">How many of each family at most; without a limit everything is settled.</param>
    /// <returns>How many are still marked, at least 1 while <see cref="IsSettled"/> is false.</returns>
    public int Settle(int maximumDestinations = int.MaxValue)
    {
        Clock.Refresh();
        do
        {
            _ = Scan(maximumDestinations);
            foreach (FamilyTable table in _families)
            {
                _ = table.Settle(maximumDestinations);
            }

            Vrfs?.Settle(maximumDestinations);
        }
        while (maximumDestinations == int.MaxValue && !IsSettled);
        return IsSettled ? 0 : Math.Max(_families.Sum(static table => table.DirtyCount) + (Vrfs?.Waiting ?? 0), 1);
    }

    /// <summary>Does a part of the scans over the paths of sources; <see cref="Settle"/> does this too.</summary>
    /// <param name="maximumRows">Rows of each family to look at.</param>
    /// <returns>How many were looked at.</returns>
    public int Scan(int maximumRows)
    {
        var looked = 0;
        foreach (FamilyTable table in _families)
        {
            looked += table.Scan(maximumRows);
        }

        return looked;
    }
}
