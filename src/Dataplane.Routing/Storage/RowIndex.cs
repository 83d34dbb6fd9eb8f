using System.Buffers;
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
/// linear probing. A segment begins with 4096 slots; when it is 85 % full it is extended to 5792, when it is so again it is split in two of 4096,
/// each by itself and where it is: its rows are copied aside and placed anew, and only extensions are left over, which the next to be extended
/// take. So the index grows without a pause in which everything is hashed again, without a moment in which it exists twice and without leaving
/// anything to the collector, at 4.7–6.7 octets per row and up to 1.4 for extensions that wait. A slot is 26 bits of row and a tag of six bits of hash, which spares most looks at rows that are not the one. Hashes
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
    private const int MaximumDepth = 18;

    // Their ratio is the square root of two, so that both steps leave the same room.
    private const int FewestSlots = 4096;
    private const int MostSlots = 5792;
    private const int ExtensionSlots = MostSlots - FewestSlots;

    // The low bits of a hash say where in its segment a row is at home.
    private const int HomeBits = 14;
    private const uint HomeMask = (1u << HomeBits) - 1;

    // Slots that are looked at together.
    private const int Lanes = 8;
    private const int RowsPerMove = 256;

    // Behind the first slots of a segment: how many are taken, and how many high bits of the hash its rows have in common.
    private const int CountAt = FewestSlots;
    private const int DepthAt = FewestSlots + 1;

    private readonly Stack<uint[]> _spareExtensions = [];
    private Segment[] _directory = [NewSegment(0)];
    private int _depth;
    private long _slots = FewestSlots;

    /// <summary>Rows that can be found.</summary>
    public int Count { get; private set; }

    /// <summary>Says nothing; makes sure that what <see cref="Touch"/> reads is read.</summary>
    public uint Touched { get; private set; }

    /// <summary>Octets of segments, directory and extensions that wait to be used again.</summary>
    public long Bytes => (_slots * sizeof(uint)) + ((long)_directory.Length * Unsafe.SizeOf<Segment>());

    /// <summary>The row of a key, -1 when there is none.</summary>
    public int Find(scoped in TKey key, uint hash)
    {
        ref readonly Segment segment = ref _directory[DirectoryIndex(hash)];
        var tag = TagOf(hash);
        var at = segment.Begin(hash, out var slots, out var others);
        for (; ; )
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

                at++;
                Wrap(ref at, ref slots, ref others);
                continue;
            }

            var group = Vector256.Create((ReadOnlySpan<uint>)slots.Slice(at, Lanes));
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

            at += Lanes;
            Wrap(ref at, ref slots, ref others);
        }
    }

    /// <summary>
    /// Reads the slot where a search for a hash begins, and nothing else. Before many searches this is called for all of them: their reads do not
    /// wait for each other, so that memory answers them together.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(uint hash)
    {
        ref readonly Segment segment = ref _directory[DirectoryIndex(hash)];
        Touched += segment[HomeOf(hash, segment.Length)];
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
        Segment segment = _directory[DirectoryIndex(hash)];
        var sought = TagOf(hash) | (uint)(row + 1);
        var at = HomeOf(hash, segment.Length);
        while (segment[at] != sought)
        {
            at = Next(at, segment.Length);
        }

        CloseGap(segment, at);
        segment.Taken--;
        Count--;
        if (Count == 0 && _slots > FewestSlots)
        {
            _directory = [NewSegment(0)];
            _depth = 0;
            _slots = FewestSlots;
            _spareExtensions.Clear();
        }
    }

    private static Segment NewSegment(uint depth)
    {
        // Pinned: the collector never copies it.
        var slots = GC.AllocateArray<uint>(FewestSlots + 2, pinned: true);
        slots[DepthAt] = depth;
        return new(slots, null);
    }

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

    private static void Place(in Segment segment, uint slot, uint hash)
    {
        if (segment.Taken >= segment.Length - 1)
        {
            throw new InvalidOperationException("Too many keys with the same hash.");
        }

        var at = segment.Begin(hash, out var slots, out var others);
        while (slots[at] != 0)
        {
            if (at > slots.Length - Lanes)
            {
                at++;
            }
            else
            {
                var empty = EmptyOf(Vector256.Create((ReadOnlySpan<uint>)slots.Slice(at, Lanes)));
                at += empty != 0 ? BitOperations.TrailingZeroCount(empty) : Lanes;
            }

            Wrap(ref at, ref slots, ref others);
        }

        slots[at] = slot;
        segment.Taken++;
    }

    // Behind the last of the first slots comes the extension, behind that, or where there is none, the first slots.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Wrap(ref int at, ref Span<uint> slots, ref Span<uint> others)
    {
        if (at == slots.Length)
        {
            at = 0;
            Span<uint> ended = slots;
            slots = others;
            others = ended;
        }
    }

    private void Insert(uint slot, uint hash)
    {
        ref readonly Segment segment = ref _directory[DirectoryIndex(hash)];
        while (segment.IsFull && MakeRoom(hash))
        {
            segment = ref _directory[DirectoryIndex(hash)];
        }

        Place(segment, slot, hash);
    }

    // Moves back what a probe would no longer reach over the empty slot.
    private void CloseGap(in Segment segment, int gap)
    {
        var slots = segment.Length;
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

    // Extends the segment of a hash, or splits it.
    private bool MakeRoom(uint hash)
    {
        Segment segment = _directory[DirectoryIndex(hash)];
        if (segment.Extension is not null && segment.Depth == MaximumDepth)
        {
            return false;
        }

        // Not what was copied the last time, as that may be in the midst of being placed: where nearly all rows go to one half, room is made
        // for them again.
        var copy = ArrayPool<uint>.Shared.Rent(MostSlots);
        var slots = segment.TakeAll(copy);
        if (segment.Extension is null)
        {
            PlacesOf(segment, hash).Fill(segment with { Extension = TakeExtension() });
        }
        else
        {
            Split(segment, hash);
        }

        for (ReadOnlySpan<uint> left = slots; left.Length > 0; left = left[Math.Min(RowsPerMove, left.Length)..])
        {
            Move(left[..Math.Min(RowsPerMove, left.Length)]);
        }

        ArrayPool<uint>.Shared.Return(copy);
        return true;
    }

    private uint[] TakeExtension()
    {
        if (_spareExtensions.TryPop(out var spare))
        {
            return spare;
        }

        _slots += ExtensionSlots;
        return GC.AllocateArray<uint>(ExtensionSlots, pinned: true);
    }

    // An empty segment becomes the lower of two, which have one more bit of their hashes in common.
    private void Split(Segment segment, uint hash)
    {
        if (segment.Depth == _depth)
        {
            DoubleDirectory();
        }

        Span<Segment> places = PlacesOf(segment, hash);
        segment.Depth++;
        places[..(places.Length / 2)].Fill(segment with { Extension = null });
        places[(places.Length / 2)..].Fill(NewSegment(segment.Depth));
        _slots += FewestSlots;
        _spareExtensions.Push(segment.Extension!);
    }

    // Where in the directory a segment is.
    private Span<Segment> PlacesOf(Segment segment, uint hash)
    {
        var span = 1 << (_depth - (int)segment.Depth);
        return _directory.AsSpan(DirectoryIndex(hash) & ~(span - 1), span);
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

        taken = taken[..count];
        hashes = hashes[..count];
        for (var i = 0; i < taken.Length; i++)
        {
            hashes[i] = rows.HashOf((int)(taken[i] & RowMask) - 1);
        }

        for (var i = 0; i < taken.Length; i++)
        {
            Insert(taken[i], hashes[i]);
        }
    }

    private void DoubleDirectory()
    {
        var doubled = new Segment[_directory.Length * 2];
        for (var i = 0; i < doubled.Length; i++)
        {
            doubled[i] = _directory[i / 2];
        }

        _directory = doubled;
        _depth++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int DirectoryIndex(uint hash) => (int)((ulong)hash << _depth >> 32);

    // Slots in one array or two that count as one; what they hold is shared by all copies.
    private readonly record struct Segment(uint[] First, uint[]? Extension)
    {
        public int Length => Extension is null ? FewestSlots : MostSlots;

        public ref uint Taken => ref First[CountAt];

        public ref uint Depth => ref First[DepthAt];

        public bool IsFull => Taken >= Length * 85 / 100;

        public ref uint this[int at]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => ref at < FewestSlots ? ref First[at] : ref Extension![at - FewestSlots];
        }

        // Where a search for a hash begins, in which slots, and which come when these end.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Begin(uint hash, out Span<uint> slots, out Span<uint> others)
        {
            slots = First.AsSpan(0, FewestSlots);
            others = Extension is null ? slots : Extension;
            var home = HomeOf(hash, Length);
            if (home < FewestSlots)
            {
                return home;
            }

            others = slots;
            slots = Extension;
            return home - FewestSlots;
        }

        // Copies all slots and empties them.
        public ReadOnlySpan<uint> TakeAll(Span<uint> into)
        {
            First.AsSpan(0, FewestSlots).CopyTo(into);
            Extension.CopyTo(into[FewestSlots..]);
            var taken = into[..Length];
            First.AsSpan(0, FewestSlots).Clear();
            Extension.AsSpan().Clear();
            Taken = 0;
            return taken;
        }
    }
}
