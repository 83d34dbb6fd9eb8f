using Dataplane.Host.Bench.Trials;

namespace Dataplane.Host.Tests.Bench;

/// <summary>Percentiles against sorting.</summary>
public sealed class LatencyHistogramTests
{
    private static readonly double[] Shares = [0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1];

    [Fact]
    public void PercentilesAreThoseOfSortingWithinABucket()
    {
        var random = new Random(6);
        for (int round = 0; round < 60; round++)
        {
            ulong[] values = [.. Enumerable.Range(0, random.Next(1, 3000)).Select(_ => (ulong)Math.Exp(random.NextDouble() * (round % 40)))];
            var histogram = new LatencyHistogram();
            foreach (ulong value in values)
                histogram.Record(value);
            Array.Sort(values);
            foreach (double share in Shares)
            {
                ulong exact = values[Math.Clamp((int)Math.Ceiling(share * values.Length) - 1, 0, values.Length - 1)];
                ulong found = histogram.Percentile(share);
                Assert.InRange(found, exact, exact + exact / 128 + 1);
            }
            Assert.Equal((values[0], values[^1], (ulong)values.Length), (histogram.Min, histogram.Max, histogram.Count));
            Assert.Equal(values.Aggregate((UInt128)0, static (sum, value) => sum + value), histogram.Sum);
            Assert.Equal(values[^1], histogram.Percentile(1));
        }
    }

    [Fact]
    public void TheWholeRangeHasItsPlaceAndSmallValuesAreExact()
    {
        for (int power = 0; power < 64; power++)
        {
            foreach (ulong value in new[] { 1UL << power, (1UL << power) - 1, (1UL << power) + (1UL << power) / 3, ulong.MaxValue >> power })
            {
                var histogram = new LatencyHistogram();
                histogram.Record(value);
                histogram.Record(ulong.MaxValue);
                Assert.InRange(histogram.Percentile(0.5), value, value + Math.Min(value / 128, ulong.MaxValue - value));
                if (value < 256)
                    Assert.Equal(value, histogram.Percentile(0.5));
            }
        }
    }

    [Fact]
    public void AnEmptyOneHasNoSummary()
    {
        var histogram = new LatencyHistogram();
        Assert.Null(LatencySummary.Of(histogram, 1_000_000_000));
        histogram.Record(1500);
        Assert.Equal(new LatencySummary(1, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5), LatencySummary.Of(histogram, 1_000_000_000));
        histogram.Clear();
        Assert.Equal((0ul, 0ul, (UInt128)0), (histogram.Count, histogram.Max, histogram.Sum));
    }
}
