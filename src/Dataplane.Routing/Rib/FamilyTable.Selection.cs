namespace Dataplane.Routing.Rib;

/// <content>Best path, settle, explain.</content>
public abstract partial class FamilyTable
{
    // Rows looked at for changed next hops are cheaper than a selection.
    private const int ScannedRowsPerDestination = 16;

    private readonly Queue<int> _dirty = new();

    // Those that come next, taken from the queue: listeners anticipate them together.
    private readonly int[] _next = new int[64];
    private int _nextAt;
    private int _nextEnd;

    /// <summary>Destinations that are marked.</summary>
    public int DirtyCount => _dirty.Count + _nextEnd - _nextAt;

    /// <summary>Whether there is anything to settle.</summary>
    public bool IsSettled => DirtyCount == 0 && _nextHopsAt < 0 && _attributes.NextHops.Changes == _nextHopsSeen;

    /// <summary>Selects the best path of marked destinations, in the order in which they were marked, and tells the listeners.</summary>
    /// <param name="maximumDestinations">How many at most.</param>
    /// <returns>How many were settled; <see cref="IsSettled"/> says whether all are.</returns>
    public int Settle(int maximumDestinations)
    {
        _ = ScanNextHops((int)Math.Min((long)maximumDestinations * ScannedRowsPerDestination, int.MaxValue));
        var settled = 0;
        while (settled < maximumDestinations && (_nextAt < _nextEnd || TakeNext()))
        {
            SettleOne(_next[_nextAt++]);
            settled++;
        }

        return settled;
    }

    private bool TakeNext()
    {
        _nextAt = _nextEnd = 0;
        while (_nextEnd < _next.Length && _dirty.TryDequeue(out var destination))
        {
            _next[_nextEnd++] = destination;
        }

        for (var i = 0; i < _listeners.Count && _nextEnd > 1; i++)
        {
            _listeners[i].Anticipate(this, _next.AsSpan(0, _nextEnd));
        }

        return _nextEnd > 0;
    }

    /// <summary>The best paths of a destination whose traffic may be shared: the best first.</summary>
    /// <param name="id">The destination, settled.</param>
    /// <param name="paths">Room for them.</param>
    /// <returns>How many there are, as far as there was room.</returns>
    public int Multipaths(DestinationId id, Span<PathId> paths)
    {
        PathId best = BestOf(id);
        if (best.IsNone || paths.IsEmpty)
        {
            return 0;
        }

        paths[0] = best;
        var count = 1;
        foreach (PathId path in PathsOf(id))
        {
            if (count < paths.Length && path != best && Comparer.IsEligible(Row(path), out _) && Comparer.IsMultipath(Row(best), Row(path)))
            {
                paths[count++] = path;
            }
        }

        return count;
    }

    /// <summary>The paths of a destination that can be used, by rank: each is the best once those before it are gone.</summary>
    /// <param name="id">The destination.</param>
    /// <param name="paths">Room for them.</param>
    /// <returns>How many there are, as far as there was room.</returns>
    public int Ranked(DestinationId id, Span<PathId> paths)
    {
        var count = 0;
        while (count < paths.Length)
        {
            PathId next = Select(id, paths[..count]);
            if (next.IsNone)
            {
                break;
            }

            paths[count++] = next;
        }

        return count;
    }

    /// <summary>Why each path of a destination has its rank, the best first. For people: allocates.</summary>
    public PathDecision[] Explain(DestinationId id)
    {
        var all = new List<PathId>();
        foreach (PathId path in PathsOf(id))
        {
            all.Add(path);
        }

        var ranked = new PathId[all.Count];
        var usable = Ranked(id, ranked);
        var decisions = new PathDecision[all.Count];
        for (var rank = 0; rank < usable; rank++)
        {
            decisions[rank] = rank == 0
                ? new(ranked[0], 0, DecisionStep.None, PathId.None, true)
                : Compare(ranked[rank], rank, ranked.AsSpan(0, usable));
            _ = all.Remove(ranked[rank]);
        }

        foreach (PathId path in all)
        {
            _ = Comparer.IsEligible(Row(path), out DecisionStep step);
            decisions[usable++] = new(path, -1, step, PathId.None, false);
        }

        return decisions;
    }

    private PathDecision Compare(PathId path, int rank, ReadOnlySpan<PathId> ranked)
    {
        ref readonly PathRow row = ref Row(path);
        ref readonly PathRow best = ref Row(ranked[0]);
        if (Comparer.CompareBeforeMed(best, row, out DecisionStep step) != 0)
        {
            return new(path, rank, step, ranked[0], false);
        }

        // Any path that is as good up to MED can have put this one out, the best above all.
        foreach (PathId other in ranked)
        {
            if (other != path && Comparer.CompareBeforeMed(Row(other), row, out _) == 0 && Comparer.CompareMed(Row(other), row) < 0)
            {
                return new(path, rank, DecisionStep.Med, other, false);
            }
        }

        _ = Comparer.CompareBehindMed(best, row, out step);
        return new(path, rank, step, ranked[0], Comparer.IsMultipath(best, row));
    }

