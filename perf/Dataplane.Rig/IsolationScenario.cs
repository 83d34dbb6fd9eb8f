using System.Diagnostics;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Workers;

namespace Dataplane.Rig;

/// <summary>
/// What the host's collector does to a worker (ADR-0001): a worker forwards while this process churns object-graph routes
/// as a careless control plane would. Phases idle and churn alternate, first with isolated workers, then with the same
/// worker in the host's runtime.
/// </summary>
internal static class IsolationScenario
{
    private const int RoutesPerChurn = 1_000_000;

    internal static int Run(Rig rig, IWorkerRuntime isolated, int rounds, double seconds)
    {
        double ticksPerMicrosecond = rig.Eal.TscHz / 1e6;
        var gaps = new Dictionary<(string Runtime, bool Churn), List<double>>();
        foreach (IWorkerRuntime runtime in new[] { isolated, new InProcessWorkers() })
        {
            WorkerHandle worker = rig.StartWorker(runtime);
            Thread.Sleep(500);
            for (int round = 0; round < rounds; round++)
            {
                foreach (bool churn in new[] { false, true })
                {
                    Phase phase = Measure(rig, worker, churn, seconds);
                    double gap = phase.LongestGap / ticksPerMicrosecond;
                    if (!gaps.TryGetValue((runtime.Name, churn), out List<double>? list))
                        gaps[(runtime.Name, churn)] = list = [];
                    list.Add(gap);
                    Console.WriteLine($"{runtime.Name,-10} {(churn ? "churn" : "idle"),-5} {phase.Rate / 1e6,6:f1} Mpps   longest gap "
                        + $"{gap,9:f0} us   {phase.Collections,3} collections, {phase.Pause.TotalMilliseconds,6:f0} ms paused of "
                        + $"{phase.Elapsed.TotalMilliseconds:f0}, {phase.Churned:n0} routes churned");
                }
            }
            Rig.StopWorker(worker);
        }
        double idleWorst = gaps[(isolated.Name, false)].Max();
        double churnMedian = Median(gaps[(isolated.Name, true)]);
        double idleMedian = Median(gaps[(isolated.Name, false)]);
        double inProcess = Median(gaps[("in-process", true)]);
        Console.WriteLine();
        Console.WriteLine($"isolated:   median longest gap idle {idleMedian:f0} us (worst {idleWorst:f0}), churn {churnMedian:f0} us: ratio {churnMedian / idleMedian:f2}");
        Console.WriteLine($"in-process: median longest gap churn {inProcess:f0} us: {inProcess / churnMedian:f0} x the isolated worker's");
        return 0;
    }

    private static Phase Measure(Rig rig, WorkerHandle worker, bool churn, double seconds)
    {
        GC.Collect();
        Thread.Sleep(100);
        worker.ResetLongestGap();
        Thread.Sleep(1);
        int collections = GC.CollectionCount(0);
        TimeSpan pause = GC.GetTotalPauseDuration();
        ulong sent = rig.Product.Datapath.ReadCounters().Received.Tx;
        var clock = Stopwatch.StartNew();
        long churned = 0;
        if (churn)
            churned = Churn(seconds);
        else
            Thread.Sleep(TimeSpan.FromSeconds(seconds));
        TimeSpan elapsed = clock.Elapsed;
        return new Phase(
            (rig.Product.Datapath.ReadCounters().Received.Tx - sent) / elapsed.TotalSeconds,
            worker.LongestGap, GC.CollectionCount(0) - collections, GC.GetTotalPauseDuration() - pause, elapsed, churned);
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

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed record Route(byte[] NextHop, string Target, uint[] Path);

    private readonly record struct Phase(
        double Rate, ulong LongestGap, int Collections, TimeSpan Pause, TimeSpan Elapsed, long Churned);
}
