using System.Runtime.InteropServices;
using Dataplane.Bgp.Wire;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// The routes of one flush of a group, collected by what they share: a set of outgoing attributes (a slot) and the peers that are sent them
/// (bits of a mask). Each such bucket is encoded once. Kept and reused: nothing is allocated per route. Routing thread.
/// </summary>
internal sealed class FlushBatch
{
    /// <summary>The slot of withdrawals.</summary>
    public const int Withdrawn = -1;

    private readonly Dictionary<ulong, int> _slotOfSet = [];
    private readonly Dictionary<(int Slot, ulong Mask), int> _bucketOf = [];
    private readonly List<Slot> _slots = [];
    private readonly List<Bucket> _buckets = [];
    private byte[] _octets = new byte[1 << 16];
    private int _octetCount;
    private NlriEntry[] _routes = new NlriEntry[1024];
    private int[] _destinations = new int[1024];
    private int[] _bucketOfRoute = new int[1024];
    private NlriEntry[] _sortedRoutes = new NlriEntry[1024];
    private int[] _sortedDestinations = new int[1024];
    private ulong[] _masks = new ulong[64];
    private int[] _order = new int[64];
    private (ulong Mask, int Bucket) _lastWithdrawn;

    /// <summary>Routes collected.</summary>
    public int Count { get; private set; }

