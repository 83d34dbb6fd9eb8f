using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Dataplane.Forwarding.Tables;

/// <content>Many keys at a time: all buckets are on their way before the first is looked at.</content>
internal unsafe partial struct ExactTable64
{
    /// <summary>Looks <paramref name="count"/> keys up.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keys">Keys, none of them <see cref="Unused"/> or <see cref="Removed"/>.</param>
    /// <param name="values">Out: the value under each key, 0 where there is none.</param>
    /// <param name="count">Keys, at most 256.</param>
    /// <param name="missed">Out: indices of the keys without a value, in order; room for <paramref name="count"/>.</param>
    /// <returns>How many have none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int FindBatch<TMatch>(ExactTable64* table, ulong* keys, ulong* values, int count, byte* missed)
        where TMatch : struct, IBucketMatch
    {
        var first = (byte*)(table + 1);
        ulong mask = table->BucketMask;
        for (int i = 0; i < count; i++)
        {
            byte* bucket = first + (Hash(keys[i]) & mask) * 64;
            Sse.Prefetch0(bucket);
            values[i] = (ulong)bucket;
        }
        int misses = 0;
        for (int i = 0; i < count; i++)
        {
            var bucket = (ulong*)values[i];
            uint hits = TMatch.Hits64(bucket, keys[i]);
            // A value is loaded after its key.
            ulong value = hits != 0 ? Volatile.Read(ref bucket[SlotsPerBucket + BitOperations.TrailingZeroCount(hits)])
                : TMatch.Open64(bucket) ? 0 : FindBeyond<TMatch>(table, bucket, keys[i]);
            values[i] = value;
            missed[misses] = (byte)i;
            misses += value == 0 ? 1 : 0;
        }
        return misses;
    }

    // The first bucket is full of other keys: on along the probe sequence.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong FindBeyond<TMatch>(ExactTable64* table, ulong* bucket, ulong key)
        where TMatch : struct, IBucketMatch
    {
        var index = (ulong)(bucket - (ulong*)(table + 1)) / 8;
        while (true)
        {
            bucket = Bucket(table, ++index);
            uint hits = TMatch.Hits64(bucket, key);
            if (hits != 0)
                return Volatile.Read(ref bucket[SlotsPerBucket + BitOperations.TrailingZeroCount(hits)]);
            if (TMatch.Open64(bucket))
                return 0;
        }
    }
}
