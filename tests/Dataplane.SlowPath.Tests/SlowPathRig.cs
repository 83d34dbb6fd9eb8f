using Dataplane.Net;

namespace Dataplane.SlowPath.Tests;

/// <summary>A slow path over <see cref="TestTopology"/> with a virtual clock.</summary>
internal sealed class SlowPathRig
{
    internal SlowPathRig(SlowPathOptions? options = null) =>
        SlowPath = new SlowPathProcessor(Topology, options ?? new SlowPathOptions(), Time);

    internal TestTopology Topology { get; } = new();

    internal VirtualTime Time { get; } = new();

    internal SlowPathProcessor SlowPath { get; }

    internal SlowPathCounters Counters => SlowPath.Counters;

    /// <summary>Moves the clock timer by timer, as a replay does.</summary>
    internal void Run(double seconds)
    {
        var left = TimeSpan.FromSeconds(seconds);
        while (SlowPath.TimeToNextTimer is { } next && next <= left)
        {
            Time.Move(next);
            left -= next;
            SlowPath.Advance();
        }
        Time.Move(left);
    }

    /// <summary>Takes the frames sent so far.</summary>
    internal List<SentFrame> TakeFrames()
    {
        List<SentFrame> frames = [.. Topology.Frames];
        Topology.Frames.Clear();
        return frames;
    }

    internal ulong SumOfDrops() =>
        Enum.GetValues<SlowPathDropReason>().Aggregate(0ul, (sum, reason) => sum + Counters.Drops(reason));

    /// <summary>The ledger closes: every packet handled is in exactly one disposition.</summary>
    internal void AssertLedger()
    {
        Assert.Equal(SumOfDrops(), Counters.Dropped);
        Assert.Equal(
            Counters.Handled,
            Counters.Answered + Counters.Forwarded + Counters.Consumed + Counters.Held + Counters.Dropped);
    }

    internal static MacAddress Mac(string text) => MacAddress.Parse(text);

    internal static IpAddress Ip(string text) => IpAddress.Parse(text);
}
