using Dataplane.Routing.Attributes;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Rib;

/// <summary>What an announcement did.</summary>
public enum AnnounceResult : byte
{
    /// <summary>A path that was not there.</summary>
    New,

    /// <summary>The path was there with other attributes, label or state.</summary>
    Replaced,

    /// <summary>The path was there just so.</summary>
    Unchanged,
}

/// <summary>
/// The routes of one family: destinations, and the paths to each from all sources (Adj-RIB-In), the best of which is the Loc-RIB. All in
/// rows without references: 28 octets per IPv4 destination with its key and 5–7 of index, 32 per path. Changes mark destinations; <see cref="Settle"/>
/// selects and tells listeners. Routing thread.
/// </summary>
/// <remarks>
/// This file: destinations and look-ups. <c>FamilyTable.Changes.cs</c>: announce and withdraw. <c>FamilyTable.Scans.cs</c>: whole sources, next
/// hops, route targets. <c>FamilyTable.Selection.cs</c>: best path, settle, explain.
/// </remarks>
public abstract partial class FamilyTable
{
    private readonly RowPool<DestinationRow> _destinations = new();
    private readonly RowPool<PathRow> _paths = new();
    private readonly Paged<RouteTargetSetId> _targets = new();
    private readonly List<IBestPathListener> _listeners = [];
    private readonly AttributeStore _attributes;
    private readonly RoutingClock _clock;

    private protected FamilyTable(RouteFamily family, AttributeStore attributes, PathComparer comparer, RoutingClock clock)
    {
        Family = family;
        Comparer = comparer;
        _attributes = attributes;
        _clock = clock;
        _nextHopsSeen = attributes.NextHops.Changes;
    }

    /// <summary>The family.</summary>
    public RouteFamily Family { get; }

    /// <summary>How paths compare.</summary>
    public PathComparer Comparer { get; }

    /// <summary>Destinations with a path, or that somebody still refers to.</summary>
    public int DestinationCount => _destinations.Count;

    /// <summary>Destinations with a best path that listeners were told: the routes of the Loc-RIB (RFC 4271 §3.2).</summary>
    public int ReachableCount { get; private set; }

    /// <summary>Paths of all destinations.</summary>
    public int PathCount => _paths.Count;

    /// <summary>One more than the highest destination id: the size of a bitmap over them.</summary>
    public int DestinationCapacity => _destinations.End;

    /// <summary>One more than the highest path id.</summary>
    public int PathCapacity => _paths.End;

    /// <summary>Octets of rows and index.</summary>
    public virtual long Bytes => _destinations.Bytes + _paths.Bytes + _targets.Bytes;

    /// <summary>
    /// Called with the NLRI of a destination when its first path comes and, after the last listener, when it is freed: whoever owns what
    /// an NLRI refers to (the flow specification store) counts by these.
    /// </summary>
    internal Action<Nlri>? DestinationAdded { get; set; }

    /// <inheritdoc cref="DestinationAdded"/>
    internal Action<Nlri>? DestinationFreed { get; set; }

    /// <summary>Asked whether a path may be used, each time its destination settles; null: every path may.</summary>
    internal Func<PathId, bool>? Feasibility { get; set; }

    /// <summary>Has a listener told about every destination that settles from now on, after those that were added before.</summary>
    public void AddListener(IBestPathListener listener) => _listeners.Add(listener);

    /// <summary>Tells a listener nothing more.</summary>
    public void RemoveListener(IBestPathListener listener) => _listeners.Remove(listener);

    /// <summary>Finds a destination.</summary>
    public abstract bool TryFind(in Nlri nlri, out DestinationId id);

    /// <summary>
    /// Has memory fetched that a look at an NLRI will need. Called for a few dozen NLRI before they are announced or looked up, so that
    /// their fetches overlap; changes nothing.
    /// </summary>
    public abstract void Anticipate(in Nlri nlri);

    /// <summary>The NLRI of a destination that exists.</summary>
    public abstract Nlri NlriOf(DestinationId id);

    /// <summary>Whether an id is one of a destination: it has a path, or is pinned, or has not settled since its last path went.</summary>
    public bool Exists(DestinationId id) =>
        (uint)id.Value < (uint)_destinations.End && (_destinations[id.Value].Flags & DestinationFlags.Taken) != 0;

    /// <summary>Whether a destination has changed since it was last settled.</summary>
    public bool IsMarked(DestinationId id) => (_destinations[id.Value].Flags & DestinationFlags.Queued) != 0;

    /// <summary>The best path at the last settling, none when there was none or it was withdrawn since.</summary>
    public PathId BestOf(DestinationId id) => new(_destinations[id.Value].Best);

    /// <summary>The route targets of the best path at the last settling.</summary>
    public RouteTargetSetId BestTargets(DestinationId id) => _targets[id.Value];

