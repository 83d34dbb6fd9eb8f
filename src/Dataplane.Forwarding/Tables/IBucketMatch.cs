using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Compares a key with the entries of one bucket, a cache line; a struct per <see cref="VectorLevel"/>, so that the choice
/// costs nothing inside a loop. Each word of a bucket is seen whole, but not all of them at one moment: a value is loaded
/// after its key.
/// </summary>
internal unsafe interface IBucketMatch
{
    /// <summary>Writes the address of each key's first bucket in an <see cref="ExactTable64"/>, and asks for its cache line.</summary>
    static abstract void Locate64(ExactTable64* table, ulong* keys, ulong* buckets, int count);

    /// <summary>Which of the four keys of a bucket of an <see cref="ExactTable64"/> is <paramref name="key"/>: bit i for key
    /// i, 0 for none.</summary>
    static abstract uint Hits64(ulong* bucket, ulong key);

    /// <summary>True when the probe of an <see cref="ExactTable64"/> ends with this bucket.</summary>
    static abstract bool Open64(ulong* bucket);
}

/// <summary>One word at a time.</summary>
internal readonly unsafe struct ScalarMatch : IBucketMatch
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Locate64(ExactTable64* table, ulong* keys, ulong* buckets, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ulong* bucket = ExactTable64.Bucket(table, ExactTable64.Home(table, keys[i]));
            Sse.Prefetch0(bucket);
            buckets[i] = (ulong)bucket;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hits64(ulong* bucket, ulong key) =>
        (bucket[0] == key ? 1u : 0) | (bucket[1] == key ? 2u : 0) | (bucket[2] == key ? 4u : 0) | (bucket[3] == key ? 8u : 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Open64(ulong* bucket) =>
        bucket[0] == ExactTable64.Unused || bucket[1] == ExactTable64.Unused || bucket[2] == ExactTable64.Unused
        || bucket[3] == ExactTable64.Unused;
}

/// <summary>256 bits: the four keys of a bucket, or one entry, in one comparison.</summary>
internal readonly unsafe struct Avx2Match : IBucketMatch
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Locate64(ExactTable64* table, ulong* keys, ulong* buckets, int count)
    {
        int i = 0;
        if (Avx2.IsSupported)
        {
            Vector256<uint> low = Vector256.Create((ulong)table->LowFactor).AsUInt32();
            Vector256<uint> high = Vector256.Create((ulong)table->HighFactor).AsUInt32();
            Vector256<uint> last = Vector256.Create((ulong)table->LastFactor).AsUInt32();
            Vector256<uint> scale = Vector256.Create(table->Buckets).AsUInt32();
            Vector256<ulong> first = Vector256.Create((ulong)ExactTable64.First(table));
            for (; i + 4 <= count; i += 4)
            {
                // The multiplication takes the lower half of each lane: the fold of two halves needs no mask.
                Vector256<ulong> key = Vector256.Load(keys + i);
                Vector256<ulong> hash = Avx2.Multiply(key.AsUInt32(), low) + Avx2.Multiply((key >>> 32).AsUInt32(), high);
                hash = Avx2.Multiply((hash ^ hash >>> 32).AsUInt32(), last);
                Vector256<ulong> index = Avx2.Multiply((hash ^ hash >>> 32).AsUInt32(), scale) >>> 32;
                (first + (index << 6)).Store(buckets + i);
                Sse.Prefetch0((void*)buckets[i]);
                Sse.Prefetch0((void*)buckets[i + 1]);
                Sse.Prefetch0((void*)buckets[i + 2]);
                Sse.Prefetch0((void*)buckets[i + 3]);
            }
        }
        ScalarMatch.Locate64(table, keys + i, buckets + i, count - i);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hits64(ulong* bucket, ulong key) =>
        Vector256.Equals(Vector256.LoadAligned(bucket), Vector256.Create(key)).ExtractMostSignificantBits();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Open64(ulong* bucket) => Vector256.EqualsAny(Vector256.LoadAligned(bucket), Vector256<ulong>.Zero);
}

/// <summary>512 bits: hashes eight at a time. What is compared, four keys of a bucket or one entry, is 256 bits wide; both halves of
/// the line at once took longer.</summary>
internal readonly unsafe struct Avx512Match : IBucketMatch
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Locate64(ExactTable64* table, ulong* keys, ulong* buckets, int count)
    {
        int i = 0;
        if (Avx512F.IsSupported)
        {
            Vector512<uint> low = Vector512.Create((ulong)table->LowFactor).AsUInt32();
            Vector512<uint> high = Vector512.Create((ulong)table->HighFactor).AsUInt32();
            Vector512<uint> last = Vector512.Create((ulong)table->LastFactor).AsUInt32();
            Vector512<uint> scale = Vector512.Create(table->Buckets).AsUInt32();
            Vector512<ulong> first = Vector512.Create((ulong)ExactTable64.First(table));
            for (; i + 8 <= count; i += 8)
            {
                Vector512<ulong> key = Vector512.Load(keys + i);
                Vector512<ulong> hash = Avx512F.Multiply(key.AsUInt32(), low) + Avx512F.Multiply((key >>> 32).AsUInt32(), high);
                hash = Avx512F.Multiply((hash ^ hash >>> 32).AsUInt32(), last);
                Vector512<ulong> index = Avx512F.Multiply((hash ^ hash >>> 32).AsUInt32(), scale) >>> 32;
                (first + (index << 6)).Store(buckets + i);
                ulong* stored = buckets + i;
                Sse.Prefetch0((void*)stored[0]);
                Sse.Prefetch0((void*)stored[1]);
                Sse.Prefetch0((void*)stored[2]);
                Sse.Prefetch0((void*)stored[3]);
                Sse.Prefetch0((void*)stored[4]);
                Sse.Prefetch0((void*)stored[5]);
                Sse.Prefetch0((void*)stored[6]);
                Sse.Prefetch0((void*)stored[7]);
            }
        }
        Avx2Match.Locate64(table, keys + i, buckets + i, count - i);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hits64(ulong* bucket, ulong key) => Avx2Match.Hits64(bucket, key);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Open64(ulong* bucket) => Avx2Match.Open64(bucket);
}
