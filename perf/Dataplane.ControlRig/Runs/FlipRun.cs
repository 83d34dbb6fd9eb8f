using System.Diagnostics;
using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Measuring;
using Dataplane.ControlRig.Traffic;
using Dataplane.Interop.Bgp.Peers;
using Dataplane.Rig.Measuring;

namespace Dataplane.ControlRig.Runs;

/// <summary>
/// A peer's membership changes: it asks for one more route target, which 100,000 of 1,000,000 routes have, and drops it again. The
/// time is from the moment before the UPDATE leaves to the last of the routes, or of their withdrawals.
/// </summary>
internal static class FlipRun
{
    internal const string Name = "flip-100k";
    internal const string Description = "route target membership: one target more and one less, 100,000 of 1,000,000 routes have it";
    private const int Sender = 2;
    private const int Receiver = 10;
    private const int Routes = 1_000_000;
    private const int Targets = 10;
    private const int RoutesPerTarget = Routes / Targets;
    private const int Flips = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    internal static Figures Measure(ContenderKind kind)
    {
        using var network = new BgpNetwork();
        using Contender contender = kind.Start(network, new Role([Receiver], [Sender], LoadRun.Vrfs, [Receiver]));
        var count = new RouteCount();
        using var receiver = new Session(network, Receiver, Contender.Number, Contender.AutonomousSystem, [Family.Vpn4, Family.RouteTarget], count);
        using var sender = new Session(network, Sender, Contender.Number, Contender.AutonomousSystem, [Family.Vpn4]);
        receiver.UntilEstablished();
        sender.UntilEstablished();
        receiver.Send([.. Membership(target: 1, wanted: true), .. BgpBytes.EndOfRib(Family.RouteTarget)]);
        sender.Send([.. new RouteSet(0, Routes, 100, Targets, BgpNetwork.Address(Sender)).Encode(), .. BgpBytes.EndOfRib(Family.Vpn4)]);
        _ = count.Until(RoutesPerTarget, receiver, Patience);
        UntilIdle(contender);
        List<double> more = [], less = [];
        for (int flip = 0; flip < Flips; flip++)
        {
            more.Add(Time(2 + flip, wanted: true, 2 * RoutesPerTarget));
            UntilIdle(contender);
            less.Add(Time(2 + flip, wanted: false, RoutesPerTarget));
            UntilIdle(contender);
        }
        return new Figures
        {
            ["ms to the last route"] = Statistics.Median(more),
            ["ms to the last withdrawal"] = Statistics.Median(less),
            ["slowest ms to the last route"] = more.Max(),
            ["slowest ms to the last withdrawal"] = less.Max(),
        };

        double Time(int target, bool wanted, int expected)
        {
            long start = Stopwatch.GetTimestamp();
            receiver.Send(Membership(target, wanted));
            return Stopwatch.GetElapsedTime(start, count.Until(expected, receiver, Patience)).TotalMilliseconds;
        }
    }

    /// <summary>Waits until the speaker has had nothing to do for a moment.</summary>
    private static void UntilIdle(Contender contender)
    {
        var clock = Stopwatch.StartNew();
        double before;
        double now = ProcessFigures.Of(contender.ProcessId).CpuSeconds;
        do
        {
            before = now;
            Thread.Sleep(200);
            now = ProcessFigures.Of(contender.ProcessId).CpuSeconds;
        }
        while (now - before > 0.03 && clock.Elapsed < Patience);
    }

    private static byte[] Membership(int target, bool wanted)
    {
        byte[] nlri = [96, .. BgpBytes.U32(Contender.AutonomousSystem), 0, 2, 0xFD, 0xE8, .. BgpBytes.U32((uint)target)];
        return wanted
            ? BgpBytes.UpdateMessage(BgpBytes.Origin(), BgpBytes.AsPath(), BgpBytes.LocalPreference(100),
                BgpBytes.Reach(Family.RouteTarget, System.Net.IPAddress.Parse(BgpNetwork.Address(Receiver)).GetAddressBytes(), nlri))
            : BgpBytes.UpdateMessage(BgpBytes.Unreach(Family.RouteTarget, nlri));
    }
}
