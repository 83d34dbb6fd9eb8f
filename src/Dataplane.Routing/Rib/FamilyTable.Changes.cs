namespace Dataplane.Routing.Rib;

/// <content>Announce and withdraw.</content>
public abstract partial class FamilyTable
{
    private int[] _pathsOfSource = new int[16];
    private int[] _acceptedOfSource = new int[16];

    /// <summary>
    /// Adds or replaces the path of a source. The table takes over one reference to each of the two attribute sets from the caller,
    /// whatever the result.
    /// </summary>
    /// <param name="nlri">Of this family.</param>
    /// <param name="source">Where the path comes from.</param>
    /// <param name="pathIdentifier">As the source sent it (RFC 7911), 0 without.</param>
    /// <param name="received">The attributes as they came.</param>
    /// <param name="accepted">The attributes after import policy; none when it rejected the path.</param>
    /// <param name="label">24 bits as on the wire; 0 in families without.</param>
    /// <param name="state">Other than none only for paths that are kept.</param>
    public AnnounceResult Announce(
        in Nlri nlri,
        SourceId source,
        uint pathIdentifier,
        AttributeSetId received,
        AttributeSetId accepted,
        uint label,
        PathState state = PathState.None)
    {
        var destination = FindOrAdd(nlri);
        PathId found = FindPath(new(destination), source, pathIdentifier);
        if (!found.IsNone)
        {
            return Replace(destination, found.Value, received, accepted, label, state);
        }

        var path = _paths.Take();
        ref PathRow row = ref _paths[path];
        row = new PathRow
        {
            Destination = new(destination),
            Received = received,
            Accepted = accepted,
            PathIdentifier = pathIdentifier,
            ReceivedAt = _clock.Seconds,
            Label = label,
            State = state,
            Source = source,
            IsTaken = true,
        };

        // Behind the best, which stays first.
        ref DestinationRow to = ref _destinations[destination];
        if (to.First < 0)
        {
            row.Next = -1;
            to.First = path;
        }
        else
        {
            ref PathRow first = ref _paths[to.First];
            row.Next = first.Next;
            first.Next = path;
        }

        KeepFresh(ref row, path);
        CountOf(source)++;
        _acceptedOfSource[source.Value] += accepted.IsNone ? 0 : 1;
        Mark(destination);
        return AnnounceResult.New;
    }

    /// <summary>Removes the path of a source.</summary>
    /// <returns>False when it was not there.</returns>
    public bool Withdraw(in Nlri nlri, SourceId source, uint pathIdentifier)
    {
        if (!TryFind(nlri, out DestinationId destination))
        {
            return false;
        }

        PathId path = FindPath(destination, source, pathIdentifier);
        if (path.IsNone)
        {
            return false;
        }

        Remove(path.Value);
        return true;
    }

    /// <summary>How many paths a source has.</summary>
    public int PathCountOf(SourceId source) => source.Value < _pathsOfSource.Length ? _pathsOfSource[source.Value] : 0;

    /// <summary>How many paths of a source import policy accepted.</summary>
    public int AcceptedCountOf(SourceId source) => source.Value < _acceptedOfSource.Length ? _acceptedOfSource[source.Value] : 0;

    private ref int CountOf(SourceId source)
    {
        if (source.Value >= _pathsOfSource.Length)
        {
            Array.Resize(ref _pathsOfSource, Math.Max(source.Value + 1, _pathsOfSource.Length * 2));
            Array.Resize(ref _acceptedOfSource, _pathsOfSource.Length);
        }

        return ref _pathsOfSource[source.Value];
    }

    private AnnounceResult Replace(int destination, int path, AttributeSetId received, AttributeSetId accepted, uint label, PathState state)
    {
        ref PathRow row = ref _paths[path];
        var isSame = row.Accepted == accepted && row.Label == label && ((row.State ^ state) & PathState.LlgrStale) == 0;
        _acceptedOfSource[row.Source.Value] += (accepted.IsNone ? 0 : 1) - (row.Accepted.IsNone ? 0 : 1);
        AnnounceResult result = isSame && row.Received == received ? AnnounceResult.Unchanged : AnnounceResult.Replaced;
        _attributes.Release(row.Received);
        _attributes.Release(row.Accepted);
        row.Received = received;
        row.Accepted = accepted;
        row.Label = label;
        row.State = state;
        KeepFresh(ref row, path);
        if (result == AnnounceResult.Replaced)
        {
            row.ReceivedAt = _clock.Seconds;
        }

        if (!isSame)
        {
            MarkPath(destination, path);
        }

        return result;
    }

    private void Remove(int path)
    {
        ref PathRow row = ref _paths[path];
        var destination = row.Destination.Value;
        ref DestinationRow from = ref _destinations[destination];
        MarkPath(destination, path);
        if (from.Best == path)
        {
            from.Flags &= ~DestinationFlags.HasBest;
        }

        if (from.First == path)
        {
            from.First = row.Next;
        }
        else
        {
            var before = from.First;
            while (_paths[before].Next != path)
            {
                before = _paths[before].Next;
            }

            _paths[before].Next = row.Next;
        }

        CountOf(row.Source)--;
        _acceptedOfSource[row.Source.Value] -= row.Accepted.IsNone ? 0 : 1;
        _attributes.Release(row.Received);
        _attributes.Release(row.Accepted);
        row.IsTaken = false;
        _paths.Give(path);
        _ = _paths.TrimIfEmpty();
    }

    private void MarkPath(int destination, int path)
    {
        ref DestinationRow row = ref _destinations[destination];
        if (row.Best == path)
        {
            row.Flags |= DestinationFlags.BestTouched;
        }

        Mark(destination);
    }

    private void Mark(int destination)
    {
        ref DestinationRow row = ref _destinations[destination];
        if ((row.Flags & DestinationFlags.Queued) == 0)
        {
            row.Flags |= DestinationFlags.Queued;
            _dirty.Enqueue(destination);
        }
    }
}
