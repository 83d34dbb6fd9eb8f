using System.Runtime.CompilerServices;

namespace Dataplane.Routing.Storage;

/// <summary>What a <see cref="RowIndex{TKey, TRows}"/> asks of the rows it finds by key.</summary>
/// <typeparam name="TKey">What is looked up.</typeparam>
internal interface IKeyedRows<TKey>
    where TKey : allows ref struct
{
    /// <summary>The hash under which a row was added.</summary>
    uint HashOf(int row);

    /// <summary>Whether a row has a key.</summary>
    bool Matches(int row, scoped in TKey key);
}

/// <summary>
/// Finds rows by key: an extendible hash of row numbers. A directory, indexed by the hash's high bits, leads to segments of 4096 slots of
/// four octets with linear probing; a segment that is 85 % full is split in two, by itself. So the index grows without a pause in which
/// everything is hashed again and without a moment in which it exists twice, at 4.7–9.4 octets per row. A slot is 26 bits of row and a
/// tag of six bits of hash, which spares most looks at rows that are not the one. Hashes are seeded by the caller, as peers choose keys.
/// </summary>
/// <typeparam name="TKey">What is looked up.</typeparam>
/// <typeparam name="TRows">The rows; a struct, so that its calls are inlined.</typeparam>
internal sealed class RowIndex<TKey, TRows>(TRows rows)
    where TKey : allows ref struct
    where TRows : struct, IKeyedRows<TKey>
{
    /// <summary>Rows above this cannot be added.</summary>
    public const int MaximumRow = (1 << RowBits) - 2;

    private const int RowBits = 26;
    private const uint RowMask = (1u << RowBits) - 1;
    private const int SegmentBits = 12;
    private const int Slots = 1 << SegmentBits;
    private const int SlotMask = Slots - 1;
    private const int SplitAt = Slots * 85 / 100;
    private const int MaximumDepth = 18;

    // Behind the slots of a segment: how many are taken, and how many high bits of the hash its rows have in common.
    private const int CountAt = Slots;
    private const int DepthAt = Slots + 1;

    private uint[][] _directory = [NewSegment(0)];
    private int _depth;
    private int _segments = 1;
    private uint[]? _scratch;

    /// <summary>Rows that can be found.</summary>
    public int Count { get; private set; }

    /// <summary>Octets of segments and directory.</summary>
    public long Bytes => ((long)_segments * (Slots + 2) * sizeof(uint)) + ((long)_directory.Length * IntPtr.Size);

    /// <summary>The row of a key, -1 when there is none.</summary>
    public int Find(scoped in TKey key, uint hash)
    {
        var segment = _directory[DirectoryIndex(hash)];
        var tag = TagOf(hash);
        for (var at = (int)(hash & SlotMask); ; at = (at + 1) & SlotMask)
        {
            var slot = segment[at];
            if (slot == 0)
            {
                return -1;
            }

            if ((slot & ~RowMask) == tag)
            {
                var row = (int)(slot & RowMask) - 1;
                if (rows.Matches(row, key))
                {
                    return row;
                }
            }
        }
    }

    /// <summary>Adds a row whose key is not there.</summary>
    /// <exception cref="InvalidOperationException">The row's number is above <see cref="MaximumRow"/>.</exception>
    public void Add(int row, uint hash)
    {
        if (row > MaximumRow)
        {
            throw new InvalidOperationException($"A table holds at most {MaximumRow + 1} rows.");
        }

        var segment = _directory[DirectoryIndex(hash)];
        while (segment[CountAt] >= SplitAt && segment[DepthAt] < MaximumDepth)
        {
            Split(hash);
            segment = _directory[DirectoryIndex(hash)];
        }

        Place(segment, TagOf(hash) | (uint)(row + 1), hash);
        Count++;
    }

    /// <summary>Removes a row that was added with this hash.</summary>
    public void Remove(int row, uint hash)
    {
        var segment = _directory[DirectoryIndex(hash)];
        var sought = TagOf(hash) | (uint)(row + 1);
        var at = (int)(hash & SlotMask);
        while (segment[at] != sought)
        {
            at = (at + 1) & SlotMask;
        }

        CloseGap(segment, at);
        segment[CountAt]--;
        Count--;
        if (Count == 0 && _segments > 1)
        {
            _directory = [NewSegment(0)];
            _depth = 0;
            _segments = 1;
        }
    }

    private static uint[] NewSegment(int depth)
    {
        var segment = GC.AllocateArray<uint>(Slots + 2, pinned: true);
        segment[DepthAt] = (uint)depth;
        return segment;
    }

    private static uint TagOf(uint hash) => hash >> SegmentBits << RowBits;

    private static void Place(uint[] segment, uint slot, uint hash)
    {
        if (segment[CountAt] >= Slots - 1)
        {
            throw new InvalidOperationException("Too many keys with the same hash.");
        }

        var at = (int)(hash & SlotMask);
        while (segment[at] != 0)
        {
            at = (at + 1) & SlotMask;
        }

        segment[at] = slot;
        segment[CountAt]++;
    }

    // Moves back what a probe would no longer reach over the empty slot.
    private void CloseGap(uint[] segment, int gap)
    {
        for (var at = (gap + 1) & SlotMask; segment[at] != 0; at = (at + 1) & SlotMask)
        {
            var home = (int)(rows.HashOf((int)(segment[at] & RowMask) - 1) & SlotMask);
            if (((at - home) & SlotMask) >= ((at - gap) & SlotMask))
            {
                segment[gap] = segment[at];
                gap = at;
            }
        }

        segment[gap] = 0;
    }

    private void Split(uint hash)
    {
        var old = _directory[DirectoryIndex(hash)];
        var depth = (int)old[DepthAt];
        if (depth == _depth)
        {
            DoubleDirectory();
        }

        var scratch = _scratch ??= new uint[Slots];
        old.AsSpan(0, Slots).CopyTo(scratch);
        old.AsSpan(0, Slots + 1).Clear();
        old[DepthAt] = (uint)depth + 1;
        var upper = NewSegment(depth + 1);
        _segments++;
        var span = 1 << (_depth - depth);
        var first = DirectoryIndex(hash) & ~(span - 1);
        _directory.AsSpan(first + (span / 2), span / 2).Fill(upper);
        foreach (var slot in scratch)
        {
            if (slot != 0)
            {
                var its = rows.HashOf((int)(slot & RowMask) - 1);
                Place((its << depth >> 31) != 0 ? upper : old, slot, its);
            }
        }
    }

    private void DoubleDirectory()
    {
        var doubled = new uint[_directory.Length * 2][];
        for (var i = 0; i < doubled.Length; i++)
        {
            doubled[i] = _directory[i / 2];
        }

        _directory = doubled;
        _depth++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int DirectoryIndex(uint hash) => (int)((ulong)hash << _depth >> 32);
}
