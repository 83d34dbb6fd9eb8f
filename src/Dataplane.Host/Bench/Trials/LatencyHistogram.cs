using System.Numerics;

namespace Dataplane.Host.Bench.Trials;

/// <summary>
/// Counts of latencies in clock ticks, in buckets whose width grows with the value: 128 for each power of two, so that a
/// percentile is at most 0.8 % above the true one. Constant size, no allocation. One writer.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubBuckets = 1 << SubBits;
    private readonly ulong[] _counts = new ulong[(64 - SubBits + 1) * SubBuckets];

    /// <summary>Values recorded.</summary>
    public ulong Count { get; private set; }

    /// <summary>Smallest, exact; meaningless when there is none.</summary>
    public ulong Min { get; private set; } = ulong.MaxValue;

    /// <summary>Largest, exact.</summary>
    public ulong Max { get; private set; }

    /// <summary>Sum of all, exact.</summary>
    public UInt128 Sum { get; private set; }

    /// <summary>Records one value.</summary>
    public void Record(ulong ticks)
    {
        _counts[BucketOf(ticks)]++;
        Count++;
        Sum += ticks;
        if (ticks > Max)
            Max = ticks;
        if (ticks < Min)
            Min = ticks;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
        Sum = 0;
        Max = 0;
        Min = ulong.MaxValue;
    }

    /// <summary>The value that a share of all values do not exceed (nearest rank): the upper end of its bucket, never more
    /// than <see cref="Max"/>.</summary>
    /// <param name="share">0 to 1.</param>
    public ulong Percentile(double share)
    {
        if (Count == 0)
            return 0;
        ulong rank = Math.Clamp((ulong)Math.Ceiling(share * Count), 1, Count);
        ulong seen = 0;
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
                return Math.Clamp(UpperEnd(bucket), Min, Max);
        }
        return Max;
    }

    private static int BucketOf(ulong value)
    {
        if (value < SubBuckets)
            return (int)value;
        int shift = BitOperations.Log2(value) - SubBits;
        return ((shift + 1) << SubBits) + (int)(value >> shift) - SubBuckets;
    }

    private static ulong UpperEnd(int bucket)
    {
        if (bucket < SubBuckets)
            return (ulong)bucket;
        int shift = (bucket >> SubBits) - 1;
        ulong first = (ulong)((bucket & (SubBuckets - 1)) + SubBuckets) << shift;
        return first + ((1UL << shift) - 1);
    }
}
