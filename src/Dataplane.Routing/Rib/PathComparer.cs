using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Rib;

/// <summary>
/// Compares two paths, of the same destination or of two destinations that meet in a VRF. MED makes the whole comparison intransitive (it
/// compares only paths of the same neighbour AS), so selection takes its parts: everything before MED, MED, everything behind it.
/// Negative: the first is better. Routing thread.
/// </summary>
public sealed class PathComparer
{
    private readonly AttributeStore _attributes;
    private readonly SourceTable _sources;
    private readonly NextHopTable _nextHops;

    /// <summary>A comparer over these tables.</summary>
    public PathComparer(AttributeStore attributes, SourceTable sources)
    {
        _attributes = attributes;
        _sources = sources;
        _nextHops = attributes.NextHops;
    }

    /// <summary>What is configurable.</summary>
    public BestPathSettings Settings { get; set; } = new();

    /// <summary>Whether a path can be used at all.</summary>
    /// <param name="path">The path.</param>
    /// <param name="step">Why not.</param>
    public bool IsEligible(in PathRow path, out DecisionStep step)
    {
        step = path.Accepted.IsNone ? DecisionStep.Policy
            : !_nextHops.StateOf(_attributes.Summary(path.Accepted).NextHop).IsReachable ? DecisionStep.NextHop
            : path.IsInfeasible ? DecisionStep.Feasibility
            : DecisionStep.None;
        return step == DecisionStep.None;
    }

    /// <summary>All steps; of two different paths one is always better.</summary>
    public int Compare(in PathRow first, in PathRow second, out DecisionStep step)
    {
        var order = CompareBeforeMed(first, second, out step);
        if (order == 0)
        {
            order = CompareMed(first, second);
            step = DecisionStep.Med;
        }

        return order != 0 ? order : CompareBehindMed(first, second, out step);
    }

    /// <summary>
    /// Whether traffic may use both: equal in every step before <see cref="DecisionStep.Age"/>. A lower version never is (AMB-04), nor is a
    /// stale path beside one that is not.
    /// </summary>
    public bool IsMultipath(in PathRow first, in PathRow second) =>
        CompareBeforeMed(first, second, out _) == 0 && CompareMed(first, second) == 0 && CompareExterior(first, second, out _) == 0;

    /// <summary>
    /// Whether traffic of a VRF may use both: as <see cref="IsMultipath"/>, but wherever they were learned. The members of a service are equals
    /// to every gateway, those that publish to it and those it hears of from others (SIG-10), so that all forwarders choose alike.
    /// </summary>
    public bool IsEqualCost(in PathRow first, in PathRow second)
    {
        ref readonly AttributeSummary a = ref _attributes.Summary(first.Accepted);
        ref readonly AttributeSummary b = ref _attributes.Summary(second.Accepted);
        return IsLongLivedStale(first, a) == IsLongLivedStale(second, b)
            && a.LocalPreference == b.LocalPreference
            && a.Version == b.Version
            && (((a.Traits | b.Traits) & AttributeTraits.HasAigp) == 0 || AccumulatedMetric(first, a) == AccumulatedMetric(second, b))
            && (a.AsPathLength == b.AsPathLength || Settings.IgnoreAsPathLength)
            && a.Origin == b.Origin
            && CompareMed(first, second) == 0
            && (a.NextHop == b.NextHop || _nextHops.StateOf(a.NextHop).Metric == _nextHops.StateOf(b.NextHop).Metric);
    }

    /// <summary>The steps before MED; a total preorder.</summary>
    internal int CompareBeforeMed(in PathRow first, in PathRow second, out DecisionStep step)
    {
        ref readonly AttributeSummary a = ref _attributes.Summary(first.Accepted);
        ref readonly AttributeSummary b = ref _attributes.Summary(second.Accepted);
        var order = IsLongLivedStale(first, a).CompareTo(IsLongLivedStale(second, b));
        if (order != 0)
        {
            step = DecisionStep.LongLivedStale;
            return order;
        }

        if (a.LocalPreference != b.LocalPreference)
        {
            step = DecisionStep.LocalPreference;
            return b.LocalPreference.CompareTo(a.LocalPreference);
        }

        if (a.Version != b.Version)
        {
            step = DecisionStep.Version;
            return b.Version.CompareTo(a.Version);
        }

        order = IsForeign(first).CompareTo(IsForeign(second));
        if (order != 0)
        {
            step = DecisionStep.LocallyOriginated;
            return order;
        }

        if (((a.Traits | b.Traits) & AttributeTraits.HasAigp) != 0)
        {
            order = AccumulatedMetric(first, a).CompareTo(AccumulatedMetric(second, b));
            if (order != 0)
            {
                step = DecisionStep.AccumulatedMetric;
                return order;
            }
        }

        if (a.AsPathLength != b.AsPathLength && !Settings.IgnoreAsPathLength)
        {
            step = DecisionStep.AsPathLength;
            return a.AsPathLength.CompareTo(b.AsPathLength);
        }

        step = DecisionStep.Origin;
        return a.Origin.CompareTo(b.Origin);
    }

