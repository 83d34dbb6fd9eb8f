using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Membership;

/// <summary>
/// Which memberships of external peers count (RFC 4684 §3.1). VPN routes travel towards an origin AS against the direction of its membership
/// routes, as unicast traffic would: of the external paths to one membership the best makes routes flow, and as many more as are configured,
/// so that an AS that is reached over several sessions is not sent everything on each: §3.1 has less preferred paths pruned as the default policy. Of
/// internal peers every membership counts (§3.2). Routing thread.
/// </summary>
/// <remarks>
/// The default membership, the only one shorter than an origin AS (§4), leads to no AS in particular: it counts of every peer that sends it (§6). What
/// policy rejects never counts (§8).
/// </remarks>
internal sealed class ExternalMemberships : IBestPathListener
{
    // Fewer bits do not say whose memberships they are.
    private const int OriginBits = 32;
    private readonly RoutingBase _routes;
    private readonly Action<SourceId, Nlri, bool> _changed;
    private readonly Dictionary<Nlri, SourceId[]> _chosen = [];
    private readonly List<PathId> _paths = [];
    private readonly List<SourceId> _now = [];
    private int _most;

    /// <summary>Follows the memberships.</summary>
    /// <param name="routes">The tables.</param>
    /// <param name="most">How many external paths of a membership count.</param>
    /// <param name="changed">Told whose membership counts now, or no more.</param>
    public ExternalMemberships(RoutingBase routes, int most, Action<SourceId, Nlri, bool> changed)
    {
        _routes = routes;
        _most = most;
        _changed = changed;
        Table.AddListener(this);
    }

    private FamilyTable Table => _routes[RouteFamily.RouteTargetConstraint];

    /// <summary>Changes how many count.</summary>
    public void SetMost(int most)
    {
        if (_most != most)
        {
            _most = most;
            Table.MarkAll();
        }
    }

    /// <summary>The memberships of a source that count.</summary>
    public IEnumerable<Nlri> Of(SourceId source) =>
        _chosen.Where(entry => Array.IndexOf(entry.Value, source) >= 0).Select(static entry => entry.Key);

    /// <inheritdoc/>
    public void BestPathChanged(FamilyTable table, DestinationId destination, in BestChange change)
    {
        Nlri nlri = table.NlriOf(destination);
        Choose(table, destination, nlri.Length);
        if (!_chosen.TryGetValue(nlri, out SourceId[]? before))
        {
            before = [];
        }

        if (before.AsSpan().SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_now)))
        {
            return;
        }

        SourceId[] now = [.. _now];
        if (now.Length == 0)
        {
            _ = _chosen.Remove(nlri);
        }
        else
        {
            _chosen[nlri] = now;
        }

        foreach (SourceId source in before.Except(now))
        {
            _changed(source, nlri, false);
        }

        foreach (SourceId source in now.Except(before))
        {
            _changed(source, nlri, true);
        }
    }

    // Into the list, by rank: a source counts once, whichever of its paths is the better one.
    private void Choose(FamilyTable table, DestinationId destination, byte length)
    {
        _paths.Clear();
        _now.Clear();
        foreach (PathId path in table.PathsOf(destination))
        {
            ref readonly PathRow row = ref table.Row(path);
            if (!row.Accepted.IsNone && _routes.Sources[row.Source].Kind == SourceKind.Ebgp)
            {
                _paths.Add(path);
            }
        }

        var most = length < OriginBits ? int.MaxValue : _most;
        while (_paths.Count != 0 && _now.Count < most)
        {
            // Whether we can reach the next hop does not matter: routes flow in the session.
            PathId best = _paths[0];
            foreach (PathId path in _paths)
            {
                if (table.Comparer.Compare(table.Row(path), table.Row(best), out _) < 0)
                {
                    best = path;
                }
            }

            _paths.Remove(best);
            SourceId source = table.Row(best).Source;
            if (!_now.Contains(source))
            {
                _now.Add(source);
            }
        }
    }
}