    /// <summary>The paths of a destination: the best one first, then in no order.</summary>
    public PathEnumerable PathsOf(DestinationId id) => new(this, _destinations[id.Value].First);

    /// <summary>A path that exists.</summary>
    public ref readonly PathRow Row(PathId id) => ref _paths[id.Value];

    /// <summary>The first path of a destination, whether or not it is the best; none when it has none.</summary>
    internal PathId FirstPathOf(DestinationId id) => new(_destinations[id.Value].First);

    /// <summary>The path of a source to a destination.</summary>
    public PathId FindPath(DestinationId id, SourceId source, uint pathIdentifier)
    {
        for (var path = _destinations[id.Value].First; path >= 0; path = _paths[path].Next)
        {
            if (_paths[path].Source == source && _paths[path].PathIdentifier == pathIdentifier)
            {
                return new(path);
            }
        }

        return PathId.None;
    }

    /// <summary>
    /// Keeps a destination's id from being freed, however often: somebody has sent its route and not yet the withdrawal. Each pin is taken off once.
    /// </summary>
    /// <exception cref="OverflowException">65535 pins are on it.</exception>
    public void Pin(DestinationId id)
    {
        ref DestinationRow row = ref _destinations[id.Value];
        row.Pins = checked((ushort)(row.Pins + 1));
    }

    /// <summary>Takes a pin off.</summary>
    public void Unpin(DestinationId id)
    {
        ref DestinationRow row = ref _destinations[id.Value];
        row.Pins = checked((ushort)(row.Pins - 1));
        FreeIfUnused(id.Value);
    }

    /// <summary>The destination of an NLRI, added when it was not there.</summary>
    private protected abstract int FindOrAdd(in Nlri nlri);

    /// <summary>Forgets the key of a destination that is about to be freed.</summary>
    private protected abstract void RemoveKey(int destination);

    /// <summary>Gives back the room for keys: there is no destination any more.</summary>
    private protected abstract void ClearKeys();

    /// <summary>Takes the row of a new destination.</summary>
    private protected int TakeDestination()
    {
        var destination = _destinations.Take();
        _targets.EnsureCapacity(_destinations.End);
        _targets[destination] = RouteTargetSetId.Empty;
        _destinations[destination] = new DestinationRow { First = -1, Flags = DestinationFlags.Taken };
        return destination;
    }

    private void FreeIfUnused(int destination)
    {
        ref DestinationRow row = ref _destinations[destination];
        if (row.First >= 0 || row.Pins != 0 || (row.Flags & (DestinationFlags.Queued | DestinationFlags.Settling)) != 0)
        {
            return;
        }

        DestinationFreed?.Invoke(NlriOf(new(destination)));
        _attributes.RouteTargets.Release(_targets[destination]);
        _targets[destination] = RouteTargetSetId.Empty;
        RemoveKey(destination);
        row.Flags = DestinationFlags.None;
        _destinations.Give(destination);
        if (_destinations.TrimIfEmpty())
        {
            _targets.Clear();
            ClearKeys();
        }
    }

    /// <summary>The paths of a destination, for <c>foreach</c>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="first">The first path's row, -1 for none.</param>
    public readonly struct PathEnumerable(FamilyTable table, int first)
    {
        /// <summary>Starts before the first.</summary>
        public PathEnumerator GetEnumerator() => new(table, first);
    }

    /// <summary>Walks the paths of a destination, which does not change meanwhile.</summary>
    /// <param name="table">The table.</param>
    /// <param name="first">The first path's row, -1 for none.</param>
    public struct PathEnumerator(FamilyTable table, int first)
    {
        private int _next = first;

        /// <summary>The path the walk is at.</summary>
        public PathId Current { get; private set; } = PathId.None;

        /// <summary>Goes on to the next.</summary>
        public bool MoveNext()
        {
            Current = new(_next);
            if (_next < 0)
            {
                return false;
            }

            _next = table._paths[_next].Next;
            return true;
        }
    }

    [Flags]
    private enum DestinationFlags : byte
    {
        None = 0,

        // The row is one of a destination.
        Taken = 1,

        // It waits to be settled.
        Queued = 2,

        // Listeners know a best path.
        Told = 4,

        // What listeners know of the best path does not hold any more.
        BestTouched = 8,

        // Listeners are being told: whatever they do to it, its id stays until the last of them returned.
        Settling = 16,

        // The first path is the best.
        HasBest = 32,
    }

    private struct DestinationRow : IChainedRow
    {
        public int First;
        public ushort Pins;
        public DestinationFlags Flags;

        // -1 for none.
        public readonly int Best => (Flags & DestinationFlags.HasBest) != 0 ? First : -1;

        // A free row has no paths.
        public int Next
        {
            readonly get => First;
            set => First = value;
        }
    }
}
