using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dataplane.Forwarding.Memory;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// The single writer of an <see cref="ExactTable128"/>, by the rules of <see cref="ExactTable64Writer"/>. Owner thread: the
/// control thread.
/// </summary>
internal sealed unsafe class ExactTable128Writer : IBlockOwner, IDisposable
{
    // Load after growth 0.46, before the next 0.6: 53 to 70 bytes per entry at every size.
    private const double FullLoad = 0.6;
    private const double Growth = 1.3;
    private const ulong SmallestBuckets = 32;
    private const byte ManyPass = byte.MaxValue;
    private readonly ExactTable128** _slot;
    private readonly EpochReclaimer _epochs;

    // For each bucket, how many entries lie beyond it for want of room in it; from ManyPass on nobody counts.
    private byte[] _passing;

    // Entries that were used since the table was built and are not Unused again.
    private long _taken;

    /// <summary>Creates an empty table in <paramref name="slot"/>.</summary>
    internal ExactTable128Writer(ExactTable128** slot, EpochReclaimer epochs)
    {
        _slot = slot;
        _epochs = epochs;
        ExactTable128* table = Create(SmallestBuckets);
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<ulong>(table->Factors, ExactTable128.FactorCount)));
        table->Factors[2] |= 1;
        table->Factors[3] |= 1;
        _passing = new byte[SmallestBuckets];
        *slot = table;
    }

    /// <summary>Entries in the table.</summary>
    internal long Count { get; private set; }

    /// <summary>Tables built since the first.</summary>
    internal int Rebuilds { get; private set; }

    /// <summary>Bytes the table takes, empty entries and the writer's own notes included.</summary>
    internal long Bytes => (long)ExactTable128.SizeOf((*_slot)->Buckets) + _passing.Length;

    /// <summary>Adds or replaces. The space is below 2^32 and not 0; the value is not 0.</summary>
    /// <returns>The value before, 0 when there was none.</returns>
    internal ulong Set(ulong space, ulong high, ulong low, ulong value)
    {
        ExactTable128.Entry* found = Seek(*_slot, space, high, low, out ExactTable128.Entry* free);
        if (found != null)
        {
            ulong before = found->Value;
            Volatile.Write(ref found->Value, value);
            return before;
        }
        if (free->Space == ExactTable128.Unused && _taken + 1 > Capacity((*_slot)->Buckets))
        {
            Rebuild();
            Seek(*_slot, space, high, low, out free);
        }
        Place(*_slot, free, space, high, low, value);
        Count++;
        return 0;
    }

    /// <summary>Removes; false when there was nothing under the key.</summary>
    internal bool Remove(ulong space, ulong high, ulong low) => Take(space, high, low) != 0;

    /// <summary>Removes; the value that was there, 0 when there was none.</summary>
    internal ulong Take(ulong space, ulong high, ulong low)
    {
        ExactTable128* table = *_slot;
        ExactTable128.Entry* found = Seek(table, space, high, low, out _);
        if (found == null)
            return 0;
        ulong value = found->Value;
        Volatile.Write(ref found->Space, ExactTable128.Removed);
        Count--;
        ulong last = BucketOf(table, found);
        for (ulong index = ExactTable128.Home(table, space, high, low); index != last; index = ExactTable128.Next(table, index))
        {
            if (_passing[index] == ManyPass || --_passing[index] != 0)
                continue;
            ExactTable128.Entry* bucket = ExactTable128.Bucket(table, index);
            for (int i = 0; i < ExactTable128.EntriesPerBucket; i++)
            {
                if (bucket[i].Space != ExactTable128.Vacant)
                    continue;
                Volatile.Write(ref bucket[i].Space, ExactTable128.Unused);
                _taken--;
            }
        }
        _epochs.Retire(found, this, sizeof(ExactTable128.Entry));
        if (table->Buckets > SmallestBuckets && Count < Capacity(table->Buckets) / 5)
            Rebuild();
        return value;
    }

    /// <summary>An entry, or a replaced table (size 0), that no reader can still look at.</summary>
    public void Release(void* block, int size)
    {
        ExactTable128* table = *_slot;
        if (size != sizeof(ExactTable128.Entry))
        {
            Free((ExactTable128*)block);
            return;
        }
        var entry = (ExactTable128.Entry*)block;
        if (table == null || entry < ExactTable128.First(table) || entry >= ExactTable128.Bucket(table, table->Buckets))
            return;
        bool passed = _passing[BucketOf(table, entry)] != 0;
        Volatile.Write(ref entry->Space, passed ? ExactTable128.Vacant : ExactTable128.Unused);
        _taken -= passed ? 0 : 1;
    }

    /// <summary>Frees the table; no reader may be left.</summary>
    public void Dispose()
    {
        if (*_slot != null)
            Free(*_slot);
        *_slot = null;
    }

    private static long Capacity(ulong buckets) => (long)(buckets * ExactTable128.EntriesPerBucket * FullLoad);

    private static ulong BucketOf(ExactTable128* table, ExactTable128.Entry* entry) =>
        (ulong)(entry - ExactTable128.First(table)) / ExactTable128.EntriesPerBucket;

    private static ExactTable128* Create(ulong buckets)
    {
        var table = (ExactTable128*)NativeBlock.AllocateTable(ExactTable128.SizeOf(buckets));
        table->Buckets = buckets;
        return table;
    }

    private static void Free(ExactTable128* table) => NativeBlock.FreeTable(table, ExactTable128.SizeOf(table->Buckets));

    // The entry of the key, or null, and then the first entry on its way that it may take.
    private static ExactTable128.Entry* Seek(ExactTable128* table, ulong space, ulong high, ulong low, out ExactTable128.Entry* free)
    {
        free = null;
        for (ulong index = ExactTable128.Home(table, space, high, low); ; index = ExactTable128.Next(table, index))
        {
            ExactTable128.Entry* bucket = ExactTable128.Bucket(table, index);
            bool open = false;
            for (ExactTable128.Entry* entry = bucket; entry < bucket + ExactTable128.EntriesPerBucket; entry++)
            {
                ulong found = entry->Space;
                if (found == space && entry->High == high && entry->Low == low)
                    return entry;
                open |= found == ExactTable128.Unused;
                if (free == null && found is ExactTable128.Unused or ExactTable128.Vacant)
                    free = entry;
            }
            if (open)
                return null;
        }
    }

    private void Place(ExactTable128* table, ExactTable128.Entry* entry, ulong space, ulong high, ulong low, ulong value)
    {
        ulong last = BucketOf(table, entry);
        for (ulong index = ExactTable128.Home(table, space, high, low); index != last; index = ExactTable128.Next(table, index))
            _passing[index] += _passing[index] == ManyPass ? (byte)0 : (byte)1;
        _taken += entry->Space == ExactTable128.Unused ? 1 : 0;
        entry->Value = value;
        // Release: whoever sees the space sees the rest.
        entry->Low = low;
        entry->High = high;
        Volatile.Write(ref entry->Space, space);
    }

    private void Rebuild()
    {
        ExactTable128* old = *_slot;
        ulong buckets = Math.Max(SmallestBuckets, (ulong)((Count + 1) * Growth / FullLoad / ExactTable128.EntriesPerBucket) + 1);
        ExactTable128* table = Create(buckets);
        for (int i = 0; i < ExactTable128.FactorCount; i++)
            table->Factors[i] = old->Factors[i];
        _passing = new byte[buckets];
        _taken = 0;
        for (ExactTable128.Entry* entry = ExactTable128.First(old); entry < ExactTable128.Bucket(old, old->Buckets); entry++)
        {
            if (entry->Space is ExactTable128.Unused or ExactTable128.Removed or ExactTable128.Vacant)
                continue;
            Seek(table, entry->Space, entry->High, entry->Low, out ExactTable128.Entry* free);
            Place(table, free, entry->Space, entry->High, entry->Low, entry->Value);
        }
        Rebuilds++;
        Volatile.Write(ref *(nint*)_slot, (nint)table);
        _epochs.Retire(old, this, 0);
    }
}
