using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dataplane.Net;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Attributes;

/// <summary>
/// Sets of path attributes, each held once and counted by those who hold its id: 40 octets of row, the octets of the block in an arena, and
/// a slot in the index. Two blocks are the same set exactly when their octets are equal. Routing thread.
/// </summary>
public sealed class AttributeStore
{
    private readonly RowPool<Row> _rows = new();
    private readonly ByteArena _octets = new();
    private readonly RowIndex<ReadOnlySpan<byte>, Keys> _index;

    /// <summary>An empty store over the tables that its summaries refer to.</summary>
    /// <param name="nextHops">Next hops.</param>
    /// <param name="routeTargets">Sets of route targets.</param>
    /// <param name="versions">What carries versions; null is MAC Mobility.</param>
    public AttributeStore(NextHopTable nextHops, RouteTargetSets routeTargets, VersionCommunity? versions = null)
    {
        NextHops = nextHops;
        RouteTargets = routeTargets;
        Versions = versions ?? VersionCommunity.MacMobility;
        _index = new(new Keys(this));
        _rows[_rows.Take()] = default;
    }

    /// <summary>The next hops of the sets.</summary>
    public NextHopTable NextHops { get; }

    /// <summary>The route targets of the sets.</summary>
    public RouteTargetSets RouteTargets { get; }

    /// <summary>The community that carries versions.</summary>
    public VersionCommunity Versions { get; }

    /// <summary>Sets held.</summary>
    public int Count => _index.Count;

    /// <summary>One more than the highest id.</summary>
    public int End => _rows.End;

    /// <summary>Octets of it all.</summary>
    public long Bytes => _rows.Bytes + _octets.Bytes + _index.Bytes;

    /// <summary>The octets of a set; valid until the set is freed. Empty for none.</summary>
    public AttributeBlock this[AttributeSetId id]
    {
        get
        {
            if (id.IsNone)
            {
                return default;
            }

            ref readonly Row row = ref _rows[(int)id.Value];
            return new(_octets.Read(row.Place, row.Summary.OctetCount));
        }
    }

    /// <summary>The set of a block; takes one reference.</summary>
    public AttributeSetId Intern(AttributeBlock block)
    {
        var hash = KeyHash.Of(block.Octets);
        var found = _index.Find(block.Octets, hash);
        if (found < 0)
        {
            found = Add(block, hash);
        }

        _rows[found].References++;
        return new((uint)found);
    }

    /// <summary>Takes more references, one unless told; nothing for none.</summary>
    public void Acquire(AttributeSetId id, int references = 1)
    {
        if (!id.IsNone)
        {
            _rows[(int)id.Value].References += references;
        }
    }

    /// <summary>Gives a reference back; the set is freed with the last one. Nothing for none.</summary>
    public void Release(AttributeSetId id)
    {
        if (id.IsNone)
        {
            return;
        }

        ref Row row = ref _rows[(int)id.Value];
        if (--row.References == 0)
        {
            NextHops.Release(row.Summary.NextHop);
            RouteTargets.Release(row.Summary.RouteTargets);
            _index.Remove((int)id.Value, KeyHash.Of(this[id].Octets));
            _octets.Free(row.Place);
            _rows.Give((int)id.Value);
            if (_index.Count == 0)
            {
                // With the row of none all the room is given back.
                _rows.Give(0);
                _ = _rows.TrimIfEmpty();
                _rows[_rows.Take()] = default;
            }
        }
    }

    /// <summary>The summary of a set; not of none.</summary>
    public ref readonly AttributeSummary Summary(AttributeSetId id) => ref _rows[(int)id.Value].Summary;

    /// <summary>How many references a set has.</summary>
    public int ReferencesOf(AttributeSetId id) => id.IsNone ? 0 : _rows[(int)id.Value].References;

    /// <summary>The metric of a set's AIGP attribute (RFC 7311), when it has one.</summary>
    public bool TryGetAigp(AttributeSetId id, out ulong metric)
    {
        metric = 0;
        return Summary(id).Has(AttributeTraits.HasAigp)
            && this[id].TryGet(AttributeCode.Aigp, out ReadOnlySpan<byte> value)
            && AttributeReader.TryReadAigp(value, out metric);
    }

    /// <summary>The ORIGINATOR_ID of a set (RFC 4456), 0 when it has none.</summary>
    public uint OriginatorId(AttributeSetId id) =>
        Summary(id).Has(AttributeTraits.HasOriginatorId) && this[id].TryGet(AttributeCode.OriginatorId, out ReadOnlySpan<byte> value)
            ? BinaryPrimitives.ReadUInt32BigEndian(value)
            : 0;

    private int Add(AttributeBlock block, uint hash)
    {
        AttributeSummary summary = AttributeReader.Read(block, Versions, out IpAddress? nextHop);
        if (nextHop is { } address)
        {
            summary = summary with { NextHop = NextHops.Intern(address) };
        }

        if (block.TryGet(AttributeCode.ExtendedCommunities, out ReadOnlySpan<byte> communities))
        {
            summary = summary with { RouteTargets = RouteTargets.Intern(communities) };
        }

        var row = _rows.Take();
        _rows[row] = new Row { Summary = summary, Place = _octets.Store(block.Octets) };
        _index.Add(row, hash);
        return row;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Row : IChainedRow
    {
        public AttributeSummary Summary;
        public uint Place;
        public int References;

        // A free row has no references: their place is the chain's.
        public int Next
        {
            readonly get => References;
            set => References = value;
        }
    }

    private readonly struct Keys(AttributeStore store) : IKeyedRows<ReadOnlySpan<byte>>
    {
        public uint HashOf(int row) => KeyHash.Of(store[new((uint)row)].Octets);

        public bool Matches(int row, scoped in ReadOnlySpan<byte> key) => store[new((uint)row)].Octets.SequenceEqual(key);
    }
}
