using System.Diagnostics;
using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Measuring;
using Dataplane.ControlRig.Traffic;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Runs;

/// <summary>Measures a <see cref="LoadScenario"/>.</summary>
internal static class LoadRun
{
    internal const int Vrfs = 100;
    private const int FirstSender = 2;
    private const int Receiver = 10;
    private const int MarkNumber = RouteSet.MostRoutes - 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    /// <summary>One load of a speaker that has just been started.</summary>
    internal static Figures Measure(ContenderKind kind, LoadScenario scenario)
    {
        using var network = new BgpNetwork();
        int[] senders = [.. Enumerable.Range(FirstSender, scenario.Senders)];
        using Contender contender = kind.Start(network, new Role([Receiver], senders, Vrfs, []));
        var count = new RouteCount();
        using var receiver = new Session(network, Receiver, Contender.Number, Contender.AutonomousSystem, [Family.Vpn4], count);
        receiver.UntilEstablished();
        return scenario.SentByBird ? SendWithBird(network, contender, scenario, receiver, count) : Send(network, contender, scenario, receiver, count);
    }

    /// <summary>The routes of one sender of a scenario.</summary>
    internal static RouteSet RoutesOf(LoadScenario scenario, int sender) => new(
        scenario.SameRoutes ? 0 : sender * scenario.RoutesEach, scenario.RoutesEach, scenario.PerAttributeSet, Vrfs, BgpNetwork.Address(FirstSender + sender));

    private static Figures Send(BgpNetwork network, Contender contender, LoadScenario scenario, Session receiver, RouteCount count)
    {
        byte[][] streams = [.. Enumerable.Range(0, scenario.Senders).Select(sender => Stream(scenario, sender))];
        Session[] senders = [.. streams.Select((_, sender) => new Session(network, FirstSender + sender, Contender.Number, Contender.AutonomousSystem, [Family.Vpn4]))];
        try
        {
            foreach (Session sender in senders)
                sender.UntilEstablished();
            Idle idle = Settle(contender);
            long start = Stopwatch.GetTimestamp();
            Thread[] threads = [.. senders.Select((sender, i) => new Thread(() => sender.Send(streams[i])))];
            foreach (Thread thread in threads)
                thread.Start();
            long end = count.Until(scenario.Expected, receiver, Patience);
            Figures figures = idle.Compare(contender, Stopwatch.GetElapsedTime(start, end), scenario.Paths, count);
            foreach (Thread thread in threads)
                thread.Join();
            return figures;
        }
        finally
        {
            foreach (Session sender in senders)
                sender.Dispose();
        }
    }

    private static Figures SendWithBird(BgpNetwork network, Contender contender, LoadScenario scenario, Session receiver, RouteCount count)
    {
        BirdGenerator[] birds = [.. Enumerable.Range(0, scenario.Senders)
            .Select(sender => new BirdGenerator(network, FirstSender + sender, Contender.Number, Contender.AutonomousSystem, RoutesOf(scenario, sender)))];
        try
        {
            Idle idle = Settle(contender);
            foreach (BirdGenerator bird in birds)
                bird.Go();
            long end = count.Until(scenario.Expected, receiver, Patience);
            long start = birds.Min(static bird => bird.FirstUpdate());
            return idle.Compare(contender, Stopwatch.GetElapsedTime(start, end), scenario.Paths, count);
        }
        finally
        {
            foreach (BirdGenerator bird in birds)
                bird.Dispose();
        }
    }

    /// <summary>A sender's routes and End-of-RIB; where several send the same, a route at the end that only it has.</summary>
    private static byte[] Stream(LoadScenario scenario, int sender)
    {
        byte[] routes = RoutesOf(scenario, sender).Encode();
        byte[] mark = scenario.SameRoutes ? new RouteSet(MarkNumber + sender, 1, 1, Vrfs, BgpNetwork.Address(FirstSender + sender)).Encode() : [];
        return [.. routes, .. mark, .. BgpBytes.EndOfRib(Family.Vpn4)];
    }

    /// <summary>The process before anything is sent.</summary>
    internal static Idle Settle(Contender contender)
    {
        Thread.Sleep(500);
        return new Idle(ProcessFigures.Of(contender.ProcessId), contender.CollectorPauseMilliseconds);
    }

    internal readonly record struct Idle(ProcessFigures Process, double? PauseMilliseconds)
    {
        /// <summary>What a load took, beside the idle process.</summary>
        internal Figures Compare(Contender contender, TimeSpan elapsed, int paths, RouteCount count)
        {
            ProcessFigures atEnd = ProcessFigures.Of(contender.ProcessId);
            Thread.Sleep(2000); // what was allocated for a moment only may be given back
            ProcessFigures process = ProcessFigures.Of(contender.ProcessId);
            return new Figures
            {
                ["seconds"] = elapsed.TotalSeconds,
                ["bytes per path"] = (double)(process.ResidentBytes - Process.ResidentBytes) / paths,
                ["peak bytes per path"] = (double)(process.PeakBytes - Process.ResidentBytes) / paths,
                ["idle MiB"] = Process.ResidentBytes / (double)(1 << 20),
                ["CPU seconds"] = atEnd.CpuSeconds - Process.CpuSeconds,
                ["messages received"] = count.Messages,
                ["collector's pauses, ms"] = contender.CollectorPauseMilliseconds - PauseMilliseconds ?? double.NaN,
            };
        }
    }
}
