using Dataplane.Host.Bench.Trials;

namespace Dataplane.Host.Tests.Bench;

/// <summary>When frames are due, by a clock of the test's own.</summary>
public sealed class PacerTests
{
    private const ulong Hz = 1_000_000_000;
    private const ulong Start = 123_456_789;

    [Theory]
    [InlineData(1_000, 100)]
    [InlineData(1_000_000, 700)]
    [InlineData(3_333_333, 1_000)]
    [InlineData(20_000_000, 1_500)]
    public void AnEvenRateIsKeptToTheFrame(double rate, int turn)
    {
        var pacer = Pacer.Even(rate, Hz);
        pacer.Begin(Start);
        long sent = 0;
        for (ulong now = Start; now <= Start + Hz / 10; now += (ulong)turn)
        {
            sent += pacer.Take(now, 32);
            long due = (long)((now - Start) * rate / Hz);
            Assert.InRange(sent, due - 1, due);
        }
        Assert.Equal(0, pacer.Skipped);
    }

    [Fact]
    public void WhatWasMissedIsSkippedAndNotSentAsABurst()
    {
        var pacer = Pacer.Even(10_000_000, Hz);
        pacer.Begin(Start);
        Assert.Equal(0, pacer.Take(Start, 32));
        // Away for a millisecond: 10,000 frames were due.
        int sent = 0;
        for (int i = 0; i < 1000; i++)
            sent += pacer.Take(Start + 1_000_000, 32);
        Assert.InRange(sent, 1, Pacer.LargestBacklogFrames + 32);
        Assert.Equal(10_000, sent + pacer.Skipped, 2.0);
    }

    [Fact]
    public void CaptureTimesAreKeptScaledAndRepeated()
    {
        long[] due = [0, 1_000, 1_000, 5_000];
        var pacer = Pacer.Captured(due, 6_000, 2, Hz);
        pacer.Begin(Start);
        var times = new List<ulong>();
        for (ulong now = 0; now < 6_000; now += 10)
        {
            for (int count = pacer.Take(Start + now, 32); count > 0; count--)
                times.Add(now);
        }
        Assert.Equal([0, 500, 500, 2_500, 3_000, 3_500, 3_500, 5_500], times.Select(static time => (int)time));
        Assert.Equal(0, pacer.Skipped);
    }

    [Fact]
    public void ACaptureThatFellBehindKeepsItsDistances()
    {
        var pacer = Pacer.Captured([.. Enumerable.Range(0, 100).Select(static i => i * 10_000L)], 1_000_000, 1, Hz);
        pacer.Begin(Start);
        Assert.Equal(1, pacer.Take(Start, 32));
        // Away for half a millisecond: the frame that was due then comes now, no more than the backlog with it.
        Assert.InRange(pacer.Take(Start + 510_000, 32), 1, (int)(Pacer.LargestBacklog.TotalMicroseconds / 10) + 1);
        Assert.Equal(1, pacer.Skipped);
        Assert.Equal(1, pacer.Take(Start + 520_000, 32));
    }
}
