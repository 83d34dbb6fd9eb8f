using System.Runtime.CompilerServices;

namespace Dataplane.Forwarding.Tables;

/// <content>Many keys at a time: all buckets are on their way before the first is looked at.</content>
internal unsafe partial struct ExactTable64
{
    /// <summary>Looks <paramref name="count"/> keys up.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keys">Keys, none of them a mark of a slot.</param>
    /// <param name="values">Out: the value under each key, 0 where there is none.</param>
    /// <param name="count">Keys, at most 256.</param>
    /// <param name="missed">Out: indices of the keys without a value, in order; room for <paramref name="count"/>.</param>
    /// <returns>How many have none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int FindBatch<TMatch>(ExactTable64* table, ulong* keys, ulong* values, int count, byte* missed)
        where TMatch : struct, IBucketMatch
    {
        TMatch.Locate64(table, keys, values, count);
        int misses = 0;
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
            *value = TMatch.Open64(bucket) ? 0 : FindBeyond<TMatch>(table, bucket, *keys);
            missed[misses] = (byte)(value - values);
            misses += *value == 0 ? 1 : 0;
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
