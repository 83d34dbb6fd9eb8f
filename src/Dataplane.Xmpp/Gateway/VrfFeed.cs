using System.Runtime.InteropServices;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Xmpp.Propagation;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// The changes of a VRF that has subscribers, in the order of the last change of each prefix. Each prefix stands in it once; when it changes again it
/// goes to the end and leaves a hole behind. A subscriber is a position: before it everything has been told. So a subscriber that lags hears the
/// last state of each prefix and nothing in between, a snapshot is a walk from the beginning, and none of it costs memory per subscriber.
/// What has gone stays in it until all subscribers have heard so. Routing thread.
/// </summary>
internal sealed class VrfFeed
{
    /// <summary>Positions that a batch covers at most; batches do not cross their multiples.</summary>
    public const int Segment = 64;

    private const int Hole = -1;
    private const int FewHoles = 1024;
    private const int MostTimed = 4096;

    private readonly Dictionary<FeedKey, int> _byKey = [];
    private readonly List<FeedRow> _rows = [];
    private readonly Stack<int> _free = new();
    private readonly List<int> _log = [];
    private readonly List<int> _gone = [];
    private readonly Dictionary<FeedShape, FeedBatches> _batches = [];
    private readonly Queue<(long Position, PropagationCause Cause, long At)> _timed = new();
    private FeedShape _recentShape;
    private FeedBatches? _recent;
    private long _base;
    private long _told;
    private int _holes;
    private int _goneCount;

    /// <summary>A feed without routes.</summary>
    public VrfFeed(VrfIndex vrf, string name, AddressFamily? rules = null)
    {
        Vrf = vrf;
        Name = name;
        Rules = rules;
    }

    /// <summary>The family of the flow specifications it is of; null for one of routes.</summary>
    public AddressFamily? Rules { get; }

    /// <summary>The VRF.</summary>
    public VrfIndex Vrf { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Who follows.</summary>
    public List<Subscription> Subscriptions { get; } = [];

    /// <summary>Whether there are changes since the subscribers were last looked at.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Position behind the last change.</summary>
    public long End => _base + _log.Count;

    /// <summary>Position of the first change.</summary>
    public long Start => _base;

    /// <summary>Prefixes or rules there are.</summary>
    public int Count => _byKey.Count - _goneCount;

    /// <summary>A route is there, or another than before.</summary>
    public void Changed(FeedKey key)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_byKey, key, out var exists);
        if (!exists)
        {
            known = _free.TryPop(out var free) ? free : _rows.Count;
            if (known == _rows.Count)
            {
                _rows.Add(default);
            }

            Row(known) = new() { Key = key, Position = Hole, Born = End };
        }
        else if (Row(known).IsGone)
        {
            Row(known).IsGone = false;
            _goneCount--;
        }

