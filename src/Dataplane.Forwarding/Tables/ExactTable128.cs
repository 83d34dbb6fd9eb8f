using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Open-addressing table from (space below 2^32, 128-bit key) to a 64-bit value in buckets of one cache line: two entries
/// of 32 bytes. The space also marks free entries, by the same rules as <see cref="ExactTable64"/>, and nobody can choose
/// keys that collide: the hash folds the 128 bits of a product of two words that are drawn at random and the key.
/// <para>
/// Both entries are compared in general registers and without a branch on which it is, which nobody can predict: a key would have to be
/// carried into a vector first, word by word, which takes longer than comparing it.
/// </para>
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct ExactTable128
{
    /// <summary>Entries of a bucket.</summary>
    internal const int EntriesPerBucket = 2;

    /// <summary>Space of an entry that no probe needs to look beyond.</summary>
    internal const ulong Unused = 0;

    /// <summary>Space of a removed entry.</summary>
    internal const ulong Removed = ulong.MaxValue;

    /// <summary>Space of an entry that may be taken, in a bucket that probes pass.</summary>
    internal const ulong Vacant = ulong.MaxValue - 1;

    /// <summary>Number of buckets, below 2^32. They follow this header.</summary>
    [FieldOffset(0)]
    internal ulong Buckets;

    /// <summary>Random words: added to the lower and to the upper half of the key without carry, odd factor of the space, odd factor of
    /// the folded product.</summary>
    [FieldOffset(8)]
    internal fixed ulong Factors[FactorCount];

    /// <summary>Words at <see cref="Factors"/>.</summary>
    internal const int FactorCount = 4;

    /// <summary>Bytes of a table with this many buckets.</summary>
    internal static nuint SizeOf(ulong buckets) => (nuint)(64 + 64 * buckets);

    /// <summary>The first bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Entry* First(ExactTable128* table) => (Entry*)(table + 1);

    /// <summary>Where a key's probe sequence begins: the index of a bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Home(ExactTable128* table, ulong space, ulong high, ulong low)
    {
        ulong hash = Math.BigMul(low ^ table->Factors[0], (high ^ table->Factors[1]) + space * table->Factors[2], out ulong rest);
        hash ^= rest;
        return ExactTable64.Scale((hash ^ hash >> 32) * table->Factors[3] >> 32, table->Buckets);
    }

    /// <summary>The bucket of that index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Entry* Bucket(ExactTable128* table, ulong index) => (Entry*)((byte*)(table + 1) + (index << 6));

    /// <summary>The index that a probe goes on with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Next(ExactTable128* table, ulong index) => index + 1 == table->Buckets ? 0 : index + 1;

    /// <summary>True when a probe ends with this bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Open(Entry* bucket) => bucket[0].Space == Unused || bucket[1].Space == Unused;

    /// <summary>The value stored under the key, or 0 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Find(ExactTable128* table, ulong space, ulong high, ulong low)
    {
        Entry* bucket = Bucket(table, Home(table, space, high, low));
        ulong value = ValueIn(bucket, space, high, low);
        return value != 0 || Open(bucket) ? value : FindBeyond(table, bucket, space, high, low);
    }

    /// <summary>Looks <paramref name="count"/> keys up.</summary>
    /// <param name="table">The table.</param>
    /// <param name="spaces">Space of each key.</param>
    /// <param name="highs">Upper half of each key.</param>
    /// <param name="lows">Lower half of each key.</param>
    /// <param name="values">Out: the value under each key, 0 where there is none.</param>
    /// <param name="count">Keys, at most <see cref="ExactTable64.LargestBatch"/>.</param>
    /// <param name="missed">Out: indices of the keys without a value; room for <paramref name="count"/>.</param>
    /// <returns>How many have none.</returns>
    internal static int FindBatch(ExactTable128* table, uint* spaces, ulong* highs, ulong* lows, ulong* values, nint count, byte* missed)
    {
        for (nint i = 0; i < count; i++)
        {
            Entry* bucket = Bucket(table, Home(table, spaces[i], highs[i], lows[i]));
            Sse.Prefetch0(bucket);
            values[i] = (ulong)bucket;
        }
        byte* later = stackalloc byte[ExactTable64.LargestBatch];
        nint laterCount = 0;
        nint misses = 0;
        for (nint i = 0; i < count; i++)
        {
            var bucket = (Entry*)values[i];
            ulong value = ValueIn(bucket, spaces[i], highs[i], lows[i]);
            if (value != 0)
            {
                values[i] = value;
                continue;
            }
            if (Open(bucket))
            {
                values[i] = 0;
                missed[misses++] = (byte)i;
                continue;
            }
            // The next bucket is asked for now and looked at when the others are done.
            Sse.Prefetch0(bucket + EntriesPerBucket);
            later[laterCount++] = (byte)i;
        }
        for (nint i = 0; i < laterCount; i++)
        {
            byte index = later[i];
            ulong value = FindBeyond(table, (Entry*)values[index], spaces[index], highs[index], lows[index]);
            values[index] = value;
            missed[misses] = index;
            misses += value == 0 ? 1 : 0;
        }
        return (int)misses;
    }

    // The first bucket is full of other keys: on along the probe sequence.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong FindBeyond(ExactTable128* table, Entry* bucket, ulong space, ulong high, ulong low)
    {
        Entry* end = Bucket(table, table->Buckets);
        while (true)
        {
            bucket += EntriesPerBucket;
            if (bucket == end)
                bucket = First(table);
            ulong value = ValueIn(bucket, space, high, low);
            if (value != 0 || Open(bucket))
                return value;
        }
    }

    /// <summary>The value of a key in a bucket, or 0. Of each entry the space is loaded first, which was written last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ValueIn(Entry* bucket, ulong space, ulong high, ulong low)
    {
        ulong first = (Volatile.Read(ref bucket[0].Space) ^ space) | (Volatile.Read(ref bucket[0].High) ^ high)
            | (Volatile.Read(ref bucket[0].Low) ^ low);
        ulong second = (Volatile.Read(ref bucket[1].Space) ^ space) | (Volatile.Read(ref bucket[1].High) ^ high)
            | (Volatile.Read(ref bucket[1].Low) ^ low);
        return (IfZero(first) & Volatile.Read(ref bucket[0].Value)) | (IfZero(second) & Volatile.Read(ref bucket[1].Value));
    }

    // All ones for 0, otherwise 0: the upper bit of (word - 1) & ~word is set for no other word.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong IfZero(ulong word) => (ulong)((long)((word - 1) & ~word) >> 63);

    /// <summary>One entry; written in the order value, low, high, space.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Entry
    {
        /// <summary>Which key space, or a mark.</summary>
        internal ulong Space;

        /// <summary>Upper half of the key.</summary>
        internal ulong High;

        /// <summary>Lower half of the key.</summary>
        internal ulong Low;

        /// <summary>What is stored.</summary>
        internal ulong Value;
    }
}
