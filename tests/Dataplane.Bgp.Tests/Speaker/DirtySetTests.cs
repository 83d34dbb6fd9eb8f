using Dataplane.Bgp.Speaker.Out;

namespace Dataplane.Bgp.Tests.Speaker;

public sealed class DirtySetTests
{
    [Fact]
    public void WordsAreFoundInOrderAndMarksCoalesce()
    {
        var random = new Random(7);
        var dirty = new DirtySet();
        var expected = new SortedSet<int>();
        for (var i = 0; i < 20_000; i++)
        {
            var destination = random.Next(3_000_000);
            dirty.Mark(destination);
            expected.Add(destination);
            dirty.Mark(destination);
        }

        var found = new List<int>();
        for (var word = dirty.NextWord(0); word >= 0; word = dirty.NextWord(word + 1))
        {
            for (var marks = dirty.Take(word); marks != 0; marks &= marks - 1)
            {
                found.Add(word * 64 + System.Numerics.BitOperations.TrailingZeroCount(marks));
            }
        }

        Assert.Equal(expected, found);
        Assert.True(dirty.IsEmpty);
        Assert.Equal(-1, dirty.NextWord(0));
    }

    [Fact]
    public void AWordMayBeMarkedWhileTheOthersAreWalked()
    {
        var dirty = new DirtySet();
        dirty.Mark(5);
        Assert.Equal(0, dirty.NextWord(0));
        Assert.Equal(1UL << 5, dirty.Take(0));
        dirty.Mark(64 * 70);
        dirty.Mark(0, 0);
        Assert.Equal(70, dirty.NextWord(1));
        Assert.Equal(-1, dirty.NextWord(71));
        Assert.Equal(1, dirty.Words);
        dirty.Clear();
        Assert.True(dirty.IsEmpty);
    }
}
