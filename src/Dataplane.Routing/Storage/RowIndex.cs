using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
/// Finds rows by key: an extendible hash of row numbers. A directory, indexed by the hash's high bits, leads to segments of four-octet slots with
/// linear probing. A segment begins with 4096 slots; whenever it is 85 % full it grows by 1024, and instead of growing beyond 6144 is split in two,
/// each by itself. So the index grows without a pause in which everything is hashed again and without a moment in which it exists twice, at
/// 4.7–6.3 octets per row. A slot is 26 bits of row and a tag of six bits of hash, which spares most looks at rows that are not the one. Hashes
/// are seeded by the caller, as peers choose keys.
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
    private const int FewestSlots = 4096;
    private const int SlotsPerStep = 1024;
    private const int MostSlots = 6144;
    private const int MaximumDepth = 18;

    // The low bits of a hash say where in its segment a row is at home.
    private const int HomeBits = 14;
    private const uint HomeMask = (1u << HomeBits) - 1;

    // Slots that are looked at together.
    private const int Lanes = 8;
    private const int RowsPerMove = 256;

    // Behind the slots of a segment: how many are taken, and how many high bits of the hash its rows have in common.
    private const int CountFromEnd = 2;
    private const int DepthFromEnd = 1;

    private uint[][] _directory = [NewSegment(FewestSlots, 0)];
    private int _depth;
    private long _slots = FewestSlots;

    /// <summary>Rows that can be found.</summary>
    public int Count { get; private set; }

    /// <summary>Says nothing; makes sure that what <see cref="Touch"/> reads is read.</summary>
    public uint Touched { get; private set; }

    /// <summary>Octets of segments and directory.</summary>
    public long Bytes => (_slots * sizeof(uint)) + ((long)_directory.Length * IntPtr.Size);

    /// <summary>The row of a key, -1 when there is none.</summary>
    public int Find(scoped in TKey key, uint hash)
    {
        var segment = _directory[DirectoryIndex(hash)];
        ReadOnlySpan<uint> slots = segment.AsSpan(0, SlotsOf(segment));
        var tag = TagOf(hash);
        for (var at = HomeOf(hash, slots.Length); ;)
        {
            if (at > slots.Length - Lanes)
            {
                // The last few before the end, one by one.
                if (slots[at] == 0)
                {
                    return -1;
                }

                if ((slots[at] & ~RowMask) == tag && Matching(slots[at], key) is >= 0 and var found)
                {
                    return found;
                }

                at = Next(at, slots.Length);
                continue;
            }

            var group = Vector256.Create(slots.Slice(at, Lanes));
            var empty = EmptyOf(group);
            var same = Vector256.Equals(group & Vector256.Create(~RowMask), Vector256.Create(tag)).ExtractMostSignificantBits();
            for (same &= empty - 1 & ~empty; same != 0; same &= same - 1)
            {
                // Only what stands before the first empty slot; all of it when none is empty.
                if (Matching(slots[at + BitOperations.TrailingZeroCount(same)], key) is >= 0 and var found)
                {
                    return found;
                }
            }

            if (empty != 0)
            {
                return -1;
            }

            at = at + Lanes == slots.Length ? 0 : at + Lanes;
        }
    }

    /// <summary>
    /// Reads the slot where a search for a hash begins, and nothing else. Before many searches this is called for all of them: their reads do not
    /// wait for each other, so that memory answers them together.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(uint hash)
    {
        var segment = _directory[DirectoryIndex(hash)];
        Touched += segment[HomeOf(hash, SlotsOf(segment))];
    }

    /// <summary>Adds a row whose key is not there.</summary>
    /// <exception cref="InvalidOperationException">The row's number is above <see cref="MaximumRow"/>.</exception>
    public void Add(int row, uint hash)
    {
        if (row > MaximumRow)
        {
            throw new InvalidOperationException($"A table holds at most {MaximumRow + 1} rows.");
        }

        Insert(TagOf(hash) | (uint)(row + 1), hash);
        Count++;
    }

    /// <summary>Removes a row that was added with this hash.</summary>
    public void Remove(int row, uint hash)
    {
        var segment = _directory[DirectoryIndex(hash)];
        var sought = TagOf(hash) | (uint)(row + 1);
        var at = HomeOf(hash, SlotsOf(segment));
        while (segment[at] != sought)
        {
            at = Next(at, SlotsOf(segment));
        }

        CloseGap(segment, at);
        segment[^CountFromEnd]--;
        Count--;
        if (Count == 0 && _slots > FewestSlots)
        {
            _directory = [NewSegment(FewestSlots, 0)];
            _depth = 0;
            _slots = FewestSlots;
        }
    }

    private static uint[] NewSegment(int slots, int depth)
    {
        // Pinned: the collector never copies it.
        var segment = GC.AllocateArray<uint>(slots + CountFromEnd, pinned: true);
        segment[^DepthFromEnd] = (uint)depth;
        return segment;
    }

    private static int SlotsOf(uint[] segment) => segment.Length - CountFromEnd;

    private static int HomeOf(uint hash, int slots) => (int)((hash & HomeMask) * (uint)slots >> HomeBits);

    private static int Next(int at, int slots) => at + 1 == slots ? 0 : at + 1;

    // Four bits that say nothing of the home, and the two that say least.
    private static uint TagOf(uint hash) => (hash >> HomeBits << 2 | hash & 3) << RowBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint EmptyOf(Vector256<uint> group) => Vector256.Equals(group, Vector256<uint>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Matching(uint slot, scoped in TKey key)
    {
        var row = (int)(slot & RowMask) - 1;
        return rows.Matches(row, key) ? row : -1;
    }

    private static void Place(uint[] segment, uint slot, uint hash)
    {
        if (segment[^CountFromEnd] >= SlotsOf(segment) - 1)
        {
            throw new InvalidOperationException("Too many keys with the same hash.");
        }

        Span<uint> slots = segment.AsSpan(0, SlotsOf(segment));
        var at = HomeOf(hash, slots.Length);
        while (slots[at] != 0)
        {
            if (at > slots.Length - Lanes)
            {
                at = Next(at, slots.Length);
                continue;
            }

            var empty = EmptyOf(Vector256.Create((ReadOnlySpan<uint>)slots.Slice(at, Lanes)));
            at = empty != 0 ? at + BitOperations.TrailingZeroCount(empty) : at + Lanes == slots.Length ? 0 : at + Lanes;
        }

        slots[at] = slot;
        segment[^CountFromEnd]++;
    }

    private void Insert(uint slot, uint hash)
    {
        var segment = _directory[DirectoryIndex(hash)];
        while (segment[^CountFromEnd] >= SlotsOf(segment) * 85 / 100 && MakeRoom(segment, hash))
        {
            segment = _directory[DirectoryIndex(hash)];
        }

        Place(segment, slot, hash);
    }

    // Moves back what a probe would no longer reach over the empty slot.
    private void CloseGap(uint[] segment, int gap)
    {
        var slots = SlotsOf(segment);
        for (var at = Next(gap, slots); segment[at] != 0; at = Next(at, slots))
        {
            var home = HomeOf(rows.HashOf((int)(segment[at] & RowMask) - 1), slots);
            if (Distance(home, at, slots) >= Distance(gap, at, slots))
            {
                segment[gap] = segment[at];
                gap = at;
            }
        }

        segment[gap] = 0;
    }

    private static int Distance(int from, int to, int slots) => to >= from ? to - from : to - from + slots;

    private bool MakeRoom(uint[] segment, uint hash)
    {
        var depth = (int)segment[^DepthFromEnd];
        var slots = SlotsOf(segment);
        if (slots < MostSlots)
        {
            Replace(segment, hash, [NewSegment(slots + SlotsPerStep, depth)]);
            return true;
        }

        if (depth == MaximumDepth)
        {
            return false;
        }

        if (depth == _depth)
        {
            DoubleDirectory();
        }

        Replace(segment, hash, [NewSegment(FewestSlots, depth + 1), NewSegment(FewestSlots, depth + 1)]);
        return true;
    }

    // Puts one or two segments where one was, and its rows into them.
    private void Replace(uint[] segment, uint hash, ReadOnlySpan<uint[]> by)
    {
        var depth = (int)segment[^DepthFromEnd];
        var span = 1 << (_depth - depth);
        var first = DirectoryIndex(hash) & ~(span - 1);
        var part = span / by.Length;
        for (var i = 0; i < by.Length; i++)
        {
            _directory.AsSpan(first + (i * part), part).Fill(by[i]);
            _slots += SlotsOf(by[i]);
        }

        _slots -= SlotsOf(segment);
        ReadOnlySpan<uint> slots = segment.AsSpan(0, SlotsOf(segment));
        for (; slots.Length > RowsPerMove; slots = slots[RowsPerMove..])
        {
            Move(slots[..RowsPerMove]);
        }

        Move(slots);
    }

    // The hash of each row is a read somewhere in memory. All of them are begun before the first is used, so that none waits for the others.
    private void Move(ReadOnlySpan<uint> slots)
    {
        Span<uint> taken = stackalloc uint[RowsPerMove];
        Span<uint> hashes = stackalloc uint[RowsPerMove];
        var count = 0;
        foreach (var slot in slots)
        {
            taken[count] = slot;
            count += slot == 0 ? 0 : 1;
        }

        for (var i = 0; i < count; i++)
        {
            hashes[i] = rows.HashOf((int)(taken[i] & RowMask) - 1);
        }

        for (var i = 0; i < count; i++)
        {
            Insert(taken[i], hashes[i]);
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
