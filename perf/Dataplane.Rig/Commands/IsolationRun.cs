using System.Diagnostics;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Workers;
using Dataplane.Rig.Contenders;
using Dataplane.Rig.Measuring;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Commands;

/// <summary>
/// What the host's collector does to a worker (ADR-0001): a worker forwards while this process churns object-graph routes
/// as a careless control plane would. Phases idle and churn alternate, first with isolated workers, then with the same
/// worker in the host's runtime.
/// </summary>
internal static class IsolationRun
{
    private const int RoutesPerChurn = 1_000_000;

    internal static void Run(Session session, int packets, int rounds, double seconds)
    {
        IWorkerRuntime isolated = session.Runtime;
        double ticksPerMicrosecond = session.Devices.Eal.TscHz / 1e6;
        Workload workload = Catalogue.Find("encap4-gre");
        Topology topology = workload.Topology();
        using var product = new ProductDatapath(session.Devices.Eal, topology);
        using EthernetPort source = session.Devices.OpenLoop([Traffic.Make(workload, topology, packets, seed: 1)]);
        using EthernetPort sink = session.Devices.OpenSink(threads: 1);
        product.Connect(source, sink);
        var gaps = new Dictionary<(string Runtime, bool Churn), List<double>>();
        foreach (IWorkerRuntime runtime in new[] { isolated, new InProcessWorkers() })
        {
            using var worker = new RunningWorker(runtime, product.CreateWorker(session.Options.Cpu));
            Thread.Sleep(500);
            for (int round = 0; round < rounds; round++)
            {
                foreach (bool churn in new[] { false, true })
                {
                    Phase phase = Measure(worker, churn, seconds);
                    double gap = phase.LongestGap / ticksPerMicrosecond;
                    if (!gaps.TryGetValue((runtime.Name, churn), out List<double>? list))
                        gaps[(runtime.Name, churn)] = list = [];
                    list.Add(gap);
                    Console.WriteLine($"{runtime.Name,-10} {(churn ? "churn" : "idle"),-5} {phase.Rate / 1e6,6:f1} Mpps   longest gap "
                        + $"{gap,9:f0} us   {phase.Collections,3} collections, {phase.Pause.TotalMilliseconds,6:f0} ms paused of "
                        + $"{phase.Elapsed.TotalMilliseconds:f0}, {phase.Churned:n0} routes churned; {phase.Waited:p1} waiting for the CPU");
                }
            }
        }
        double idleWorst = gaps[(isolated.Name, false)].Max();
        double churnMedian = Statistics.Median(gaps[(isolated.Name, true)]);
        double idleMedian = Statistics.Median(gaps[(isolated.Name, false)]);
        double inProcess = Statistics.Median(gaps[("in-process", true)]);
        Console.WriteLine();
        Console.WriteLine($"isolated:   median longest gap idle {idleMedian:f0} us (worst {idleWorst:f0}), churn {churnMedian:f0} us: ratio {churnMedian / idleMedian:f2}");
        Console.WriteLine($"in-process: median longest gap churn {inProcess:f0} us: {inProcess / churnMedian:f0} x the isolated worker's");
    }

    private static Phase Measure(RunningWorker worker, bool churn, double seconds)
    {
        GC.Collect();
        Thread.Sleep(100);
        worker.Handle.ResetLongestGap();
        Thread.Sleep(1);
        int collections = GC.CollectionCount(0);
        TimeSpan pause = GC.GetTotalPauseDuration();
        ulong sent = worker.Received.Tx;
        long waited = Threads.WaitedNanoseconds(worker.ThreadId);
        var clock = Stopwatch.StartNew();
        long churned = 0;
        if (churn)
            churned = Churn(seconds);
        else
            Thread.Sleep(TimeSpan.FromSeconds(seconds));
        TimeSpan elapsed = clock.Elapsed;
        return new Phase(
            (worker.Received.Tx - sent) / elapsed.TotalSeconds,
            worker.Handle.LongestGap, GC.CollectionCount(0) - collections, GC.GetTotalPauseDuration() - pause, elapsed, churned,
            (Threads.WaitedNanoseconds(worker.ThreadId) - waited) / elapsed.TotalNanoseconds);
    }

    private static long Churn(double seconds)
    {
        var rib = new Dictionary<ulong, Route>();
        var clock = Stopwatch.StartNew();
        long changes = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            for (int i = 0; i < RoutesPerChurn / 10; i++, changes++)
            {
                rib[(ulong)(changes % RoutesPerChurn) * 7919] =
                    new Route(new byte[16], $"target:64512:{changes % 1000}", [(uint)changes, 64512]);
            }
        }
        GC.KeepAlive(rib);
        return changes;
    }

    private sealed record Route(byte[] NextHop, string Target, uint[] Path);

    private readonly record struct Phase(
        double Rate, ulong LongestGap, int Collections, TimeSpan Pause, TimeSpan Elapsed, long Churned, double Waited);
}
