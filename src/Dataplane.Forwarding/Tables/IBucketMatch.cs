using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Compares a key with the entries of one bucket, a cache line; a struct per <see cref="VectorLevel"/>, so that the choice
/// costs nothing inside a loop. Each word of a bucket is seen whole, but not all of them at one moment: a value is loaded
/// after its key.
/// </summary>
internal unsafe interface IBucketMatch
{
    /// <summary>The value of <paramref name="key"/> in a bucket of an <see cref="ExactTable64"/>, or 0.</summary>
    static abstract ulong Find64(ulong* bucket, ulong key);

    /// <summary>True when the probe of an <see cref="ExactTable64"/> ends with this bucket.</summary>
    static abstract bool Open64(ulong* bucket);

    /// <summary>The value of a key in a bucket of an <see cref="ExactTable128"/>, or 0.</summary>
    static abstract ulong Find128(ExactTable128.Entry* bucket, ulong space, ulong high, ulong low);
}

/// <summary>One word at a time.</summary>
internal readonly unsafe struct ScalarMatch : IBucketMatch
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find64(ulong* bucket, ulong key)
    {
        for (int i = 0; i < ExactTable64.SlotsPerBucket; i++)
        {
            if (Volatile.Read(ref bucket[i]) == key)
                return Volatile.Read(ref bucket[ExactTable64.SlotsPerBucket + i]);
        }
        return 0;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Open64(ulong* bucket) =>
        bucket[0] == ExactTable64.Unused || bucket[1] == ExactTable64.Unused || bucket[2] == ExactTable64.Unused
        || bucket[3] == ExactTable64.Unused;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find128(ExactTable128.Entry* bucket, ulong space, ulong high, ulong low)
    {
        ulong value = ExactTable128.ValueIf(bucket, space, high, low);
        return value != 0 ? value : ExactTable128.ValueIf(bucket + 1, space, high, low);
    }
}

/// <summary>256 bits: the four keys of a bucket, or one entry, in one comparison.</summary>
internal readonly unsafe struct Avx2Match : IBucketMatch
{
    private const uint KeyOfEntry = 0b0111;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find64(ulong* bucket, ulong key)
    {
        uint hits = Vector256.Equals(Vector256.LoadAligned(bucket), Vector256.Create(key)).ExtractMostSignificantBits();
        return hits == 0 ? 0 : Volatile.Read(ref bucket[ExactTable64.SlotsPerBucket + BitOperations.TrailingZeroCount(hits)]);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Open64(ulong* bucket) => Vector256.EqualsAny(Vector256.LoadAligned(bucket), Vector256<ulong>.Zero);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find128(ExactTable128.Entry* bucket, ulong space, ulong high, ulong low)
    {
        Vector256<ulong> wanted = Vector256.Create(space, high, low, 0);
        uint first = Vector256.Equals(Vector256.LoadAligned((ulong*)bucket), wanted).ExtractMostSignificantBits();
        uint second = Vector256.Equals(Vector256.LoadAligned((ulong*)(bucket + 1)), wanted).ExtractMostSignificantBits();
        if ((first & KeyOfEntry) == KeyOfEntry)
            return ExactTable128.ValueIf(bucket, space, high, low);
        return (second & KeyOfEntry) == KeyOfEntry ? ExactTable128.ValueIf(bucket + 1, space, high, low) : 0;
    }
}

/// <summary>512 bits: the whole bucket, keys and values, in one comparison; what compares with values is masked out.</summary>
internal readonly unsafe struct Avx512Match : IBucketMatch
{
    private const uint Keys = (1u << ExactTable64.SlotsPerBucket) - 1;
    private const uint KeyOfFirst = 0b0000_0111;
    private const uint KeyOfSecond = 0b0111_0000;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find64(ulong* bucket, ulong key)
    {
        uint hits = (uint)Vector512.Equals(Vector512.LoadAligned(bucket), Vector512.Create(key)).ExtractMostSignificantBits() & Keys;
        return hits == 0 ? 0 : Volatile.Read(ref bucket[ExactTable64.SlotsPerBucket + BitOperations.TrailingZeroCount(hits)]);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Open64(ulong* bucket) =>
        ((uint)Vector512.Equals(Vector512.LoadAligned(bucket), Vector512<ulong>.Zero).ExtractMostSignificantBits() & Keys) != 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find128(ExactTable128.Entry* bucket, ulong space, ulong high, ulong low)
    {
        Vector256<ulong> key = Vector256.Create(space, high, low, 0);
        var hits = (uint)Vector512.Equals(Vector512.LoadAligned((ulong*)bucket), Vector512.Create(key, key)).ExtractMostSignificantBits();
        if ((hits & KeyOfFirst) == KeyOfFirst)
            return ExactTable128.ValueIf(bucket, space, high, low);
        return (hits & KeyOfSecond) == KeyOfSecond ? ExactTable128.ValueIf(bucket + 1, space, high, low) : 0;
    }
}
