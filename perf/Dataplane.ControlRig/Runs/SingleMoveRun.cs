using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Moves;
using Dataplane.Rig.Measuring;

namespace Dataplane.ControlRig.Runs;

/// <summary>One machine moves from host to host and back while a datagram a millisecond goes to it and returns: the longest pause that its peer sees (SCL-09).</summary>
internal static class SingleMoveRun
{
    internal const string Name = "move";
    internal const string Description = "a machine moves between two hosts, 12 times, with a datagram each ms there and back; 3 hosts with forwarder and agent, a router and 2 gateways in namespaces, veth pairs, mutual TLS";
    private const int Moves = 12;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    internal static Figures Measure(ContenderKind kind)
    {
        _ = kind;
        using var migration = new Migration(1, Interval);
        Move first = migration.Run();
        Move[] moves = [.. Enumerable.Range(0, Moves).Select(_ => migration.Run())];
        double[] gaps = [.. moves.Select(static move => move.Gaps[0])];
        return new Figures
        {
            ["ms, longest gap of a move, median"] = Statistics.Median(gaps),
            ["the longest of all"] = gaps.Max(),
            ["to a host with nothing else in the VPN, median"] = Statistics.Median([.. moves.Where(static move => move.IsToEmptyHost).Select(static move => move.Gaps[0])]),
            ["to a host with more in it, median"] = Statistics.Median([.. moves.Where(static move => !move.IsToEmptyHost).Select(static move => move.Gaps[0])]),
            ["the first move after the start"] = first.Gaps[0],
            ["without a move, median"] = Statistics.Median([.. moves.Select(static move => move.IdleGaps[0])]),
            ["without a move, the longest of all"] = moves.Max(static move => move.IdleGaps[0]),
            ["ms until the request is answered, median"] = Statistics.Median([.. moves.Select(static move => move.Asked)]),
            ["datagrams lost per move"] = moves.Average(static move => move.Lost),
        };
    }
}
