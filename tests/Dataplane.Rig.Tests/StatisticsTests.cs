using Dataplane.Rig.Measuring;
using Dataplane.Rig.Reporting;

namespace Dataplane.Rig.Tests;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new double[] { 3 }, 3)]
    [InlineData(new double[] { 9, 1, 5 }, 5)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 2.5)]
    public void MedianIsTheMiddle(double[] values, double median) => Assert.Equal(median, Statistics.Median(values));

    [Fact]
    public void MedianOfNothingIsNoNumber() => Assert.True(double.IsNaN(Statistics.Median([])));

    [Fact]
    public void RatioTellsMediansAndRoundsApart()
    {
        var ratio = Ratio.Of("a/b", [10, 20, 60], [10, 40, 20]);
        Assert.Equal(1.0, ratio.OfMedians);
        Assert.Equal(1.0, ratio.MedianOfRounds);
        Assert.Equal(0.5, ratio.Min);
        Assert.Equal(3.0, ratio.Max);
        Assert.Throws<ArgumentException>(() => Ratio.Of("a/b", [1, 2], [1]));
    }

    [Theory]
    [InlineData(91, true)]
    [InlineData(110, true)]
    [InlineData(89, false)]
    [InlineData(111, false)]
    public void NearIsWithinAShareOfTheMedian(double value, bool near) =>
        Assert.Equal(near, Statistics.IsNear(value, [100, 100, 100, value], 0.1));

    [Fact]
    public void SeriesKeepTheirSpread() => Assert.Equal(new Series("x", 2, 1, 7), Series.Of("x", [7, 1, 2]));
}
