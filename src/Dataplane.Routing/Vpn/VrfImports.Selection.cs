using System.Runtime.InteropServices;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Vpn;

/// <content>
/// Selection among the candidates of a VRF route (AMB-04): the best by the steps of best path selection; beside it, up to the VRF's maximum, those
/// that are as good wherever they were learned (SIG-10), each next hop and label once. What is compared of candidates of equal distinguisher-less
/// prefix ends with the distinguisher, so that the outcome follows from the candidates alone and not from the order in which they came.
/// </content>
internal sealed partial class VrfImports<TKey>
{
    private readonly List<Candidate> _candidates = [];
    private readonly List<Candidate> _members = [];
    private readonly Dictionary<uint, int> _lowestMed = [];
    private readonly HashSet<(NextHopId, uint)> _seen = [];
    private readonly CandidateOrder _order;

    private void Select(int route)
    {
        ref VrfRouteRow<TKey> row = ref _routes[route];
        row.Flags &= ~(RouteFlags.Queued | RouteFlags.Deferred);
        if (!TryCollect(row.First))
        {
            row.Flags |= RouteFlags.Deferred;
            return;
        }

        int before = row.Members;
        var changed = (row.Flags & RouteFlags.MemberLost) != 0;
        row.Flags &= ~RouteFlags.MemberLost;
        ChooseMembers(row.Key.Vrf);
        changed |= Apply(ref row);
        if (before == 0 != (row.Members == 0))
        {
            CountKnown(row, before == 0 ? 1 : -1);
        }

        if (row.Members == 0)
        {
            if (before != 0)
            {
                _vrfs.TellRemoved(row.Key.Vrf, Family, row.Key.Nlri);
            }
        }
        else if (changed || before == 0)
        {
            _vrfs.TellChanged(new(this, route));
        }

        if (row.First < 0)
        {
            RemoveRoute(route);
        }
    }

    private void CountKnown(in VrfRouteRow<TKey> row, int change)
    {
        _ofVrf[row.Key.Vrf.Value].Known += change;
        if (!Family.IsFlowSpec)
        {
            _vrfs.CountSpecifics(row.Key.Vrf, row.Key.Nlri.Prefix(Family), change);
        }
    }

    // False when a candidate's destination is not settled: what it is cannot be known yet.
    private bool TryCollect(int first)
    {
        _candidates.Clear();
        for (var link = first; link >= 0; link = _links[link].NextOfRoute)
        {
            DestinationId destination = _links[link].Destination;
            if (Table.IsMarked(destination))
            {
                return false;
            }

            PathId path = PathOf(link);
            if (path.IsNone)
            {
                continue;
            }

            PathRow row = Table.Row(path);
            if ((_links[link].Flags & LinkFlags.Rewritten) != 0)
            {
                row.Accepted = _rewritten[link];
            }

            if (Table.Comparer.IsEligible(row, out _))
            {
                _candidates.Add(new(link, row));
            }
        }

        return true;
    }

    private PathId PathOf(int link)
    {
        ref ImportLink row = ref _links[link];
        if ((row.Flags & LinkFlags.Own) == 0)
        {
            return Table.BestOf(row.Destination);
        }

        VrfIndex vrf = _routes[row.Route].Key.Vrf;
        PathId best = PathId.None;
        foreach (PathId path in Table.PathsOf(row.Destination))
        {
            ref readonly PathRow candidate = ref Table.Row(path);
            if (_vrfs.TryFindOwner(candidate.Source, candidate.PathIdentifier, out VrfIndex owner) && owner == vrf
                && Table.Comparer.IsEligible(candidate, out _)
                && (best.IsNone || Table.Comparer.Compare(candidate, Table.Row(best), out _) < 0))
            {
                best = path;
            }
        }

        return best;
    }

    // Leaves in _members what shall be the route's next hops, the best first.
    private void ChooseMembers(VrfIndex vrf)
    {
        _members.Clear();
        Span<Candidate> candidates = CollectionsMarshal.AsSpan(_candidates);
        if (candidates.Length < 2)
        {
            _members.AddRange(_candidates);
            return;
        }

        var best = FindBest(candidates);
        var most = _vrfs.RowOf(vrf).Settings.MaxPaths;
        if (most <= 1)
        {
            _members.Add(candidates[best]);
            return;
        }

        _members.Add(candidates[best]);
        for (var i = 0; i < candidates.Length; i++)
        {
            if (i != best && Table.Comparer.IsEqualCost(candidates[best].Path, candidates[i].Path))
            {
                _members.Add(candidates[i]);
            }
        }

        RemoveUndercut();
        _members.Sort(1, _members.Count - 1, _order);
        RemoveRepeated(most);
    }

