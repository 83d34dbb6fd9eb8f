using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dataplane.Net;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Attributes;

/// <summary>
/// Sets of route targets, each held once: sorted, without repetition, counted by those who hold its id. Attribute sets hold theirs, and
/// destinations that of their best path. Routing thread.
/// </summary>
public sealed class RouteTargetSets
{
    private readonly RowPool<Row> _rows = new();
    private readonly ByteArena _targets = new();
    private readonly RowIndex<ReadOnlySpan<byte>, Keys> _index;
    private ExtendedCommunity[] _sorted = new ExtendedCommunity[32];
    private uint _stamp;

    /// <summary>An empty store; only the empty set is in it.</summary>
    public RouteTargetSets()
    {
        _index = new(new Keys(this));
        _ = _rows.Take();
    }

    /// <summary>Sets held, without the empty one.</summary>
    public int Count => _index.Count;

    /// <summary>One more than the highest id.</summary>
    public int End => _rows.End;

    /// <summary>Octets of it all.</summary>
    public long Bytes => _rows.Bytes + _targets.Bytes + _index.Bytes;

    /// <summary>The targets of a set in ascending order; valid until the set is freed.</summary>
    public ReadOnlySpan<ExtendedCommunity> this[RouteTargetSetId id] =>
        id.IsEmpty ? default : MemoryMarshal.Cast<byte, ExtendedCommunity>(_targets.Read(_rows[id.Value].Place, _rows[id.Value].Length));

    /// <summary>
    /// A number that no other set ever had: what is remembered about an id holds as long as its stamp is the same. 0 for the empty set and
    /// for sets that are freed.
    /// </summary>
    public uint StampOf(RouteTargetSetId id) => id.IsEmpty ? 0 : _rows[id.Value].Stamp;

    /// <summary>Whether a set has a target.</summary>
    public bool Contains(RouteTargetSetId id, ExtendedCommunity target) => this[id].BinarySearch(target) >= 0;

    /// <summary>The set of the route targets among extended communities, whatever their order; takes a reference.</summary>
    /// <param name="communities">The value of an EXTENDED COMMUNITIES attribute.</param>
    public RouteTargetSetId Intern(ReadOnlySpan<byte> communities)
    {
        var count = 0;
        for (; communities.Length >= ExtendedCommunity.Size; communities = communities[ExtendedCommunity.Size..])
        {
            var community = new ExtendedCommunity(BinaryPrimitives.ReadUInt64BigEndian(communities));
            if (community.IsRouteTarget)
            {
                if (count == _sorted.Length)
                {
                    Array.Resize(ref _sorted, count * 2);
                }

                _sorted[count++] = community;
            }
        }

        return InternSorted(Normalize(_sorted.AsSpan(0, count)));
    }

    /// <summary>The set of some route targets, whatever their order; takes a reference.</summary>
    public RouteTargetSetId Intern(ReadOnlySpan<ExtendedCommunity> targets)
    {
        if (targets.Length > _sorted.Length)
        {
            Array.Resize(ref _sorted, targets.Length);
        }

        targets.CopyTo(_sorted);
        return InternSorted(Normalize(_sorted.AsSpan(0, targets.Length)));
    }

    /// <summary>Takes one more reference.</summary>
    public void Acquire(RouteTargetSetId id)
    {
        if (!id.IsEmpty)
        {
            _rows[id.Value].References++;
        }
    }

    /// <summary>Gives a reference back; the set is freed with the last one.</summary>
    public void Release(RouteTargetSetId id)
    {
        if (id.IsEmpty)
        {
            return;
        }

        ref Row row = ref _rows[id.Value];
        if (--row.References == 0)
        {
            _index.Remove(id.Value, row.Hash);
            _targets.Free(row.Place);
            row.Stamp = 0;
            _rows.Give(id.Value);
            if (_index.Count == 0)
            {
                // With the row of the empty set all the room is given back.
                _rows.Give(0);
                _ = _rows.TrimIfEmpty();
                _ = _rows.Take();
            }
        }
    }

    private static ReadOnlySpan<ExtendedCommunity> Normalize(Span<ExtendedCommunity> targets)
    {
        targets.Sort();
        var kept = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            if (kept == 0 || targets[kept - 1] != targets[i])
            {
                targets[kept++] = targets[i];
            }
        }

        return targets[..kept];
    }

    private RouteTargetSetId InternSorted(ReadOnlySpan<ExtendedCommunity> targets)
    {
        if (targets.IsEmpty)
        {
            return RouteTargetSetId.Empty;
        }

        ReadOnlySpan<byte> octets = MemoryMarshal.AsBytes(targets);
        var hash = KeyHash.Of(octets);
        var found = _index.Find(octets, hash);
        if (found < 0)
        {
            found = _rows.Take();
            _rows[found] = new Row { Hash = hash, Place = _targets.Store(octets), Length = octets.Length, Stamp = ++_stamp };
            _index.Add(found, hash);
        }

        _rows[found].References++;
        return new(found);
    }

    private struct Row : IChainedRow
    {
        public uint Hash;
        public uint Place;
        public int Length;
        public int References;
        public uint Stamp;

        // A free row has no use for its length.
        public int Next
        {
            readonly get => Length;
            set => Length = value;
        }
    }

    private readonly struct Keys(RouteTargetSets sets) : IKeyedRows<ReadOnlySpan<byte>>
    {
        public uint HashOf(int row) => sets._rows[row].Hash;

        public bool Matches(int row, scoped in ReadOnlySpan<byte> key) =>
            sets._targets.Read(sets._rows[row].Place, sets._rows[row].Length).SequenceEqual(key);
    }
}
