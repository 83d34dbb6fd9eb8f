using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>Selection as RFC 4271 tells it, step after step leaving fewer paths (AMB-04 for the second and third).</summary>
internal static class ModelSelection
{
    /// <summary>The best of some paths, to one destination or of one VRF route.</summary>
    public static ModelPath Best(IEnumerable<ModelPath> paths)
    {
        IEnumerable<ModelPath> left = Least(paths, static path => path.IsLongLivedStale ? 1 : 0);
        left = Least(left, static path => -(long)path.LocalPreference);
        left = Least(left, static path => -(long)path.Version);
        left = Least(left, static path => path.IsOriginatedHere ? 0 : 1);
        left = Least(left, static path => path.AsPathLength);
        left = Least(left, static path => path.Origin);
        left = WithoutUndercut(left);
        left = Least(left, static path => path.Kind == SourceKind.Ibgp ? 1 : 0);
        left = Least(left, static path => path.RouterId);
        left = Least(left, static path => path.PathIdentifier);
        left = Least(left, static path => path.Source.Value);
        return left.OrderBy(static path => path.Destination.Nlri.Distinguisher).First();
    }

    /// <summary>Best and next hops of a VRF route.</summary>
    public static ModelRoute Choose(List<ModelPath> candidates, int most)
    {
        ModelPath best = Best(candidates);
        IEnumerable<ModelPath> equals = WithoutUndercut([.. candidates.Where(path =>
            path.IsLongLivedStale == best.IsLongLivedStale && path.LocalPreference == best.LocalPreference && path.Version == best.Version
            && path.AsPathLength == best.AsPathLength && path.Origin == best.Origin
            && (path.NeighborAs != best.NeighborAs || path.Med == best.Med))]);
        var nextHops = new HashSet<(IpAddress, uint)> { (best.NextHop, best.Label) };
        foreach (ModelPath path in equals
            .OrderBy(static path => path.Kind == SourceKind.Ibgp ? 1 : 0).ThenBy(static path => path.RouterId)
            .ThenBy(static path => path.PathIdentifier).ThenBy(static path => path.Source.Value)
            .ThenBy(static path => path.Destination.Nlri.Distinguisher))
        {
            if (nextHops.Count < most)
            {
                nextHops.Add((path.NextHop, path.Label));
            }
        }

        return new(best, nextHops);
    }

    private static List<ModelPath> Least(IEnumerable<ModelPath> paths, Func<ModelPath, long> measure)
    {
        List<ModelPath> all = [.. paths];
        var least = all.Min(measure);
        return all.FindAll(path => measure(path) == least);
    }

    private static List<ModelPath> WithoutUndercut(IEnumerable<ModelPath> paths)
    {
        List<ModelPath> all = [.. paths];
        return all.FindAll(path => !all.Exists(other => other.NeighborAs == path.NeighborAs && other.Med < path.Med));
    }
}
