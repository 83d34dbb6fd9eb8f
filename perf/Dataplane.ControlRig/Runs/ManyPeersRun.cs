using System.Diagnostics;
using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Traffic;
using Dataplane.Interop.Bgp.Peers;
using Dataplane.Rig.Measuring;

namespace Dataplane.ControlRig.Runs;

/// <summary>
/// Two hundred peers send 5,000 routes each at the same moment. A peer's time is that of its last route at the receiver; how
/// far the peers' times lie apart says whether one was kept waiting for others.
/// </summary>
internal static class ManyPeersRun
{
    internal const string Name = "200-peers";
    internal const string Description = "200 senders with 5,000 routes each at the same moment, one receiver; 100 routes per attribute set";
    private const int Peers = 200;
    private const int RoutesEach = 5000;
    private const int FirstPeer = 20;
    private const int Receiver = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    internal static Figures Measure(ContenderKind kind)
    {
        using var network = new BgpNetwork(FirstPeer + Peers);
        int[] numbers = [.. Enumerable.Range(FirstPeer, Peers)];
        using Contender contender = kind.Start(network, new Role([Receiver], numbers, LoadRun.Vrfs, []));
        var count = new RouteCount(RoutesEach);
        using var receiver = new Session(network, Receiver, Contender.Number, Contender.AutonomousSystem, [Family.Vpn4], count);
        receiver.UntilEstablished();
        byte[][] streams = [.. numbers.Select(static (number, i) => (byte[])
            [.. new RouteSet(i * RoutesEach, RoutesEach, 100, LoadRun.Vrfs, BgpNetwork.Address(number)).Encode(), .. BgpBytes.EndOfRib(Family.Vpn4)])];
        Session[] sessions = [.. numbers.Select(number => new Session(network, number, Contender.Number, Contender.AutonomousSystem, [Family.Vpn4]))];
        try
        {
            foreach (Session session in sessions)
                session.UntilEstablished();
            LoadRun.Idle idle = LoadRun.Settle(contender);
            using var signal = new ManualResetEventSlim();
            Thread[] threads = [.. sessions.Select((session, i) => new Thread(
                () =>
                {
                    signal.Wait();
                    session.Send(streams[i]);
                },
                maxStackSize: 256 << 10))];
            foreach (Thread thread in threads)
                thread.Start();
            long start = Stopwatch.GetTimestamp();
            signal.Set();
            long end = count.Until(Peers * RoutesEach, receiver, Patience);
            Figures figures = idle.Compare(contender, Stopwatch.GetElapsedTime(start, end), Peers * RoutesEach, count);
            foreach (Thread thread in threads)
                thread.Join();
            double[] done = [.. numbers.Select((_, i) => Stopwatch.GetElapsedTime(start, count.ChangesOf(i).Last).TotalSeconds)];
            double[] begun = [.. numbers.Select((_, i) => Stopwatch.GetElapsedTime(start, count.ChangesOf(i).First).TotalSeconds)];
            figures["first peer's last route, s"] = done.Min();
            figures["median peer's last route, s"] = Statistics.Median(done);
            figures["last peer's last route, s"] = done.Max();
            figures["last peer's first route, s"] = begun.Max();
            foreach (Session session in sessions)
                session.ThrowIfClosed();
            return figures;
        }
        finally
        {
            foreach (Session session in sessions)
                session.Dispose();
        }
    }
}
