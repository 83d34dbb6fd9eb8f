using Dataplane.Rig.Contenders;
using Dataplane.Rig.Measuring;

namespace Dataplane.Rig.Tests;

/// <summary>Alternation and rejection, with contenders that answer what the test tells them.</summary>
public sealed class RoundsTests
{
    private static readonly RoundSettings ThreeRounds = new(3, 0.01);
    private readonly List<string> _order = [];

    [Fact]
    public void OrderRotatesFromRoundToRound()
    {
        Rounds.Measure([Steady("a"), Steady("b"), Steady("c")], ThreeRounds, () => 3000, []);
        Assert.Equal("abc bca cab", string.Join(' ', _order.Chunk(3).Select(static names => string.Concat(names))));
    }

    [Fact]
    public void WindowsStayWithTheirContenders()
    {
        Rounds rounds = Rounds.Measure([Steady("a", 1), Steady("b", 2)], ThreeRounds, () => 3000, []);
        Assert.Equal([1, 1, 1], rounds.Rates(0));
        Assert.Equal([2, 2, 2], rounds.Rates(1));
        Assert.True(rounds.Quiet);
    }

    [Fact]
    public void WindowsSpentWaitingForTheCpuAreRepeated()
    {
        var waits = new Queue<double>([0.006, 0.5, 0.005, 0, 0]);
        var disturbed = new Fake("a", _order, () => new Window(waits.Count, waits.Dequeue()));
        Rounds rounds = Rounds.Measure([disturbed], ThreeRounds, () => 3000, []);
        Assert.Equal([3, 2, 1], rounds.Rates(0));
        Assert.Equal((2, 0, true), (rounds.RejectedWindows, rounds.RejectedRounds, rounds.Quiet));
    }

    [Fact]
    public void RoundsAtAnotherCoreSpeedAreRepeated()
    {
        var clocks = new Queue<double>([3000, 3000, 1500, 3100, 0]);
        int round = 0;
        Rounds rounds = Rounds.Measure([new Fake("a", _order, () => new Window(++round, 0))], ThreeRounds, clocks.Dequeue, []);
        Assert.Equal([1, 2, 4], rounds.Rates(0));
        Assert.Equal((1, true), (rounds.RejectedRounds, rounds.Quiet));
    }

    [Fact]
    public void AnEarlyRoundIsJudgedByTheWholeRun()
    {
        var clocks = new Queue<double>([1500, 3000, 3000, 3000, 0]);
        int round = 0;
        Rounds rounds = Rounds.Measure([new Fake("a", _order, () => new Window(++round, 0))], ThreeRounds, clocks.Dequeue, []);
        Assert.Equal([2, 3, 4], rounds.Rates(0));
    }

    [Fact]
    public void AMachineThatIsNeverQuietEndsTheRunAndIsTold()
    {
        int windows = 0;
        Rounds rounds = Rounds.Measure([new Fake("a", _order, () => new Window(++windows, 1))], ThreeRounds, () => 3000, []);
        Assert.False(rounds.Quiet);
        Assert.Equal(3, rounds.Accepted.Count);
        Assert.InRange(windows, 3, 6); // repetitions take no longer than the rounds themselves
    }

    private Fake Steady(string name, double rate = 1) => new(name, _order, () => new Window(rate, 0));

    private sealed class Fake(string name, List<string> order, Func<Window> window) : IContender
    {
        public string Name => name;

        public Window Measure(double seconds)
        {
            order.Add(name);
            return window();
        }
    }
}
