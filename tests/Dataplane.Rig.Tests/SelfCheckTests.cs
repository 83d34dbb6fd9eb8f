using Dataplane.Rig.Contenders;

namespace Dataplane.Rig.Tests;

/// <summary>The comparison that stands before every measurement.</summary>
public sealed class SelfCheckTests
{
    private static readonly byte[][] Frames = [[1, 2, 3], [4, 5, 6], [1, 2, 3]];

    [Fact]
    public void EqualFramesPassInAnyOrder() =>
        SelfCheck.RequireEqualFrames(Frames, [[4, 5, 6], [1, 2, 3], [1, 2, 3]], expected: 3);

    [Fact]
    public void AByteMakesADifference()
    {
        var error = Assert.Throws<InvalidOperationException>(() => SelfCheck.RequireEqualFrames(Frames, [[1, 2, 3], [4, 5, 7], [1, 2, 3]], expected: 3));
        Assert.Contains("040506", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HowOftenAFrameWasSentMakesADifference() =>
        Assert.Throws<InvalidOperationException>(() => SelfCheck.RequireEqualFrames(Frames, [[1, 2, 3], [4, 5, 6], [4, 5, 6]], expected: 3));

    [Fact]
    public void AMissingFrameMakesADifference() =>
        Assert.Throws<InvalidOperationException>(() => SelfCheck.RequireEqualFrames(Frames, Frames[..2], expected: 3));

    [Fact]
    public void FramesThatBothLostMakeADifference() =>
        Assert.Throws<InvalidOperationException>(() => SelfCheck.RequireEqualFrames(Frames, Frames, expected: 4));
}
