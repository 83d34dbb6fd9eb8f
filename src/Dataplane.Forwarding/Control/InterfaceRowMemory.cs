using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Control;

/// <summary>
/// Rows of interfaces with their sources, side by side on huge pages from the first one on: packets of many tenants reach for another row each, and
/// for another page each where rows are scattered. Control thread.
/// </summary>
internal sealed unsafe class InterfaceRowMemory : IBlockOwner, IDisposable
{
    // Longer ones, of interfaces with very many prefixes, are blocks of their own.
    private const int LargestInSlab = 4096;
    private readonly SlabAllocator _slabs = new(LargestInSlab, smallSlabs: 0);

    /// <summary>A row, zeroed but for the numbers of its sources, which follow it.</summary>
    internal InterfaceRow* Allocate(int sources4, int sources6)
    {
        int bytes = Bytes(sources4, sources6);
        var row = (InterfaceRow*)(bytes > LargestInSlab ? NativeBlock.Allocate((nuint)bytes) : _slabs.Allocate(bytes));
        new Span<byte>(row, bytes).Clear();
        row->Source4Count = sources4;
        row->Source6Count = sources6;
        return row;
    }

    /// <summary>Takes a row back that no reader has any more.</summary>
    internal void Free(InterfaceRow* row)
    {
        int bytes = Bytes(row->Source4Count, row->Source6Count);
        if (bytes > LargestInSlab)
            NativeBlock.Free(row);
        else
            _slabs.Release(row, bytes);
    }

    /// <inheritdoc/>
    public void Release(void* block, int size) => Free((InterfaceRow*)block);

    /// <summary>Returns all memory; the rows that exist have been freed, and no reader is left.</summary>
    public void Dispose() => _slabs.Dispose();

    private static int Bytes(int sources4, int sources6)
    {
        int bytes = sizeof(InterfaceRow) + sources4 * sizeof(SourcePrefix4) + sources6 * sizeof(SourcePrefix6);
        return (bytes + (NativeBlock.CacheLine - 1)) & ~(NativeBlock.CacheLine - 1);
    }
}
