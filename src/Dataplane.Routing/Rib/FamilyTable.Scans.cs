namespace Dataplane.Routing.Rib;

/// <summary>What import policy makes of a path.</summary>
/// <returns>The accepted attributes with one reference that the table takes over; none to reject.</returns>
public delegate AttributeSetId PathAcceptance(FamilyTable table, PathId path);

/// <summary>Looks at the destinations of a scan.</summary>
public interface IDestinationVisitor
{
    /// <summary>Whether destinations with this set of route targets are wanted. Asked once per run of equal sets.</summary>
    bool Wants(RouteTargetSetId targets);

    /// <summary>A destination whose best path has wanted targets.</summary>
    void Visit(DestinationId destination);
}

/// <content>Scans: over the paths of a source, over those of changed next hops, over route targets. FamilyTable.SourceScans.cs does those over the
/// paths of a source in parts.</content>
public abstract partial class FamilyTable
{
    private uint _nextHopsSeen;
    private uint _nextHopsTarget;
    private int _nextHopsAt = -1;

    /// <summary>Marks the paths of a source as kept (graceful restart), in addition to what they are already.</summary>
    /// <returns>How many were marked.</returns>
    public int MarkStale(SourceId source, PathState state)
    {
        CompleteScans(source);
        var marked = 0;
        for (var path = 0; path < _paths.End && PathCountOf(source) > 0; path++)
        {
            ref PathRow row = ref _paths[path];
            marked += row.IsTaken && row.Source == source && MarkStale(ref row, path, state) ? 1 : 0;
        }

        return marked;
    }

    /// <summary>Removes the paths of a source that have any of these states; all of them for none.</summary>
    /// <returns>How many were removed.</returns>
    public int Sweep(SourceId source, PathState state = PathState.None)
    {
        var cursor = 0;
        return SweepSome(source, state, ref cursor, int.MaxValue);
    }

    /// <summary>
    /// A part of a <see cref="Sweep"/>, so that a big one leaves time for others: looks at up to <paramref name="maximumRows"/> rows.
    /// </summary>
    /// <param name="source">Whose paths.</param>
    /// <param name="state">Which of them; all for none.</param>
    /// <param name="cursor">0 at first; the sweep is over when it is <see cref="PathCapacity"/> or more.</param>
    /// <param name="maximumRows">Rows to look at.</param>
    /// <returns>How many were removed.</returns>
    public int SweepSome(SourceId source, PathState state, ref int cursor, int maximumRows)
    {
        if (cursor == 0)
        {
            CompleteScans(source);
        }

        return SweepRows(source, state, ref cursor, maximumRows);
    }

    private int SweepRows(SourceId source, PathState state, ref int cursor, int maximumRows)
    {
        var removed = 0;
        var end = (int)Math.Min((long)cursor + maximumRows, _paths.End);
        for (; cursor < end && PathCountOf(source) > 0; cursor++)
        {
            ref PathRow row = ref _paths[cursor];
            if (row.IsTaken && row.Source == source && (state == PathState.None || (row.State & state) != 0))
            {
                Remove(cursor);
                removed++;
            }
        }

        if (PathCountOf(source) == 0)
        {
            cursor = int.MaxValue;
        }

        return removed;
    }

    /// <summary>Asks import policy again about what a source sent, after the policy changed.</summary>
    /// <returns>How many paths are accepted otherwise than before.</returns>
    public int Reaccept(SourceId source, PathAcceptance policy)
    {
        CompleteScans(source);
        var changed = 0;
        for (var path = 0; path < _paths.End && PathCountOf(source) > 0; path++)
        {
            changed += _paths[path].IsTaken && _paths[path].Source == source && Reaccept(path, policy) ? 1 : 0;
        }

        return changed;
    }

    /// <summary>Marks every destination, after what all selections rest on changed (<see cref="BestPathSettings"/>, a source's identifier).</summary>
    public void MarkAll()
    {
        for (var destination = 0; destination < _destinations.End; destination++)
        {
            if ((_destinations[destination].Flags & DestinationFlags.Taken) != 0)
            {
                Mark(destination);
            }
        }
    }

    /// <summary>Marks a destination: listeners are told about it when it settles, whether or not anything is different.</summary>
    public void Mark(DestinationId id) => Mark(id.Value);

    /// <summary>
    /// Visits the destinations whose best path has wanted route targets: a walk over one column of four octets per destination. The visitor
    /// may announce and withdraw.
    /// </summary>
    public void ForEachWithTargets<TVisitor>(ref TVisitor visitor)
        where TVisitor : IDestinationVisitor, allows ref struct
    {
        RouteTargetSetId last = RouteTargetSetId.Empty;
        var isWanted = false;
        var end = _destinations.End;
        for (var from = 0; from < end;)
        {
            Span<RouteTargetSetId> run = _targets.Run(from, end);
            for (var i = 0; i < run.Length; i++)
            {
                if (run[i] != last)
                {
                    last = run[i];
                    isWanted = !last.IsEmpty && visitor.Wants(last);
                }

                if (isWanted)
                {
                    visitor.Visit(new(from + i));
                }
            }

            from += run.Length;
        }
    }

    private bool MarkStale(ref PathRow row, int path, PathState state)
    {
        if ((row.State & state) == state)
        {
            return false;
        }

        if ((~row.State & state & PathState.LlgrStale) != 0)
        {
            MarkPath(row.Destination.Value, path);
        }

        row.State |= state;
        return true;
    }

    private bool Reaccept(int path, PathAcceptance policy)
    {
        AttributeSetId accepted = policy(this, new(path));
        ref PathRow row = ref _paths[path];
        var isOther = row.Accepted != accepted;
        if (isOther)
        {
            MarkPath(row.Destination.Value, path);
        }

        _acceptedOfSource[row.Source.Value] += (accepted.IsNone ? 0 : 1) - (row.Accepted.IsNone ? 0 : 1);
        _attributes.Release(row.Accepted);
        row.Accepted = accepted;
        return isOther;
    }

    // Marks the destinations with a path over a next hop that changed, a part at a time.
    private int ScanNextHops(int maximumRows)
    {
        NextHopTable nextHops = _attributes.NextHops;
        if (_nextHopsAt < 0)
        {
            if (nextHops.Changes == _nextHopsSeen)
            {
                return 0;
            }

            _nextHopsTarget = nextHops.Changes;
            _nextHopsAt = 0;
        }

        var end = (int)Math.Min((long)_nextHopsAt + maximumRows, _paths.End);
        for (; _nextHopsAt < end; _nextHopsAt++)
        {
            ref PathRow row = ref _paths[_nextHopsAt];
            if (row.IsTaken && !row.Accepted.IsNone
                && nextHops.ChangedAt(_attributes.Summary(row.Accepted).NextHop) - _nextHopsSeen - 1 < int.MaxValue)
            {
                MarkPath(row.Destination.Value, _nextHopsAt);
            }
        }

        if (_nextHopsAt >= _paths.End)
        {
            _nextHopsSeen = _nextHopsTarget;
            _nextHopsAt = -1;
        }

        return _nextHopsAt < 0 ? 0 : _paths.End - _nextHopsAt;
    }
}
