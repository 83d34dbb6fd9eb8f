namespace Dataplane.Host.Bench.Trials;

/// <summary>Latencies of a trial in microseconds.</summary>
/// <param name="Frames">Marked frames that came out.</param>
/// <param name="Min">Shortest.</param>
/// <param name="Mean">Mean.</param>
/// <param name="P50">Median.</param>
/// <param name="P90">90th percentile.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="P999">99.9th percentile.</param>
/// <param name="Max">Longest.</param>
internal sealed record LatencySummary(
    ulong Frames, double Min, double Mean, double P50, double P90, double P99, double P999, double Max)
{
    /// <summary>Sums a histogram up; null when it is empty.</summary>
    public static LatencySummary? Of(LatencyHistogram histogram, ulong clockHz)
    {
        if (histogram.Count == 0)
            return null;
        double Microseconds(double ticks) => Math.Round(ticks * 1e6 / clockHz, 3);
        return new LatencySummary(
            histogram.Count,
            Microseconds(histogram.Min),
            Microseconds((double)histogram.Sum / histogram.Count),
            Microseconds(histogram.Percentile(0.5)),
            Microseconds(histogram.Percentile(0.9)),
            Microseconds(histogram.Percentile(0.99)),
            Microseconds(histogram.Percentile(0.999)),
            Microseconds(histogram.Max));
    }
}
