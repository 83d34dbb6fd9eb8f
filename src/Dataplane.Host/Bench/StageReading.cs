using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Bench.Trials;

namespace Dataplane.Host.Bench;

/// <summary>Turns what workers counted per stage into cycles per packet.</summary>
internal static class StageReading
{
    /// <summary>Adds up the workers' counts, by <see cref="Stage"/>.</summary>
    public static StageCount[] Sum(IEnumerable<WorkerHandle> workers)
    {
        var sum = new StageCount[Enum.GetValues<Stage>().Length];
        foreach (WorkerHandle worker in workers)
        {
            StageCount[] one = worker.ReadStages();
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i].Ticks += one[i].Ticks;
                sum[i].Packets += one[i].Packets;
                sum[i].Bursts += one[i].Bursts;
            }
        }
        return sum;
    }

    /// <summary>What happened between two readings; null when no packet passed.</summary>
    public static StagesResult? Between(StageCount[] before, StageCount[] after, ulong clockHz, TrialResult trial)
    {
        StageCount Of(Stage stage) => new()
        {
            Ticks = after[(int)stage].Ticks - before[(int)stage].Ticks,
            Packets = after[(int)stage].Packets - before[(int)stage].Packets,
            Bursts = after[(int)stage].Bursts - before[(int)stage].Bursts,
        };
        StageCount received = Of(Stage.Receive), clock = Of(Stage.Clock);
        if (received.Packets == 0 || clock.Bursts == 0)
            return null;
        double reading = (double)clock.Ticks / clock.Bursts;
        var stages = new List<StageResult>();
        foreach (Stage stage in Enum.GetValues<Stage>())
        {
            StageCount count = Of(stage);
            if (stage == Stage.Clock || count.Bursts == 0)
                continue;
            double cycles = Math.Max(0, count.Ticks - reading * count.Bursts) / received.Packets;
            stages.Add(new StageResult(ReasonNames.ToKebabCase(stage.ToString()), Math.Round(cycles, 2), count.Packets));
        }
        double all = Math.Round(stages.Sum(static stage => stage.CyclesPerPacket), 2);
        return new StagesResult(
            all, Math.Round((double)received.Packets / received.Bursts, 1), Math.Round(reading, 1),
            all == 0 ? 0 : Math.Round(clockHz / all), stages, trial);
    }
}
