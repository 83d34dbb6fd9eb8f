using Dataplane.Routing.Loop;

namespace Dataplane.Routing.Tests.Loop;

public sealed class DurationHistogramTests
{
    [Fact]
    public void EachDurationIsInTheClassWhoseEndItDoesNotExceed()
    {
        var histogram = new DurationHistogram();
        TimeSpan[] durations =
        [
            TimeSpan.Zero, TimeSpan.FromMicroseconds(1), TimeSpan.FromMicroseconds(1.1), TimeSpan.FromMicroseconds(2), TimeSpan.FromMicroseconds(3),
            TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(9), TimeSpan.FromDays(1),
        ];
        var expected = new ulong[DurationHistogram.Bounds.Count + 1];
        foreach (TimeSpan duration in durations)
        {
            histogram.Add(duration);
            expected[DurationHistogram.Bounds.TakeWhile(bound => bound < duration.TotalSeconds).Count()]++;
        }

        Assert.Equal(expected, histogram.Read().Counts);
        Assert.Equal(durations.Sum(duration => duration.TotalSeconds), histogram.Read().Seconds, 6);
        Assert.Equal(2UL, histogram.Read().Counts[0]);
        Assert.Equal(2UL, histogram.Read().Counts[^1]);
    }
}
