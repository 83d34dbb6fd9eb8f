using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>Why a flow specification is used, or is not (RFC 8955 §6, RFC 9117 §4).</summary>
public enum FlowSpecVerdict : byte
{
    /// <summary>It may be used.</summary>
    Feasible,

    /// <summary>It has no destination prefix without offset, and configuration does not allow that (rule a).</summary>
    NoDestination,

    /// <summary>No unicast route covers its destination (rule b).</summary>
    NoUnicastRoute,

    /// <summary>Another speaker originated the unicast route that covers its destination best (rule b).</summary>
    OtherOriginator,

    /// <summary>A more specific unicast route came from another neighbouring AS (rule c).</summary>
    MoreSpecificElsewhere,

    /// <summary>It came over eBGP and its leftmost AS is not that of the unicast route (RFC 9117 §4.2).</summary>
    OtherLeftmostAs,
}

/// <summary>Where a route came from, as far as validation asks.</summary>
/// <param name="Originator">ORIGINATOR_ID as an address, or the address of the peer it came from.</param>
/// <param name="LeftmostAs">The first AS of AS_PATH; null when the path is empty or of confederation sequences only.</param>
/// <param name="NeighborAs">The neighbouring AS it was received from: the leftmost AS, or our own for an empty path.</param>
/// <param name="IsExternal">Whether it came over eBGP.</param>
public readonly record struct FlowSpecOrigin(IpAddress Originator, AsNumber? LeftmostAs, AsNumber NeighborAs, bool IsExternal);

/// <summary>The unicast routes that flow specifications are validated with: the global table, or the VRF of a VPN one.</summary>
public interface IFlowSpecUnicastRoutes
{
    /// <summary>The best path of the longest prefix that covers a destination.</summary>
    FlowSpecOrigin? BestMatch(IpPrefix destination);

    /// <summary>Whether every best path of a prefix inside a destination, itself not counted, came from that neighbouring AS.</summary>
    bool AllMoreSpecificsFrom(IpPrefix destination, AsNumber neighbor);
}

/// <summary>Which of the rules are relaxed.</summary>
/// <param name="AllowNoDestination">A flow specification without destination prefix is feasible (RFC 8955 §6, on rule a).</param>
/// <param name="AllowLocalOrigin">One with an empty AS_PATH, from our own AS, needs no unicast route (RFC 9117 §4.1, b.2); on by default.</param>
public readonly record struct FlowSpecFeasibilityRules(bool AllowNoDestination, bool AllowLocalOrigin)
{
    /// <summary>What the RFCs have as default.</summary>
    public static FlowSpecFeasibilityRules Default => new(AllowNoDestination: false, AllowLocalOrigin: true);
}

/// <summary>The validation procedure of RFC 8955 §6 as RFC 9117 §4 revises it. Pure; to be repeated when unicast routes change.</summary>
public static class FlowSpecFeasibility
{
    /// <summary>Whether a flow specification may be used.</summary>
    public static FlowSpecVerdict Judge(
        FlowSpecRule rule, in FlowSpecOrigin origin, IFlowSpecUnicastRoutes unicast, FlowSpecFeasibilityRules rules)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(unicast);
        if (rule.Destination is not { } destination)
        {
            return rules.AllowNoDestination ? FlowSpecVerdict.Feasible : FlowSpecVerdict.NoDestination;
        }

        FlowSpecOrigin? match = unicast.BestMatch(destination);
        if (origin.IsExternal && match is { } external && external.LeftmostAs != origin.LeftmostAs)
        {
            return FlowSpecVerdict.OtherLeftmostAs;
        }

        if (rules.AllowLocalOrigin && origin.LeftmostAs is null && !origin.IsExternal)
        {
            return FlowSpecVerdict.Feasible; // rule c compares with the route of b.1, which is not asked for
        }

        if (match is not { } best)
        {
            return FlowSpecVerdict.NoUnicastRoute;
        }

        if (best.Originator != origin.Originator)
        {
            return FlowSpecVerdict.OtherOriginator;
        }

        return unicast.AllMoreSpecificsFrom(destination, best.NeighborAs) ? FlowSpecVerdict.Feasible : FlowSpecVerdict.MoreSpecificElsewhere;
    }
}
