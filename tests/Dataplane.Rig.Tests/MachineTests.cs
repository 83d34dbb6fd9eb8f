using Dataplane.Rig.Measuring;

namespace Dataplane.Rig.Tests;

/// <summary>What is read from /proc.</summary>
public sealed class MachineTests
{
    [Fact]
    public void SharesOfTimeAreReadByCpu()
    {
        Dictionary<int, long[]> start = MachineLoad.Read("cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 100 0 0 900 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\nintr 5\n");
        Dictionary<int, long[]> end = MachineLoad.Read("cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 120 5 5 960 5 0 0 5 0 0\ncpu1 100 0 0 0 0 0 0 0 7 0\n");
        Dictionary<int, (double Busy, double Stolen)> shares = MachineLoad.Shares(start, end);
        Assert.Equal([0, 1], shares.Keys.Order());
        Assert.Equal((0.35, 0.05), (Math.Round(shares[0].Busy, 10), shares[0].Stolen));
        Assert.Equal((1, 0), shares[1]);
    }

    [Fact]
    public void WaitingIsTheSecondNumberOfSchedstat() => Assert.Equal(68448, Threads.ParseWaited("492989 68448 1\n"));

    [Fact]
    public void ThreadsOfThisProcessAreFound()
    {
        int[] threads = [.. Threads.List()];
        Assert.Contains(Environment.ProcessId, threads);
        Assert.True(Threads.WaitedNanoseconds(Environment.ProcessId) >= 0);
        Assert.False(Threads.IsPinnedTo(int.MaxValue, 0));
    }
}