        MoveToEnd(known);
    }

    /// <summary>A route has gone.</summary>
    /// <returns>Whether somebody is to be told.</returns>
    public bool Removed(FeedKey key)
    {
        if (!_byKey.TryGetValue(key, out var row) || Row(row).IsGone)
        {
            return false;
        }

        if (Row(row).Born >= _told)
        {
            Forget(row); // nobody has heard of it
            return false;
        }

        Row(row).IsGone = true;
        _gone.Add(row);
        _goneCount++;
        MoveToEnd(row);
        return true;
    }

    /// <summary>The last change is one that is timed until all subscribers have heard of it.</summary>
    public void Time(PropagationCause cause, long at)
    {
        if (_timed.Count < MostTimed)
        {
            _timed.Enqueue((End, cause, at));
        }
    }

    /// <summary>A subscriber follows from the beginning.</summary>
    public void Add(Subscription subscription)
    {
        subscription.Feed = this;
        subscription.Place = Subscriptions.Count;
        Subscriptions.Add(subscription);
        Restart(subscription);
    }

    /// <summary>A subscriber hears everything once more.</summary>
    public void Restart(Subscription subscription)
    {
        subscription.Cursor = _base;
        subscription.SnapshotEnd = End;
        subscription.IsSettled = false;
    }

    /// <summary>A subscriber leaves.</summary>
    public void Remove(Subscription subscription)
    {
        Subscription last = Subscriptions[^1];
        Subscriptions[subscription.Place] = last;
        last.Place = subscription.Place;
        Subscriptions.RemoveAt(Subscriptions.Count - 1);
        subscription.Feed = null;
    }

    /// <summary>The next batch of a subscriber; null when there is nothing more.</summary>
    /// <param name="subscription">The subscriber; its position moves to the end of the batch when the caller says so.</param>
    /// <param name="shape">How it is written.</param>
    /// <param name="encoder">Writes it where nobody else had it written before.</param>
    public FeedBatch? Next(Subscription subscription, FeedShape shape, EventEncoder encoder)
    {
        var isSnapshot = subscription.Cursor < subscription.SnapshotEnd;
        var limit = isSnapshot ? subscription.SnapshotEnd : End;
        var start = SkipHoles(subscription.Cursor, limit, isSnapshot);
        subscription.Cursor = start;
        if (start >= limit)
        {
            return start >= End ? null : Next(subscription, shape, encoder);
        }

        limit = Math.Min(limit, (start / Segment + 1) * Segment);
        FeedBatches known = BatchesOf(shape);
        if (known.Find(start, limit, isSnapshot) is { } found)
        {
            return found;
        }

        FeedBatch batch = encoder.Encode(this, shape, start, limit, isSnapshot);
        _told = Math.Max(_told, batch.End);
        known.Add(batch);
        return batch;
    }

    /// <summary>What stands at a position.</summary>
    /// <returns>False for a hole.</returns>
    public bool TryRead(long position, out FeedKey key, out bool isGone)
    {
        var row = _log[(int)(position - _base)];
        key = row == Hole ? default : Row(row).Key;
        isGone = row != Hole && Row(row).IsGone;
        return row != Hole;
    }

    /// <summary>Forgets what has gone when everybody has heard so, and holes when there are many; after subscribers were told.</summary>
    public void Tidy(PropagationTimes times)
    {
        var slowest = End;
        foreach (Subscription subscription in Subscriptions)
        {
            slowest = Math.Min(slowest, subscription.Cursor);
        }

        while (_timed.TryPeek(out (long Position, PropagationCause Cause, long At) timed) && timed.Position <= slowest)
        {
            _ = _timed.Dequeue();
            times.Told(timed.Cause, timed.At);
        }

        if (slowest == End)
        {
            ForgetBatches();
            foreach (var row in _gone)
            {
                if (Row(row).IsGone) // it may be there again, or stand here twice
                {
                    Forget(row);
                }
            }

            _gone.Clear();
            _goneCount = 0;
        }

        if (_holes > FewHoles && _holes > _log.Count / 2)
        {
            Compact();
        }
    }

    // One subscriber after another asks for the same shape.
    private FeedBatches BatchesOf(FeedShape shape)
    {
        if (_recent is not { } recent || _recentShape != shape)
        {
            ref FeedBatches? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_batches, shape, out _);
            (_recentShape, _recent) = (shape, recent = known ??= new());
        }

        return recent;
    }

    private void ForgetBatches()
    {
        _batches.Clear();
        _recent = null;
    }

    private ref FeedRow Row(int index) => ref CollectionsMarshal.AsSpan(_rows)[index];

    private void MoveToEnd(int row)
    {
        Leave(row);
        Row(row).Position = End;
        _log.Add(row);
    }

    private void Leave(int row)
    {
        var position = Row(row).Position;
        if (position == Hole)
        {
            return;
        }

        _log[(int)(position - _base)] = Hole;
        _holes++;
        foreach (FeedBatches batches in _batches.Values)
        {
            batches.Forget(position / Segment);
        }
    }

    private void Forget(int row)
    {
        Leave(row);
        _ = _byKey.Remove(Row(row).Key);
        Row(row).IsGone = false;
        _free.Push(row);
    }

    private long SkipHoles(long position, long limit, bool isSnapshot)
    {
        while (position < limit && (!TryRead(position, out _, out var isGone) || (isSnapshot && isGone)))
        {
            position++;
        }

        return position;
    }

    // Positions get new numbers, behind all old ones, so that nothing that remembers an old one can be mistaken.
    private void Compact()
    {
        var places = new long[_log.Count + 1];
        var origin = (End / Segment + 1) * Segment;
        var kept = 0;
        for (var i = 0; i < _log.Count; i++)
        {
            places[i] = origin + kept;
            if (_log[i] != Hole)
            {
                Row(_log[i]).Position = origin + kept;
                _log[kept++] = _log[i];
            }
        }

        places[^1] = origin + kept;
        foreach (Subscription subscription in Subscriptions)
        {
            subscription.Cursor = places[(int)(subscription.Cursor - _base)];
            subscription.SnapshotEnd = places[(int)(Math.Max(subscription.SnapshotEnd, _base) - _base)];
        }

        for (var left = _timed.Count; left > 0; left--)
        {
            (long Position, PropagationCause Cause, long At) timed = _timed.Dequeue();
            _timed.Enqueue(timed with { Position = places[(int)(timed.Position - _base)] });
        }

        // A row is as young as it was: told of or not.
        foreach (ref FeedRow row in CollectionsMarshal.AsSpan(_rows))
        {
            row.Born = row.Born < _told ? 0 : origin + kept;
        }

        _log.RemoveRange(kept, _log.Count - kept);
        _base = origin;
        _holes = 0;
        ForgetBatches();
    }

    private struct FeedRow
    {
        public FeedKey Key;
        public long Position;
        public long Born;
        public bool IsGone;
    }
}
