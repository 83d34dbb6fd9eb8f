using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Dataplane.Forwarding.Tables;

/// <content>Many keys at a time: all buckets are on their way before the first is looked at.</content>
internal unsafe partial struct ExactTable64
{
    /// <summary>Most keys of a batch.</summary>
    internal const int LargestBatch = 64;

    /// <summary>Looks <paramref name="count"/> keys up with vectors of a given width.</summary>
    /// <inheritdoc cref="FindBatch{TMatch}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int FindBatch(VectorLevel vectors, ExactTable64* table, ulong* keys, ulong* values, int count, byte* missed) => vectors switch
    {
        VectorLevel.Avx2 => FindBatch<Avx2Match>(table, keys, values, count, missed),
        VectorLevel.Avx512 => FindBatch<Avx512Match>(table, keys, values, count, missed),
        _ => FindBatch<ScalarMatch>(table, keys, values, count, missed),
    };

    /// <summary>Looks <paramref name="count"/> keys up.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keys">Keys, none of them a mark of a slot.</param>
    /// <param name="values">Out: the value under each key, 0 where there is none.</param>
    /// <param name="count">Keys, at most <see cref="LargestBatch"/>.</param>
    /// <param name="missed">Out: indices of the keys without a value; room for <paramref name="count"/>.</param>
    /// <returns>How many have none.</returns>
    internal static int FindBatch<TMatch>(ExactTable64* table, ulong* keys, ulong* values, int count, byte* missed)
        where TMatch : struct, IBucketMatch
    {
        TMatch.Locate64(table, keys, values, count);
        byte* later = stackalloc byte[LargestBatch];
        int laterCount = 0;
        int misses = 0;
        ulong* start = keys;
        ulong* end = values + count;
        for (ulong* value = values; value < end; value++, keys++)
        {
            var bucket = (ulong*)*value;
            uint hits = TMatch.Hits64(bucket, *keys);
            if (hits != 0)
            {
                *value = ValueAt(bucket, hits);
                continue;
            }
            if (TMatch.Open64(bucket))
            {
                *value = 0;
                missed[misses++] = (byte)(value - values);
                continue;
            }
            // The next bucket is asked for now and looked at when the others are done.
            Sse.Prefetch0(bucket + BucketWords);
            later[laterCount++] = (byte)(value - values);
        }
        for (int i = 0; i < laterCount; i++)
        {
            byte index = later[i];
            ulong value = FindBeyond<TMatch>(table, (ulong*)values[index], start[index]);
            values[index] = value;
            missed[misses] = index;
            misses += value == 0 ? 1 : 0;
        }
        return misses;
    }

    // The first bucket is full of other keys: on along the probe sequence.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong FindBeyond<TMatch>(ExactTable64* table, ulong* bucket, ulong key)
        where TMatch : struct, IBucketMatch
    {
        var index = (ulong)(bucket - First(table)) / BucketWords;
        while (true)
        {
            index = Next(table, index);
            bucket = Bucket(table, index);
            uint hits = TMatch.Hits64(bucket, key);
            if (hits != 0)
                return ValueAt(bucket, hits);
            if (TMatch.Open64(bucket))
                return 0;
        }
    }
}