    /// <summary>Buckets collected.</summary>
    public int BucketCount => _buckets.Count;

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        _slotOfSet.Clear();
        _bucketOf.Clear();
        _slots.Clear();
        _buckets.Clear();
        _octetCount = 0;
        _lastWithdrawn = default;
        Count = 0;
    }

    /// <summary>The slot of a set of attributes from a source that was seen in this flush; −1 when there is none.</summary>
    public int FindSlot(ulong key) => _slotOfSet.GetValueOrDefault(key, -1);

    /// <summary>Adds a slot.</summary>
    /// <param name="key">Under which <see cref="FindSlot"/> finds it; null when it is of one route only.</param>
    /// <param name="attributes">What is sent.</param>
    /// <param name="permitted">The peers that may be sent it; none when it is not advertised.</param>
    public int AddSlot(ulong? key, AttributeBlock attributes, ulong permitted)
    {
        var length = permitted == 0 ? 0 : attributes.Octets.Length;
        if (_octetCount + length > _octets.Length)
        {
            Array.Resize(ref _octets, Math.Max(_octets.Length * 2, _octetCount + length));
        }

        attributes.Octets[..length].CopyTo(_octets.AsSpan(_octetCount));
        _slots.Add(new() { Offset = _octetCount, Length = length, Permitted = permitted, LastBucket = -1 });
        _octetCount += length;
        if (key is { } found)
        {
            _slotOfSet.Add(found, _slots.Count - 1);
        }

        return _slots.Count - 1;
    }

    /// <summary>The peers that may be sent what is in a slot.</summary>
    public ulong PermittedOf(int slot) => _slots[slot].Permitted;

    /// <summary>Adds a route.</summary>
    /// <param name="slot">Its attributes, or <see cref="Withdrawn"/>.</param>
    /// <param name="recipients">Who is sent it; not none.</param>
    /// <param name="route">The route.</param>
    /// <param name="destination">Its destination.</param>
    public void Add(int slot, ulong recipients, in NlriEntry route, int destination)
    {
        if (Count == _routes.Length)
        {
            var room = Count * 2;
            Array.Resize(ref _routes, room);
            Array.Resize(ref _destinations, room);
            Array.Resize(ref _bucketOfRoute, room);
            _sortedRoutes = new NlriEntry[room];
            _sortedDestinations = new int[room];
        }

        var bucket = BucketOf(slot, recipients);
        CollectionsMarshal.AsSpan(_buckets)[bucket].Count++;
        _routes[Count] = route;
        _destinations[Count] = destination;
        _bucketOfRoute[Count++] = bucket;
    }

    /// <summary>Puts the routes in the order of their buckets, and the buckets in that of their recipients.</summary>
    public void Sort()
    {
        Span<Bucket> buckets = CollectionsMarshal.AsSpan(_buckets);
        if (_order.Length < buckets.Length)
        {
            _order = new int[buckets.Length * 2];
            _masks = new ulong[buckets.Length * 2];
        }

        var start = 0;
        var oneMask = true;
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i].Start = start;
            start += buckets[i].Count;
            buckets[i].Count = 0;
            _order[i] = i;
            _masks[i] = buckets[i].Mask;
            oneMask &= buckets[i].Mask == buckets[0].Mask;
        }

        for (var i = 0; i < Count; i++)
        {
            ref Bucket bucket = ref buckets[_bucketOfRoute[i]];
            var at = bucket.Start + bucket.Count++;
            _sortedRoutes[at] = _routes[i];
            _sortedDestinations[at] = _destinations[i];
        }

        if (!oneMask)
        {
            _masks.AsSpan(0, buckets.Length).Sort(_order.AsSpan(0, buckets.Length));
        }
    }

    /// <summary>The bucket at a place of the order that <see cref="Sort"/> made.</summary>
    public BucketView this[int place]
    {
        get
        {
            Bucket bucket = _buckets[_order[place]];
            Slot slot = bucket.Slot == Withdrawn ? default : _slots[bucket.Slot];
            return new(
                bucket.Slot != Withdrawn,
                bucket.Mask,
                new(_octets.AsSpan(slot.Offset, slot.Length)),
                _sortedRoutes.AsSpan(bucket.Start, bucket.Count),
                _sortedDestinations.AsSpan(bucket.Start, bucket.Count));
        }
    }

    private int BucketOf(int slot, ulong mask)
    {
        if (slot == Withdrawn)
        {
            if (_lastWithdrawn.Mask != mask)
            {
                _lastWithdrawn = (mask, FindBucket(slot, mask));
            }

            return _lastWithdrawn.Bucket;
        }

        ref Slot of = ref CollectionsMarshal.AsSpan(_slots)[slot];
        if (of.LastBucket < 0 || of.LastMask != mask)
        {
            of.LastBucket = of.LastBucket < 0 ? NewBucket(slot, mask) : FindBucket(slot, mask);
            of.LastMask = mask;
        }

        return of.LastBucket;
    }

    private int FindBucket(int slot, ulong mask)
    {
        // The first bucket of a slot is not in the dictionary: most slots have no other.
        if (!_bucketOf.TryGetValue((slot, mask), out var bucket))
        {
            bucket = NewBucket(slot, mask);
            _bucketOf.Add((slot, mask), bucket);
        }

        return bucket;
    }

    private int NewBucket(int slot, ulong mask)
    {
        _buckets.Add(new() { Slot = slot, Mask = mask });
        return _buckets.Count - 1;
    }

    private struct Slot
    {
        public int Offset;
        public int Length;
        public ulong Permitted;
        public ulong LastMask;
        public int LastBucket;
    }

    private struct Bucket
    {
        public int Slot;
        public ulong Mask;
        public int Start;
        public int Count;
    }
}

/// <summary>Routes of a flush that are sent together.</summary>
/// <param name="isReach">Whether they are announced.</param>
/// <param name="recipients">The members they go to, as bits.</param>
/// <param name="attributes">Their attributes; empty when they are withdrawn.</param>
/// <param name="routes">The routes.</param>
/// <param name="destinations">Their destinations.</param>
internal readonly ref struct BucketView(
    bool isReach, ulong recipients, AttributeBlock attributes, ReadOnlySpan<NlriEntry> routes, ReadOnlySpan<int> destinations)
{
    public bool IsReach { get; } = isReach;

    public ulong Recipients { get; } = recipients;

    public AttributeBlock Attributes { get; } = attributes;

    public ReadOnlySpan<NlriEntry> Routes { get; } = routes;

    public ReadOnlySpan<int> Destinations { get; } = destinations;
}