    private void SettleOne(int destination)
    {
        ref DestinationRow row = ref _destinations[destination];
        for (var path = Feasibility is null ? -1 : row.First; path >= 0; path = _paths[path].Next)
        {
            _paths[path].IsInfeasible = !Feasibility!(new(path));
        }

        PathId best = Select(new(destination), default);
        var old = row.Best;
        var wasTold = (row.Flags & DestinationFlags.Told) != 0;
        var isSame = old == best.Value && (row.Flags & DestinationFlags.BestTouched) == 0;
        row.Flags &= ~(DestinationFlags.Queued | DestinationFlags.BestTouched | DestinationFlags.Told | DestinationFlags.HasBest);
        if (!best.IsNone)
        {
            row.Flags |= DestinationFlags.Told | DestinationFlags.HasBest;
            MoveToFront(ref row, best.Value);
        }

        ReachableCount += (best.IsNone ? 0 : 1) - (wasTold ? 1 : 0);
        SetTargets(destination, best);
        BestChangeKind kind = best.IsNone
            ? wasTold ? BestChangeKind.Unreachable : BestChangeKind.OtherPaths
            : !wasTold ? BestChangeKind.Reachable : isSame ? BestChangeKind.OtherPaths : BestChangeKind.Changed;
        var change = new BestChange(kind, new(old), best);
        row.Flags |= DestinationFlags.Settling;
        try
        {
            for (var i = 0; i < _listeners.Count; i++)
            {
                _listeners[i].BestPathChanged(this, new(destination), change);
            }
        }
        finally
        {
            row.Flags &= ~DestinationFlags.Settling;
            FreeIfUnused(destination);
        }
    }

    private void SetTargets(int destination, PathId best)
    {
        RouteTargetSetId now = best.IsNone ? RouteTargetSetId.Empty : _attributes.Summary(_paths[best.Value].Accepted).RouteTargets;
        ref RouteTargetSetId targets = ref _targets[destination];
        if (targets != now)
        {
            _attributes.RouteTargets.Acquire(now);
            _attributes.RouteTargets.Release(targets);
            targets = now;
        }
    }

    private void MoveToFront(ref DestinationRow row, int path)
    {
        if (row.First == path)
        {
            return;
        }

        var before = row.First;
        while (_paths[before].Next != path)
        {
            before = _paths[before].Next;
        }

        _paths[before].Next = _paths[path].Next;
        _paths[path].Next = row.First;
        row.First = path;
    }

    // RFC 4271 §9.1.2.2: first the paths that are best in everything before MED, of them those whose MED no other of the same neighbour AS
    // undercuts, of them the first in the total order of the rest.
    private PathId Select(DestinationId id, ReadOnlySpan<PathId> without)
    {
        var best = -1;
        var ties = 0;
        for (var path = _destinations[id.Value].First; path >= 0; path = _paths[path].Next)
        {
            if (!Comparer.IsEligible(_paths[path], out _) || without.Contains(new(path)))
            {
                continue;
            }

            var order = best < 0 ? -1 : Comparer.CompareBeforeMed(_paths[path], _paths[best], out _);
            ties = order < 0 ? 1 : order == 0 ? ties + 1 : ties;
            best = order < 0 ? path : best;
        }

        return ties <= 1 ? new(best) : SelectAmongTies(id, best, without);
    }

    private PathId SelectAmongTies(DestinationId id, int tied, ReadOnlySpan<PathId> without)
    {
        var best = -1;
        for (var path = _destinations[id.Value].First; path >= 0; path = _paths[path].Next)
        {
            if (IsTied(path, tied, without) && !IsUndercut(id, path, without)
                && (best < 0 || Comparer.CompareBehindMed(_paths[path], _paths[best], out _) < 0))
            {
                best = path;
            }
        }

        return new(best);
    }

    private bool IsUndercut(DestinationId id, int path, ReadOnlySpan<PathId> without)
    {
        for (var other = _destinations[id.Value].First; other >= 0; other = _paths[other].Next)
        {
            if (other != path && IsTied(other, path, without) && Comparer.CompareMed(_paths[other], _paths[path]) < 0)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsTied(int path, int other, ReadOnlySpan<PathId> without) =>
        Comparer.IsEligible(_paths[path], out _) && !without.Contains(new(path))
        && Comparer.CompareBeforeMed(_paths[path], _paths[other], out _) == 0;
}