    private int FindBest(ReadOnlySpan<Candidate> candidates)
    {
        PathComparer comparer = Table.Comparer;
        var best = 0;
        var ties = 1;
        for (var i = 1; i < candidates.Length; i++)
        {
            var order = comparer.CompareBeforeMed(candidates[i].Path, candidates[best].Path, out _);
            ties = order < 0 ? 1 : order == 0 ? ties + 1 : ties;
            best = order < 0 ? i : best;
        }

        if (ties == 1)
        {
            return best;
        }

        var tied = best;
        _lowestMed.Clear();
        for (var i = 0; i < candidates.Length; i++)
        {
            if (comparer.CompareBeforeMed(candidates[i].Path, candidates[tied].Path, out _) == 0)
            {
                NoteMed(candidates, i);
            }
        }

        best = -1;
        for (var i = 0; i < candidates.Length; i++)
        {
            if (comparer.CompareBeforeMed(candidates[i].Path, candidates[tied].Path, out _) == 0
                && comparer.CompareMed(candidates[_lowestMed[MedKey(candidates[i])]].Path, candidates[i].Path) == 0
                && (best < 0 || CompareBehindMed(candidates[i], candidates[best]) < 0))
            {
                best = i;
            }
        }

        return best;
    }

    // An equal of the best that a third one of its own neighbour AS undercuts is no equal.
    private void RemoveUndercut()
    {
        _lowestMed.Clear();
        Span<Candidate> members = CollectionsMarshal.AsSpan(_members);
        for (var i = 0; i < members.Length; i++)
        {
            NoteMed(members, i);
        }

        var undercut = 0;
        for (var i = 1; i < members.Length; i++)
        {
            members[i].IsUndercut = Table.Comparer.CompareMed(members[_lowestMed[MedKey(members[i])]].Path, members[i].Path) != 0;
            undercut += members[i].IsUndercut ? 1 : 0;
        }

        if (undercut != 0)
        {
            _members.RemoveAll(static member => member.IsUndercut);
        }
    }

    private void NoteMed(ReadOnlySpan<Candidate> candidates, int index)
    {
        ref var lowest = ref CollectionsMarshal.GetValueRefOrAddDefault(_lowestMed, MedKey(candidates[index]), out var exists);
        if (!exists || Table.Comparer.CompareMed(candidates[index].Path, candidates[lowest].Path) < 0)
        {
            lowest = index;
        }
    }

    private uint MedKey(in Candidate candidate) =>
        Table.Comparer.Settings.AlwaysCompareMed ? 0 : _attributes.Summary(candidate.Path.Accepted).NeighborAs;

    private int CompareBehindMed(in Candidate first, in Candidate second)
    {
        var order = Table.Comparer.CompareBehindMed(first.Path, second.Path, out _);
        return order != 0 ? order
            : Table.NlriOf(first.Path.Destination).Distinguisher.CompareTo(Table.NlriOf(second.Path.Destination).Distinguisher);
    }

    private void RemoveRepeated(int most)
    {
        _seen.Clear();
        var kept = 0;
        for (var i = 0; i < _members.Count && kept < most; i++)
        {
            ref readonly PathRow path = ref CollectionsMarshal.AsSpan(_members)[i].Path;
            if (_seen.Add((_attributes.Summary(path.Accepted).NextHop, path.Label >> 4)))
            {
                _members[kept++] = _members[i];
            }
        }

        _members.RemoveRange(kept, _members.Count - kept);
    }

    // Makes the links what was chosen and puts the members to the front; true when listeners have to know.
    private bool Apply(ref VrfRouteRow<TKey> row)
    {
        var changed = row.Members != _members.Count || (_members.Count != 0 && row.First != _members[0].Link);
        foreach (Candidate member in _members)
        {
            _links[member.Link].Flags |= LinkFlags.Chosen;
        }

        for (var link = row.First; link >= 0; link = _links[link].NextOfRoute)
        {
            LinkFlags flags = _links[link].Flags;
            var isChosen = (flags & LinkFlags.Chosen) != 0;
            changed |= isChosen != ((flags & LinkFlags.Member) != 0) || (isChosen && (flags & LinkFlags.Changed) != 0);
            _links[link].Flags = flags & ~(LinkFlags.Chosen | LinkFlags.Changed | LinkFlags.Member)
                | (isChosen ? LinkFlags.Member : LinkFlags.None);
        }

        for (var i = _members.Count - 1; i >= 0; i--)
        {
            MoveToFront(ref row, _members[i].Link);
        }

        row.Members = (ushort)_members.Count;
        return changed;
    }

    private void MoveToFront(ref VrfRouteRow<TKey> row, int link)
    {
        if (row.First == link)
        {
            return;
        }

        ref ImportLink moved = ref _links[link];
        _links[moved.PreviousOfRoute].NextOfRoute = moved.NextOfRoute;
        if (moved.NextOfRoute >= 0)
        {
            _links[moved.NextOfRoute].PreviousOfRoute = moved.PreviousOfRoute;
        }

        moved.PreviousOfRoute = -1;
        moved.NextOfRoute = row.First;
        _links[row.First].PreviousOfRoute = link;
        row.First = link;
    }

    private struct Candidate(int link, PathRow path)
    {
        public readonly int Link = link;
        public readonly PathRow Path = path;
        public bool IsUndercut;
    }

    private sealed class CandidateOrder(VrfImports<TKey> imports) : IComparer<Candidate>
    {
        public int Compare(Candidate x, Candidate y) => imports.CompareBehindMed(x, y);
    }
}