    /// <summary>MED; 0 between paths whose MED do not compare.</summary>
    internal int CompareMed(in PathRow first, in PathRow second)
    {
        ref readonly AttributeSummary a = ref _attributes.Summary(first.Accepted);
        ref readonly AttributeSummary b = ref _attributes.Summary(second.Accepted);
        return a.NeighborAs == b.NeighborAs || Settings.AlwaysCompareMed ? MedOf(a).CompareTo(MedOf(b)) : 0;
    }

    /// <summary>The steps behind MED; a total order.</summary>
    internal int CompareBehindMed(in PathRow first, in PathRow second, out DecisionStep step)
    {
        var order = CompareExterior(first, second, out step);
        if (order != 0)
        {
            return order;
        }

        ref readonly SourceRow a = ref _sources.Row(first.Source);
        ref readonly SourceRow b = ref _sources.Row(second.Source);
        if (Settings.PreferOlder && a.Kind == SourceKind.Ebgp && b.Kind == SourceKind.Ebgp && first.ReceivedAt != second.ReceivedAt)
        {
            step = DecisionStep.Age;
            return first.ReceivedAt.CompareTo(second.ReceivedAt);
        }

        ref readonly AttributeSummary ours = ref _attributes.Summary(first.Accepted);
        ref readonly AttributeSummary theirs = ref _attributes.Summary(second.Accepted);
        step = DecisionStep.RouterId;
        order = RouterId(first, ours, a).CompareTo(RouterId(second, theirs, b));
        if (order == 0)
        {
            step = DecisionStep.ClusterListLength;
            order = ours.ClusterListLength.CompareTo(theirs.ClusterListLength);
        }

        if (order == 0)
        {
            step = DecisionStep.PeerAddress;
            order = a.Address.CompareTo(b.Address);
        }

        if (order == 0)
        {
            step = DecisionStep.PathIdentifier;
            order = first.PathIdentifier.CompareTo(second.PathIdentifier);
            order = order != 0 ? order : first.Source.Value.CompareTo(second.Source.Value);
        }

        return order;
    }

    private static bool IsLongLivedStale(in PathRow path, in AttributeSummary summary) =>
        (path.State & PathState.LlgrStale) != 0 || (summary.Traits & AttributeTraits.LlgrStale) != 0;

    private uint RouterId(in PathRow path, in AttributeSummary summary, in SourceRow source) =>
        (summary.Traits & AttributeTraits.HasOriginatorId) != 0 ? _attributes.OriginatorId(path.Accepted) : source.RouterId;

    private int CompareExterior(in PathRow first, in PathRow second, out DecisionStep step)
    {
        step = DecisionStep.External;
        var order = IsInternal(first).CompareTo(IsInternal(second));
        if (order != 0)
        {
            return order;
        }

        step = DecisionStep.InteriorCost;
        NextHopId a = _attributes.Summary(first.Accepted).NextHop;
        NextHopId b = _attributes.Summary(second.Accepted).NextHop;
        return a == b ? 0 : _nextHops.StateOf(a).Metric.CompareTo(_nextHops.StateOf(b).Metric);
    }

    private bool IsForeign(in PathRow path) => _sources.Row(path.Source).Kind is SourceKind.Ibgp or SourceKind.Ebgp;

    private bool IsInternal(in PathRow path) => _sources.Row(path.Source).Kind == SourceKind.Ibgp;

    private uint MedOf(in AttributeSummary summary) =>
        (summary.Traits & AttributeTraits.HasMed) == 0 && Settings.MissingMedIsWorst ? uint.MaxValue : summary.Med;

    // RFC 7311 §4.1: a path without AIGP loses to one with; what is compared includes the interior cost. Saturates.
    private UInt128 AccumulatedMetric(in PathRow path, in AttributeSummary summary) => _attributes.TryGetAigp(path.Accepted, out var metric)
        ? (UInt128)metric + _nextHops.StateOf(summary.NextHop).Metric
        : UInt128.MaxValue;
}
