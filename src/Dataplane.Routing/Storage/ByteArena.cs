using System.Numerics;

namespace Dataplane.Routing.Storage;

/// <summary>
/// Octet strings of up to 65535 octets in slabs of 64 KiB, each slab for one size class; what is freed is used again, and a slab that became
/// empty serves any class, so churn of sizes does not leak. A place is a number of 32 bits: slab, and offset in units of eight octets.
/// One thread.
/// </summary>
internal sealed class ByteArena
{
    private const int SlabBytes = 64 * 1024;
    private const int UnitBits = 13;
    private const int UnitMask = (1 << UnitBits) - 1;
    private const int None = -1;
    private const ushort NoUnit = ushort.MaxValue;

    private readonly int[] _partial;
    private byte[]?[] _slabs = new byte[4][];
    private Slab[] _rows = new Slab[4];
    private int _slabCount;
    private int _emptySlab = None;

    /// <summary>An empty arena.</summary>
    public ByteArena()
    {
        _partial = new int[ClassOf(SlabBytes) + 1];
        Array.Fill(_partial, None);
    }

    /// <summary>Octets in use, rounded up to the size classes.</summary>
    public long Used { get; private set; }

    /// <summary>Octets of all slabs.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes a place for octets and copies them there.</summary>
    public uint Store(ReadOnlySpan<byte> octets)
    {
        var place = Take(octets.Length);
        octets.CopyTo(_slabs[place >> UnitBits].AsSpan((int)(place & UnitMask) * 8));
        return place;
    }

    /// <summary>What is at a place; valid until it is freed.</summary>
    public ReadOnlySpan<byte> Read(uint place, int length) => _slabs[place >> UnitBits].AsSpan((int)(place & UnitMask) * 8, length);

    /// <summary>Frees a place.</summary>
    public void Free(uint place)
    {
        var slab = (int)(place >> UnitBits);
        ref var row = ref _rows[slab];
        var wasFull = row.Free == NoUnit && row.Fresh + row.Units > UnitMask + 1;
        WriteNext(place, row.Free);
        row.Free = (ushort)(place & UnitMask);
        row.Taken--;
        Used -= row.Units * 8;
        if (row.Taken == 0)
        {
            if (!wasFull)
            {
                Unlink(slab);
            }

            _slabs[slab] = null;
            Bytes -= SlabBytes;
            row.Next = _emptySlab;
            _emptySlab = slab;
        }
        else if (wasFull)
        {
            Link(slab);
        }
    }

    // Multiples of 8 up to 128, then eight classes to each doubling.
    private static int ClassOf(int bytes)
    {
        var units = Math.Max((bytes + 7) / 8, 1);
        if (units <= 16)
        {
            return units - 1;
        }

        var shift = BitOperations.Log2((uint)units - 1) - 3;
        return 16 + ((shift - 1) * 8) + (((units - 1) >> shift) - 8);
    }

    private static int UnitsOf(int sizeClass)
    {
        if (sizeClass < 16)
        {
            return sizeClass + 1;
        }

        var shift = ((sizeClass - 16) / 8) + 1;
        return (((sizeClass - 16) % 8) + 9) << shift;
    }

    private uint Take(int bytes)
    {
        var sizeClass = ClassOf(bytes);
        if (_partial[sizeClass] == None)
        {
            Open(sizeClass);
        }

        var slab = _partial[sizeClass];
        ref var row = ref _rows[slab];
        int unit = row.Free;
        if (unit != NoUnit)
        {
            row.Free = ReadNext((uint)slab << UnitBits | (uint)unit);
        }
        else
        {
            unit = row.Fresh;
            row.Fresh += row.Units;
        }

        row.Taken++;
        Used += row.Units * 8;
        if (row.Free == NoUnit && row.Fresh + row.Units > UnitMask + 1)
        {
            Unlink(slab);
        }

        return (uint)slab << UnitBits | (uint)unit;
    }

    private void Open(int sizeClass)
    {
        int slab;
        if (_emptySlab != None)
        {
            slab = _emptySlab;
            _emptySlab = _rows[slab].Next;
        }
        else
        {
            slab = _slabCount++;
            if (slab == _slabs.Length)
            {
                Array.Resize(ref _slabs, slab * 2);
                Array.Resize(ref _rows, slab * 2);
            }
        }

        _slabs[slab] = GC.AllocateUninitializedArray<byte>(SlabBytes, pinned: true);
        Bytes += SlabBytes;
        _rows[slab] = new Slab { Class = sizeClass, Units = UnitsOf(sizeClass), Free = NoUnit };
        Link(slab);
    }

    private void Link(int slab)
    {
        ref var row = ref _rows[slab];
        row.Next = _partial[row.Class];
        row.Previous = None;
        if (row.Next != None)
        {
            _rows[row.Next].Previous = slab;
        }

        _partial[row.Class] = slab;
    }

    private void Unlink(int slab)
    {
        ref var row = ref _rows[slab];
        if (row.Next != None)
        {
            _rows[row.Next].Previous = row.Previous;
        }

        if (row.Previous != None)
        {
            _rows[row.Previous].Next = row.Next;
        }
        else
        {
            _partial[row.Class] = row.Next;
        }
    }

    private ushort ReadNext(uint place) => BitConverter.ToUInt16(_slabs[place >> UnitBits].AsSpan((int)(place & UnitMask) * 8, 2));

    private void WriteNext(uint place, ushort next) =>
        BitConverter.TryWriteBytes(_slabs[place >> UnitBits].AsSpan((int)(place & UnitMask) * 8, 2), next);

    // Free: unit of the first place that was given back; Fresh: first unit never taken; Next and Previous: slabs of the class with room.
    private struct Slab
    {
        public int Class;
        public int Units;
        public int Fresh;
        public int Taken;
        public int Next;
        public int Previous;
        public ushort Free;
    }
}
