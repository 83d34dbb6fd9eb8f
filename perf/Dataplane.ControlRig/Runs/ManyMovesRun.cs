using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Moves;
using Dataplane.Rig.Measuring;

namespace Dataplane.ControlRig.Runs;

/// <summary>A hundred machines leave a host at the same moment: the longest pause of each flow (SIG-22, MOB-09).</summary>
internal static class ManyMovesRun
{
    internal const string Name = "moves";
    internal const string Description = "100 machines move at once between two hosts, 5 times, with a datagram each 10 ms to each of them and back; the same laboratory";
    private const int Machines = 100;
    private const int Moves = 5;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    internal static Figures Measure(ContenderKind kind)
    {
        _ = kind;
        using var migration = new Migration(Machines, Interval);
        Move first = migration.Run();
        Move[] moves = [.. Enumerable.Range(0, Moves).Select(_ => migration.Run())];
        double[] gaps = [.. moves.SelectMany(static move => move.Gaps).Order()];
        return new Figures
        {
            ["ms, longest gap of a flow, p99"] = gaps[gaps.Length * 99 / 100],
            ["p50"] = gaps[gaps.Length / 2],
            ["max"] = gaps[^1],
            ["max of the first move after the start"] = first.Gaps.Max(),
            ["without a move, max"] = moves.Max(static move => move.IdleGaps.Max()),
            ["ms until all requests are answered, median"] = Statistics.Median([.. moves.Select(static move => move.Asked)]),
            ["datagrams lost per machine and move"] = moves.Average(static move => move.Lost) / Machines,
        };
    }
}
