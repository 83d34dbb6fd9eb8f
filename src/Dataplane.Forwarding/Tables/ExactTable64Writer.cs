using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// The single writer of an <see cref="ExactTable64"/>. Owner thread: the control thread. Readers start from the slot
/// given at construction; a rebuild publishes a new table there and retires the old one. Steady churn rebuilds nothing:
/// removed slots come back through the <see cref="EpochReclaimer"/>.
/// </summary>
internal sealed unsafe class ExactTable64Writer : IBlockOwner, IDisposable
{
    // Load after growth 0.446, before the next 0.625: 26 to 36 bytes per entry at every size.
    private const double FullLoad = 0.625;
    private const double Growth = 1.4;
    private const ulong SmallestBuckets = 16;
    private const int SlotBytes = sizeof(ulong);
    private const byte ManyPass = byte.MaxValue;
    private readonly ExactTable64** _slot;
    private readonly EpochReclaimer _epochs;

    // For each bucket, how many entries lie beyond it for want of room in it; from ManyPass on nobody counts.
    private byte[] _passing;

    // Slots that were used since the table was built and are not Unused again.
    private long _taken;

    /// <summary>Creates an empty table in <paramref name="slot"/>.</summary>
    internal ExactTable64Writer(ExactTable64** slot, EpochReclaimer epochs)
    {
        _slot = slot;
        _epochs = epochs;
        ExactTable64* table = Create(SmallestBuckets);
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<uint>(&table->LowFactor, 3)));
        table->LowFactor |= 1;
        table->HighFactor |= 1;
        table->LastFactor |= 1;
        _passing = new byte[SmallestBuckets];
        *slot = table;
    }

    /// <summary>Entries in the table.</summary>
    internal long Count { get; private set; }

    /// <summary>Tables built since the first.</summary>
    internal int Rebuilds { get; private set; }

    /// <summary>Bytes the table takes, empty slots and the writer's own notes included.</summary>
    internal long Bytes => (long)ExactTable64.SizeOf((*_slot)->Buckets) + _passing.Length;

    /// <summary>Adds or replaces. The key is none of the marks of a slot; the value is not 0.</summary>
    /// <returns>The value before, 0 when there was none.</returns>
    internal ulong Set(ulong key, ulong value)
    {
        ulong* found = Seek(*_slot, key, out ulong* free);
        if (found != null)
        {
            ulong before = found[ExactTable64.SlotsPerBucket];
            Volatile.Write(ref found[ExactTable64.SlotsPerBucket], value);
            return before;
        }
        if (*free == ExactTable64.Unused && _taken + 1 > Capacity((*_slot)->Buckets))
        {
            Rebuild();
            Seek(*_slot, key, out free);
        }
        Place(*_slot, free, key, value);
        Count++;
        return 0;
    }

    /// <summary>Removes; false when there was nothing under the key.</summary>
    internal bool Remove(ulong key) => Take(key) != 0;

    /// <summary>Removes; the value that was there, 0 when there was none.</summary>
    internal ulong Take(ulong key)
    {
        ExactTable64* table = *_slot;
        ulong* found = Seek(table, key, out _);
        if (found == null)
            return 0;
        ulong value = found[ExactTable64.SlotsPerBucket];
        Volatile.Write(ref *found, ExactTable64.Removed);
        Count--;
        ulong last = BucketOf(table, found);
        for (ulong index = ExactTable64.Home(table, key); index != last; index = ExactTable64.Next(table, index))
        {
            if (_passing[index] == ManyPass || --_passing[index] != 0)
                continue;
            ulong* bucket = ExactTable64.Bucket(table, index);
            for (int i = 0; i < ExactTable64.SlotsPerBucket; i++)
            {
                if (bucket[i] != ExactTable64.Vacant)
                    continue;
                Volatile.Write(ref bucket[i], ExactTable64.Unused);
                _taken--;
            }
        }
        _epochs.Retire(found, this, SlotBytes);
        if (table->Buckets > SmallestBuckets && Count < Capacity(table->Buckets) / 5)
            Rebuild();
        return value;
    }

    /// <summary>A slot, or a replaced table (size 0), that no reader can still look at.</summary>
    public void Release(void* block, int size)
    {
        ExactTable64* table = *_slot;
        if (size != SlotBytes)
        {
            Free((ExactTable64*)block);
            return;
        }
        var slot = (ulong*)block;
        if (table == null || slot < ExactTable64.First(table) || slot >= ExactTable64.Bucket(table, table->Buckets))
            return;
        bool passed = _passing[BucketOf(table, slot)] != 0;
        Volatile.Write(ref *slot, passed ? ExactTable64.Vacant : ExactTable64.Unused);
        _taken -= passed ? 0 : 1;
    }

    /// <summary>Frees the table; no reader may be left.</summary>
    public void Dispose()
    {
        if (*_slot != null)
            Free(*_slot);
        *_slot = null;
    }

    private static long Capacity(ulong buckets) => (long)(buckets * ExactTable64.SlotsPerBucket * FullLoad);

    private static ulong BucketOf(ExactTable64* table, ulong* slot) => (ulong)(slot - ExactTable64.First(table)) / ExactTable64.BucketWords;

    private static ExactTable64* Create(ulong buckets)
    {
        var table = (ExactTable64*)NativeBlock.AllocateTable(ExactTable64.SizeOf(buckets));
        table->Buckets = buckets;
        return table;
    }

    private static void Free(ExactTable64* table) => NativeBlock.FreeTable(table, ExactTable64.SizeOf(table->Buckets));

    // The slot of the key, or null, and then the first slot on its way that it may take.
    private static ulong* Seek(ExactTable64* table, ulong key, out ulong* free)
    {
        free = null;
        for (ulong index = ExactTable64.Home(table, key); ; index = ExactTable64.Next(table, index))
        {
            ulong* bucket = ExactTable64.Bucket(table, index);
            bool open = false;
            for (int i = 0; i < ExactTable64.SlotsPerBucket; i++)
            {
                ulong found = bucket[i];
                if (found == key)
                    return bucket + i;
                open |= found == ExactTable64.Unused;
                if (free == null && found is ExactTable64.Unused or ExactTable64.Vacant)
                    free = bucket + i;
            }
            if (open)
                return null;
        }
    }

    private void Place(ExactTable64* table, ulong* slot, ulong key, ulong value)
    {
        ulong last = BucketOf(table, slot);
        for (ulong index = ExactTable64.Home(table, key); index != last; index = ExactTable64.Next(table, index))
            _passing[index] += _passing[index] == ManyPass ? (byte)0 : (byte)1;
        _taken += *slot == ExactTable64.Unused ? 1 : 0;
        slot[ExactTable64.SlotsPerBucket] = value;
        // Release: whoever sees the key sees the value.
        Volatile.Write(ref *slot, key);
    }

    private void Rebuild()
    {
        ExactTable64* old = *_slot;
        ulong buckets = Math.Max(SmallestBuckets, (ulong)((Count + 1) * Growth / FullLoad / ExactTable64.SlotsPerBucket) + 1);
        ExactTable64* table = Create(buckets);
        table->LowFactor = old->LowFactor;
        table->HighFactor = old->HighFactor;
        table->LastFactor = old->LastFactor;
        _passing = new byte[buckets];
        _taken = 0;
        for (ulong index = 0; index < old->Buckets; index++)
        {
            ulong* bucket = ExactTable64.Bucket(old, index);
            for (int i = 0; i < ExactTable64.SlotsPerBucket; i++)
            {
                if (bucket[i] is ExactTable64.Unused or ExactTable64.Removed or ExactTable64.Vacant)
                    continue;
                Seek(table, bucket[i], out ulong* free);
                Place(table, free, bucket[i], bucket[ExactTable64.SlotsPerBucket + i]);
            }
        }
        Rebuilds++;
        Volatile.Write(ref *(nint*)_slot, (nint)table);
        _epochs.Retire(old, this, 0);
    }
}
