using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>
/// How many routes each peer's Adj-RIB-Out has before policy, as <see cref="BmpExporter.AddBest"/> tells them: the best paths of its families but for its
/// own. Counted some thousand destinations at a time for the one report that needs it, so that routes cost nothing when they come and go; what
/// changes while it counts is counted as it was when its turn came. Routing thread.
/// </summary>
internal sealed class PrePolicyCount(RoutingBase routes)
{
    private const int DestinationsPerStep = 4096;

    private readonly long[] _best = new long[RouteFamilies.Count];
    private readonly Dictionary<(RouteFamily Family, SourceId Source), long> _own = [];
    private int _family;
    private int _next;

    /// <summary>Counts on.</summary>
    /// <returns>Whether there is more to count.</returns>
    public bool Step()
    {
        for (var left = DestinationsPerStep; _family < RouteFamilies.Count; _family++, _next = 0)
        {
            FamilyTable table = routes.Families[_family];
            var end = Math.Min(table.DestinationCapacity, _next + left);
            left -= Math.Max(end - _next, 0);
            Count(table, end);
            if (end < table.DestinationCapacity)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The routes of one family for a peer.</summary>
    public long Of(RouteFamily family, SourceId peer) => _best[(int)family] - _own.GetValueOrDefault((family, peer));

    private void Count(FamilyTable table, int end)
    {
        // Routes of a source tend to follow each other: the dictionary is asked once for a run of them.
        SourceId source = default;
        var run = 0;
        for (; _next < end; _next++)
        {
            var destination = new DestinationId(_next);
            if (!table.Exists(destination) || table.BestOf(destination) is not { IsNone: false } best)
            {
                continue;
            }

            SourceId of = table.Row(best).Source;
            if (of != source)
            {
                Add(table.Family, source, run);
                (source, run) = (of, 0);
            }

            run++;
        }

        Add(table.Family, source, run);
    }

    private void Add(RouteFamily family, SourceId source, int routes)
    {
        if (routes > 0)
        {
            _best[(int)family] += routes;
            _own[(family, source)] = _own.GetValueOrDefault((family, source)) + routes;
        }
    }
}
