using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Rib;

/// <summary>Everything the routing thread owns of routes: attributes, sources, next hops, and a table per family.</summary>
public sealed class RoutingBase
{
    private readonly FamilyTable[] _families = new FamilyTable[RouteFamilies.Count];

    /// <summary>An empty routing base.</summary>
    public RoutingBase(TimeProvider? time = null, INextHopResolver? resolver = null)
    {
        Clock = new(time ?? TimeProvider.System);
        NextHops = new(resolver);
        Attributes = new(NextHops, new RouteTargetSets());
        Sources = new();
        Comparer = new(Attributes, Sources);
        foreach (RouteFamily family in RouteFamilies.All)
        {
            _families[(int)family] = family is RouteFamily.Ipv4Unicast or RouteFamily.VpnIpv4
                ? new KeyedFamilyTable<NarrowKey>(family, Attributes, Comparer, Clock)
                : new KeyedFamilyTable<WideKey>(family, Attributes, Comparer, Clock);
        }
    }

    /// <summary>Coarse time.</summary>
    public RoutingClock Clock { get; }

    /// <summary>Attribute sets.</summary>
    public AttributeStore Attributes { get; }

    /// <summary>Sets of route targets.</summary>
    public RouteTargetSets RouteTargets => Attributes.RouteTargets;

    /// <summary>Next hops.</summary>
    public NextHopTable NextHops { get; }

    /// <summary>Where paths come from.</summary>
    public SourceTable Sources { get; }

    /// <summary>How paths compare.</summary>
    public PathComparer Comparer { get; }

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
        }
    }

    /// <summary>Whether nothing is left to settle.</summary>
    public bool IsSettled => Array.TrueForAll(_families, table => table.IsSettled);

    /// <summary>Octets of it all.</summary>
    public long Bytes => _families.Sum(table => table.Bytes) + Attributes.Bytes + RouteTargets.Bytes + NextHops.Bytes;

    /// <summary>The table of a family.</summary>
    public FamilyTable this[RouteFamily family] => _families[(int)family];

    /// <summary>Has a listener told about the destinations of all families.</summary>
    public void AddListener(IBestPathListener listener)
    {
        foreach (FamilyTable table in _families)
        {
            table.AddListener(listener);
        }
    }

    /// <summary>Selects the best path of marked destinations and tells the listeners.</summary>
    /// <param name="maximumDestinations">How many of each family at most.</param>
    /// <returns>How many are still marked, at least 1 while <see cref="IsSettled"/> is false.</returns>
    public int Settle(int maximumDestinations = int.MaxValue)
    {
        Clock.Refresh();
        foreach (FamilyTable table in _families)
        {
            _ = table.Settle(maximumDestinations);
        }

        var left = 0;
        var isSettled = true;
        foreach (FamilyTable table in _families)
        {
            left += table.DirtyCount;
            isSettled &= table.IsSettled;
        }

        return isSettled ? 0 : Math.Max(left, 1);
    }
}
