using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// The single writer of an <see cref="ExactTable64"/>. Owner thread: the control thread. Readers start from the slot
/// given at construction; a rebuild publishes a new table there and retires the old one.
/// </summary>
internal sealed unsafe class ExactTable64Writer : IDisposable
{
    private const ulong SmallestBuckets = 16;
    private readonly ExactTable64** _slot;
    private readonly EpochReclaimer _epochs;
    private long _used;

    /// <summary>Creates an empty table in <paramref name="slot"/>.</summary>
    internal ExactTable64Writer(ExactTable64** slot, EpochReclaimer epochs)
    {
        _slot = slot;
        _epochs = epochs;
        *slot = Create(SmallestBuckets);
    }

    /// <summary>Entries in the table.</summary>
    internal long Count { get; private set; }

    /// <summary>Bytes the table takes, empty slots included.</summary>
    internal long Bytes => (long)ExactTable64.SizeOf((*_slot)->BucketMask + 1);

    /// <summary>Adds or replaces. The key is neither 0 nor all ones; the value is not 0.</summary>
    internal void Set(ulong key, ulong value)
    {
        ulong* found = FindSlot(*_slot, key);
        if (found != null)
        {
            Volatile.Write(ref found[ExactTable64.SlotsPerBucket], value);
            return;
        }
        if ((ulong)_used + 1 > Capacity(*_slot))
            Rebuild();
        Insert(*_slot, key, value);
        _used++;
        Count++;
    }

    /// <summary>Removes; false when there was nothing under the key.</summary>
    internal bool Remove(ulong key)
    {
        ulong* found = FindSlot(*_slot, key);
        if (found == null)
            return false;
        Volatile.Write(ref *found, ExactTable64.Removed);
        Count--;
        return true;
    }

    /// <summary>Frees the table; no reader may be left.</summary>
    public void Dispose()
    {
        NativeBlock.Free(*_slot);
        *_slot = null;
    }

    // Three quarters: probes stay short, and a never-used slot always ends them.
    private static ulong Capacity(ExactTable64* table) => (table->BucketMask + 1) * ExactTable64.SlotsPerBucket * 3 / 4;

    private static ExactTable64* Create(ulong buckets)
    {
        var table = (ExactTable64*)NativeBlock.Allocate(ExactTable64.SizeOf(buckets));
        table->BucketMask = buckets - 1;
        return table;
    }

    private static ulong* FindSlot(ExactTable64* table, ulong key)
    {
        for (ulong index = ExactTable64.Hash(key); ; index++)
        {
            ulong* bucket = ExactTable64.Bucket(table, index);
            for (int i = 0; i < ExactTable64.SlotsPerBucket; i++)
            {
                if (bucket[i] == key)
                    return bucket + i;
                if (bucket[i] == ExactTable64.Unused)
                    return null;
            }
        }
    }

    private static void Insert(ExactTable64* table, ulong key, ulong value)
    {
        for (ulong index = ExactTable64.Hash(key); ; index++)
        {
            ulong* bucket = ExactTable64.Bucket(table, index);
            for (int i = 0; i < ExactTable64.SlotsPerBucket; i++)
            {
                if (bucket[i] != ExactTable64.Unused)
                    continue;
                bucket[ExactTable64.SlotsPerBucket + i] = value;
                // Release: whoever sees the key sees the value.
                Volatile.Write(ref bucket[i], key);
                return;
            }
        }
    }

    private void Rebuild()
    {
        ExactTable64* old = *_slot;
        ulong buckets = SmallestBuckets;
        while (buckets * ExactTable64.SlotsPerBucket < (ulong)(Count + 1) * 2)
            buckets *= 2;
        ExactTable64* table = Create(buckets);
        for (ulong b = 0; b <= old->BucketMask; b++)
        {
            ulong* bucket = ExactTable64.Bucket(old, b);
            for (int i = 0; i < ExactTable64.SlotsPerBucket; i++)
            {
                if (bucket[i] is not ExactTable64.Unused and not ExactTable64.Removed)
                    Insert(table, bucket[i], bucket[ExactTable64.SlotsPerBucket + i]);
            }
        }
        _used = Count;
        Volatile.Write(ref *(nint*)_slot, (nint)table);
        _epochs.Retire(old, SystemBlocks.Instance, 0);
    }
}
