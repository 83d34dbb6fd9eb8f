using Dataplane.Dpdk;

namespace Dataplane.Forwarding.Memory;

/// <summary>
/// Small native blocks in size classes of 16 bytes, cut from slabs, with a free list per class. Slabs have 64 KiB, and a
/// huge page each once there are many. Blocks whose sizes are all multiples of a cache line begin with one. Control thread only; readers see the blocks but never allocate.
/// </summary>
internal sealed unsafe class SlabAllocator : IBlockOwner, IDisposable
{
    private const int Granule = 16;
    private const int SmallSlabBytes = 64 * 1024;
    private readonly int _smallSlabs;
    private readonly nint[] _free;
    private readonly List<nint> _slabs = [];
    private byte* _cursor;
    private int _left;

    /// <summary>Serves blocks of up to <paramref name="largestBytes"/> bytes; the first <paramref name="smallSlabs"/> slabs are small.</summary>
    internal SlabAllocator(int largestBytes, int smallSlabs = 32)
    {
        _free = new nint[(largestBytes + Granule - 1) / Granule + 1];
        _smallSlabs = smallSlabs;
    }

    /// <summary>Bytes of blocks handed out and not yet released.</summary>
    internal long UsedBytes { get; private set; }

    /// <summary>Bytes taken from the system.</summary>
    internal long ReservedBytes { get; private set; }

    /// <summary>A block of at least <paramref name="bytes"/> bytes; its contents are undefined.</summary>
    internal void* Allocate(int bytes)
    {
        int sizeClass = (bytes + Granule - 1) / Granule;
        UsedBytes += sizeClass * Granule;
        nint head = _free[sizeClass];
        if (head != 0)
        {
            _free[sizeClass] = *(nint*)head;
            return (void*)head;
        }
        int size = sizeClass * Granule;
        if (_left < size)
        {
            KeepRemainder();
            _left = SlabBytes(_slabs.Count);
            _cursor = (byte*)NativeBlock.AllocateTable((nuint)_left);
            _slabs.Add((nint)_cursor);
            ReservedBytes += _left;
        }
        byte* block = _cursor;
        _cursor += size;
        _left -= size;
        return block;
    }

    /// <inheritdoc/>
    public void Release(void* block, int size)
    {
        int sizeClass = (size + Granule - 1) / Granule;
        UsedBytes -= sizeClass * Granule;
        *(nint*)block = _free[sizeClass];
        _free[sizeClass] = (nint)block;
    }

    /// <summary>Returns every slab; no reader may be left.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _slabs.Count; i++)
            NativeBlock.FreeTable((void*)_slabs[i], (nuint)SlabBytes(i));
        _slabs.Clear();
        _left = 0;
    }

    private int SlabBytes(int slab) => slab < _smallSlabs ? SmallSlabBytes : LargeMemory.HugePageBytes;

    // What a slab has left over still serves a smaller class.
    private void KeepRemainder()
    {
        int sizeClass = Math.Min(_left / Granule, _free.Length - 1);
        if (sizeClass == 0)
            return;
        *(nint*)_cursor = _free[sizeClass];
        _free[sizeClass] = (nint)_cursor;
    }
}
