using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Open-addressing table from (space below 2^32, 128-bit key) to a 64-bit value in buckets of one cache line: two entries
/// of 32 bytes. The space also marks free entries, by the same rules as <see cref="ExactTable64"/>, and the hash is of the
/// same kind.
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

    /// <summary>Random odd factors: of the space, of the four 32-bit parts of the key from the lowest up, of the folded
    /// sum of those products.</summary>
    [FieldOffset(8)]
    internal fixed ulong Factors[FactorCount];

    /// <summary>Words at <see cref="Factors"/>.</summary>
    internal const int FactorCount = 6;

    /// <summary>Bytes of a table with this many buckets.</summary>
    internal static nuint SizeOf(ulong buckets) => (nuint)(64 + 64 * buckets);

    /// <summary>The first bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Entry* First(ExactTable128* table) => (Entry*)(table + 1);

    /// <summary>Where a key's probe sequence begins: the index of a bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Home(ExactTable128* table, ulong space, ulong high, ulong low)
    {
        ulong sum = space * table->Factors[0] + (uint)low * table->Factors[1] + (low >> 32) * table->Factors[2]
            + (uint)high * table->Factors[3] + (high >> 32) * table->Factors[4];
        return ExactTable64.Scale((sum ^ sum >> 32) * table->Factors[5] >> 32, table->Buckets);
    }

    /// <summary>The bucket of that index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Entry* Bucket(ExactTable128* table, ulong index) => First(table) + index * EntriesPerBucket;

    /// <summary>The index that a probe goes on with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Next(ExactTable128* table, ulong index) => index + 1 == table->Buckets ? 0 : index + 1;

    /// <summary>True when a probe ends with this bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Open(Entry* bucket) => bucket[0].Space == Unused || bucket[1].Space == Unused;

    /// <summary>The entry's value if it has this key, or 0. The space is loaded first: it was written last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ValueIf(Entry* entry, ulong space, ulong high, ulong low) =>
        Volatile.Read(ref entry->Space) == space && Volatile.Read(ref entry->High) == high && Volatile.Read(ref entry->Low) == low
            ? Volatile.Read(ref entry->Value) : 0;

    /// <summary>The value stored under the key, or 0 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Find(ExactTable128* table, ulong space, ulong high, ulong low) =>
        FindFrom<ScalarMatch>(table, Home(table, space, high, low), space, high, low);

    /// <summary>Looks <paramref name="count"/> keys up with vectors of a given width.</summary>
    /// <inheritdoc cref="FindBatch{TMatch}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int FindBatch(VectorLevel vectors, ExactTable128* table, uint* spaces, ulong* highs, ulong* lows, ulong* values, int count,
        byte* missed) => vectors switch
        {
            VectorLevel.Avx2 => FindBatch<Avx2Match>(table, spaces, highs, lows, values, count, missed),
            VectorLevel.Avx512 => FindBatch<Avx512Match>(table, spaces, highs, lows, values, count, missed),
            _ => FindBatch<ScalarMatch>(table, spaces, highs, lows, values, count, missed),
        };

    /// <summary>Looks <paramref name="count"/> keys up.</summary>
    /// <param name="table">The table.</param>
    /// <param name="spaces">Space of each key.</param>
    /// <param name="highs">Upper half of each key.</param>
    /// <param name="lows">Lower half of each key.</param>
    /// <param name="values">Out: the value under each key, 0 where there is none.</param>
    /// <param name="count">Keys, at most <see cref="ExactTable64.LargestBatch"/>.</param>
    /// <param name="missed">Out: indices of the keys without a value; room for <paramref name="count"/>.</param>
    /// <returns>How many have none.</returns>
    internal static int FindBatch<TMatch>(ExactTable128* table, uint* spaces, ulong* highs, ulong* lows, ulong* values, int count,
        byte* missed)
        where TMatch : struct, IBucketMatch
    {
        for (int i = 0; i < count; i++)
        {
            ulong index = Home(table, spaces[i], highs[i], lows[i]);
            Sse.Prefetch0(Bucket(table, index));
            values[i] = index;
        }
        byte* later = stackalloc byte[ExactTable64.LargestBatch];
        int laterCount = 0;
        int misses = 0;
        for (int i = 0; i < count; i++)
        {
            Entry* bucket = Bucket(table, values[i]);
            ulong value = TMatch.Find128(bucket, spaces[i], highs[i], lows[i]);
            if (value == 0 && !Open(bucket))
            {
                // The next bucket is asked for now and looked at when the others are done.
                Sse.Prefetch0(bucket + EntriesPerBucket);
                later[laterCount++] = (byte)i;
                continue;
            }
            values[i] = value;
            missed[misses] = (byte)i;
            misses += value == 0 ? 1 : 0;
        }
        for (int i = 0; i < laterCount; i++)
        {
            byte index = later[i];
            ulong value = FindFrom<TMatch>(table, Next(table, values[index]), spaces[index], highs[index], lows[index]);
            values[index] = value;
            missed[misses] = index;
            misses += value == 0 ? 1 : 0;
        }
        return misses;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong FindFrom<TMatch>(ExactTable128* table, ulong index, ulong space, ulong high, ulong low)
        where TMatch : struct, IBucketMatch
    {
        while (true)
        {
            Entry* bucket = Bucket(table, index);
            ulong value = TMatch.Find128(bucket, space, high, low);
            if (value != 0 || Open(bucket))
                return value;
            index = Next(table, index);
        }
    }

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
