using System.Numerics;

namespace Dataplane.Routing.Loop;

/// <summary>How often something took how long: classes from a microsecond up to eight seconds, each twice the one below. One thread.</summary>
public sealed class DurationHistogram
{
    private const int Classes = 24;

    private readonly ulong[] _counts = new ulong[Classes + 1];
    private double _sum;

    /// <summary>The upper ends of all classes but the last, which has none; seconds.</summary>
    public static IReadOnlyList<double> Bounds { get; } = [.. Enumerable.Range(0, Classes).Select(static exponent => (1L << exponent) / 1e6)];

    /// <summary>Counts a duration.</summary>
    public void Add(TimeSpan duration)
    {
        // In whole microseconds rounded up, so that a class takes what is equal to its end.
        var microseconds = (ulong)Math.Max((duration.Ticks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond, 1);
        _counts[Math.Min(64 - BitOperations.LeadingZeroCount(microseconds - 1), Classes)]++;
        _sum += duration.TotalSeconds;
    }

    /// <summary>What was counted so far.</summary>
    public DurationCounts Read() => new([.. _counts], _sum);
}

/// <summary>What a <see cref="DurationHistogram"/> had counted at one moment.</summary>
/// <param name="Counts">How many of each class, one more than there are bounds.</param>
/// <param name="Seconds">The sum of all durations.</param>
public sealed record DurationCounts(IReadOnlyList<ulong> Counts, double Seconds);
