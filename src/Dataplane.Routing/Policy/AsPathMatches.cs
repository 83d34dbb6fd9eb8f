using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>The length of AS_PATH, as selection counts it, lies in a range.</summary>
public sealed class AsPathLengthMatch(NumberRange range) : RouteMatch
{
    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => range.Contains((uint)AsPathView.Of(route.Attributes).Length);

    /// <inheritdoc/>
    public override string ToString() => $"as-path-length {range}";
}

/// <summary>A number of a set is somewhere in AS_PATH.</summary>
public sealed class AsPathContainsMatch(AsSet set) : RouteMatch
{
    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route)
    {
        foreach (AsPathView.Segment segment in AsPathView.Of(route.Attributes))
        {
            for (var i = 0; i < segment.Count; i++)
            {
                if (set.Contains(segment[i]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => $"as-path-contains {set}";
}

/// <summary>The route was originated by a system of a set.</summary>
public sealed class OriginatedByMatch(AsSet set) : RouteMatch
{
    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => AsPathView.Of(route.Attributes).Origin is { } origin && set.Contains(origin);

    /// <inheritdoc/>
    public override string ToString() => $"originated-by {set}";
}

/// <summary>The first system of AS_PATH is of a set.</summary>
public sealed class NeighborAsMatch(AsSet set) : RouteMatch
{
    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route) => AsPathView.Of(route.Attributes).Neighbor is { } neighbor && set.Contains(neighbor);

    /// <inheritdoc/>
    public override string ToString() => $"neighbor-as {set}";
}

/// <summary>AS_PATH matches one of some patterns.</summary>
public sealed class AsPathPatternMatch(IReadOnlyList<AsPathPattern> patterns) : RouteMatch
{
    private readonly AsPathPattern[] _patterns = [.. patterns];

    /// <inheritdoc/>
    public override bool Matches(in PolicyRoute route)
    {
        AsPathView path = AsPathView.Of(route.Attributes);
        foreach (AsPathPattern pattern in _patterns)
        {
            if (pattern.Matches(path))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => $"as-path-matches [{string.Join(" | ", (IEnumerable<AsPathPattern>)_patterns)}]";
}
