using Dataplane.Host.Metrics;

namespace Dataplane.Host.Tests.Metrics;

public sealed class GapBucketTests
{
    [Fact]
    public void TheLowestAndTheHighestBucketsAreFolded()
    {
        var gaps = new ulong[40];
        for (int bit = 0; bit < gaps.Length; bit++)
            gaps[bit] = 1UL << bit;
        ulong[] folded = MachineryMetrics.FoldGaps(gaps);
        Assert.Equal(28, folded.Length); // bounds 2^10 to 2^36, and what is above
        Assert.Equal((1UL << 11) - 1, folded[0]);
        Assert.Equal(1UL << 11, folded[1]);
        Assert.Equal(1UL << 36, folded[26]);
        Assert.Equal(0b111UL << 37, folded[27]);
    }
}
