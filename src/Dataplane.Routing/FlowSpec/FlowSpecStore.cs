namespace Dataplane.Routing.FlowSpec;

/// <summary>
/// Flow specifications by number, so that their NLRI are of a fixed size: equal octets have one number as long as somebody holds it. The octets
/// are kept as they came, for a flow specification is an opaque key to BGP (RFC 8955 §4). Routing thread.
/// </summary>
/// <remarks>Rows and octets hold no references: octets lie in pages, in slots of multiples of sixteen, each size with its own list of free ones.</remarks>
public sealed class FlowSpecStore
{
    private const int PageOctets = 64 * 1024;
    private const int SlotOctets = 16;

    private readonly List<byte[]> _pages = [];
    private readonly Stack<int>[] _freeSlots = new Stack<int>[(FlowSpecReader.MaximumOctets / SlotOctets) + 1];
    private int _fill = PageOctets;
    private Row[] _rows = new Row[64];
    private uint[] _buckets = new uint[64];
    private uint _rowCount = 1; // number 0 is none
    private uint _freeRow;

    /// <summary>How many different flow specifications are held.</summary>
    public int Count { get; private set; }

    /// <summary>Octets of memory that rows and values take.</summary>
    public long Bytes => ((long)_pages.Count * PageOctets) + ((long)_rows.Length * 24) + (_buckets.Length * sizeof(uint));

    /// <summary>The number of a value; takes one reference.</summary>
    /// <param name="octets">A value that <see cref="FlowSpecRule.Validate"/> found nothing wrong with; 1 to 4095 octets.</param>
    /// <returns>Never zero.</returns>
    public uint Intern(ReadOnlySpan<byte> octets)
    {
        ArgumentOutOfRangeException.ThrowIfZero(octets.Length, nameof(octets));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(octets.Length, FlowSpecReader.MaximumOctets, nameof(octets));
        var hash = HashOf(octets);
        var id = Find(octets, hash);
        if (id != 0)
        {
            _rows[id].References++;
            return id;
        }

        id = TakeRow();
        ref Row row = ref _rows[id];
        row = new() { Slot = TakeSlot(octets.Length), Length = (ushort)octets.Length, Hash = hash, References = 1 };
        octets.CopyTo(OctetsOf(row));
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        row.Next = bucket;
        bucket = id;
        Count++;
        return id;
    }

    /// <summary>The number of a value if it is held; takes no reference.</summary>
    public bool TryFind(ReadOnlySpan<byte> octets, out uint id)
    {
        id = Find(octets, HashOf(octets));
        return id != 0;
    }

    /// <summary>Takes one more reference.</summary>
    public void Acquire(uint id) => Held(id).References++;

    /// <summary>Gives one reference back; with the last the number is free for another value.</summary>
    public void Release(uint id)
    {
        ref Row row = ref Held(id);
        if (--row.References > 0)
        {
            return;
        }

        ref var link = ref _buckets[row.Hash & (_buckets.Length - 1)];
        while (link != id)
        {
            link = ref _rows[link].Next;
        }

        link = row.Next;
        (_freeSlots[Class(row.Length)] ??= new()).Push(row.Slot);
        row = new() { Next = _freeRow };
        _freeRow = id;
        Count--;
    }

    /// <summary>The value; valid until its last reference is given back.</summary>
    public ReadOnlySpan<byte> Octets(uint id) => OctetsOf(Held(id));

    private static uint HashOf(ReadOnlySpan<byte> octets)
    {
        var hash = new HashCode(); // seeded per process: a peer cannot aim at one bucket
        hash.AddBytes(octets);
        return (uint)hash.ToHashCode();
    }

    private static int Class(int length) => (length - 1) / SlotOctets;

    private Span<byte> OctetsOf(in Row row) =>
        _pages[row.Slot / (PageOctets / SlotOctets)].AsSpan(row.Slot % (PageOctets / SlotOctets) * SlotOctets, row.Length);

    private ref Row Held(uint id)
    {
        if (id == 0 || id >= _rowCount || _rows[id].References == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(id), id, "No flow specification has this number.");
        }

        return ref _rows[id];
    }

    private uint Find(ReadOnlySpan<byte> octets, uint hash)
    {
        for (var id = _buckets[hash & (_buckets.Length - 1)]; id != 0; id = _rows[id].Next)
        {
            if (_rows[id].Hash == hash && octets.SequenceEqual(OctetsOf(_rows[id])))
            {
                return id;
            }
        }

        return 0;
    }

    private uint TakeRow()
    {
        if (_freeRow != 0)
        {
            var free = _freeRow;
            _freeRow = _rows[free].Next;
            return free;
        }

        if (_rowCount == _rows.Length)
        {
            Array.Resize(ref _rows, _rows.Length * 2);
            _buckets = new uint[_rows.Length];
            for (var id = 1u; id < _rowCount; id++)
            {
                ref var bucket = ref _buckets[_rows[id].Hash & (_buckets.Length - 1)];
                _rows[id].Next = bucket;
                bucket = id;
            }
        }

        return _rowCount++;
    }

    private int TakeSlot(int length)
    {
        var slotClass = Class(length);
        if (_freeSlots[slotClass] is { Count: > 0 } free)
        {
            return free.Pop();
        }

        var size = (slotClass + 1) * SlotOctets;
        if (_fill + size > PageOctets)
        {
            _pages.Add(new byte[PageOctets]);
            _fill = 0;
        }

        var slot = ((_pages.Count - 1) * (PageOctets / SlotOctets)) + (_fill / SlotOctets);
        _fill += size;
        return slot;
    }

    private struct Row
    {
        public int Slot;       // in units of SlotOctets over all pages
        public uint Hash;
        public uint Next;      // in the bucket, or of the free rows
        public int References; // zero: the row is free
        public ushort Length;
    }
}
