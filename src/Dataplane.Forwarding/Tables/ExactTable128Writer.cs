using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// The single writer of an <see cref="ExactTable128"/>. Owner thread: the control thread. Readers start from the slot
/// given at construction; a rebuild publishes a new table there and retires the old one.
/// </summary>
internal sealed unsafe class ExactTable128Writer : IDisposable
{
    private const ulong SmallestEntries = 64;
    private readonly ExactTable128** _slot;
    private readonly EpochReclaimer _epochs;
    private long _used;

    /// <summary>Creates an empty table in <paramref name="slot"/>.</summary>
    internal ExactTable128Writer(ExactTable128** slot, EpochReclaimer epochs)
    {
        _slot = slot;
        _epochs = epochs;
        *slot = Create(SmallestEntries);
    }

    /// <summary>Entries in the table.</summary>
    internal long Count { get; private set; }

    /// <summary>Bytes the table takes, empty entries included.</summary>
    internal long Bytes => (long)ExactTable128.SizeOf((*_slot)->EntryMask + 1);

    /// <summary>Adds or replaces. The space is neither 0 nor all ones; the value is not 0.</summary>
    internal void Set(ulong space, ulong high, ulong low, ulong value)
    {
        ExactTable128.Entry* found = FindEntry(*_slot, space, high, low);
        if (found != null)
        {
            Volatile.Write(ref found->Value, value);
            return;
        }
        if ((ulong)_used + 1 > ((*_slot)->EntryMask + 1) * 5 / 8)
            Rebuild();
        Insert(*_slot, space, high, low, value);
        _used++;
        Count++;
    }

    /// <summary>Removes; false when there was nothing under the key.</summary>
    internal bool Remove(ulong space, ulong high, ulong low)
    {
        ExactTable128.Entry* found = FindEntry(*_slot, space, high, low);
        if (found == null)
            return false;
        Volatile.Write(ref found->Space, ExactTable128.Removed);
        Count--;
        return true;
    }

    /// <summary>Frees the table; no reader may be left.</summary>
    public void Dispose()
    {
        NativeBlock.Free(*_slot);
        *_slot = null;
    }

    private static ExactTable128* Create(ulong entries)
    {
        var table = (ExactTable128*)NativeBlock.Allocate(ExactTable128.SizeOf(entries));
        table->EntryMask = entries - 1;
        return table;
    }

    private static ExactTable128.Entry* FindEntry(ExactTable128* table, ulong space, ulong high, ulong low)
    {
        for (ulong index = ExactTable128.Hash(space, high, low); ; index++)
        {
            ExactTable128.Entry* entry = ExactTable128.At(table, index);
            if (entry->Space == space && entry->High == high && entry->Low == low)
                return entry;
            if (entry->Space == ExactTable128.Unused)
                return null;
        }
    }

    private static void Insert(ExactTable128* table, ulong space, ulong high, ulong low, ulong value)
    {
        ulong index = ExactTable128.Hash(space, high, low);
        while (ExactTable128.At(table, index)->Space != ExactTable128.Unused)
            index++;
        ExactTable128.Entry* entry = ExactTable128.At(table, index);
        entry->Value = value;
        entry->Low = low;
        entry->High = high;
        // Release: whoever sees the space sees the rest.
        Volatile.Write(ref entry->Space, space);
    }

    private void Rebuild()
    {
        ExactTable128* old = *_slot;
        ulong entries = SmallestEntries;
        while (entries < (ulong)(Count + 1) * 2)
            entries *= 2;
        ExactTable128* table = Create(entries);
        for (ulong i = 0; i <= old->EntryMask; i++)
        {
            ExactTable128.Entry* entry = ExactTable128.At(old, i);
            if (entry->Space is not ExactTable128.Unused and not ExactTable128.Removed)
                Insert(table, entry->Space, entry->High, entry->Low, entry->Value);
        }
        _used = Count;
        Volatile.Write(ref *(nint*)_slot, (nint)table);
        _epochs.Retire(old, SystemBlocks.Instance, 0);
    }
}
