using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Compares a key with the entries of one bucket; a struct per <see cref="VectorLevel"/>, so that the choice costs nothing
/// inside a loop. Each word of a bucket is seen whole, but not all of them at one moment.
/// </summary>
internal unsafe interface IBucketMatch
{
    /// <summary>Which of the four keys of an <see cref="ExactTable64"/> bucket is <paramref name="key"/>: bit i for key i;
    /// 0 for none.</summary>
    static abstract uint Hits64(ulong* bucket, ulong key);

    /// <summary>True when one of the four keys was never used.</summary>
    static abstract bool Open64(ulong* bucket);
}

/// <summary>One word at a time.</summary>
internal readonly unsafe struct ScalarMatch : IBucketMatch
{
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

/// <summary>The keys of a bucket in one 256-bit comparison.</summary>
internal readonly unsafe struct Avx2Match : IBucketMatch
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hits64(ulong* bucket, ulong key) =>
        Vector256.Equals(Vector256.LoadAligned(bucket), Vector256.Create(key)).ExtractMostSignificantBits();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Open64(ulong* bucket) => Vector256.EqualsAny(Vector256.LoadAligned(bucket), Vector256<ulong>.Zero);
}

/// <summary>The whole bucket, keys and values, in one 512-bit comparison; what compares with values is masked out.</summary>
internal readonly unsafe struct Avx512Match : IBucketMatch
{
    private const uint Keys = (1u << ExactTable64.SlotsPerBucket) - 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hits64(ulong* bucket, ulong key) =>
        (uint)Vector512.Equals(Vector512.LoadAligned(bucket), Vector512.Create(key)).ExtractMostSignificantBits() & Keys;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Open64(ulong* bucket) =>
        ((uint)Vector512.Equals(Vector512.LoadAligned(bucket), Vector512<ulong>.Zero).ExtractMostSignificantBits() & Keys) != 0;
}
