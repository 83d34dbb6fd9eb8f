using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

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
        ulong* first = First(table);
        ulong buckets = table->Buckets;
        ulong firstFactor = table->FirstFactor;
        ulong secondFactor = table->SecondFactor;
        for (int i = 0; i < count; i++)
        {
            ulong* bucket = first + Scale(Hash(keys[i], firstFactor, secondFactor), buckets) * BucketWords;
            Sse.Prefetch0(bucket);
            values[i] = (ulong)bucket;
        }
        int misses = 0;
        for (int i = 0; i < count; i++)
        {
            var bucket = (ulong*)values[i];
            ulong value = TMatch.Find64(bucket, keys[i]);
            if (value == 0)
            {
                if (!TMatch.Open64(bucket))
                    value = FindBeyond<TMatch>(table, bucket, keys[i]);
                missed[misses] = (byte)i;
                misses += value == 0 ? 1 : 0;
            }
            values[i] = value;
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
            ulong value = TMatch.Find64(bucket, key);
            if (value != 0 || TMatch.Open64(bucket))
                return value;
        }
    }
}
