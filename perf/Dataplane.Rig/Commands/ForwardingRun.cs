using Dataplane.Dpdk;
using Dataplane.Rig.Contenders;
using Dataplane.Rig.Reporting;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Commands;

/// <summary>One workload: a C loop that only moves packets, the C forwarder and ours, in alternation over the same devices.</summary>
internal static class ForwardingRun
{
    private const int Seed = 1;
    private const int FcsBytes = 4;

    internal static void Run(Session session, Workload workload, int packets)
    {
        Topology topology = workload.Topology();
        List<byte[]> frames = Traffic.Make(workload, topology, packets, Seed);
        using var product = new ProductDatapath(session.Devices.Eal, topology);
        using var peer = new CPeer(topology, session.Options.Peer);
        SelfCheck.Run(session.Devices, topology, product, session.Runtime, peer, frames);
        using EthernetPort source = session.Devices.OpenLoop([frames]);
        using EthernetPort sink = session.Devices.OpenSink(threads: 1);
        int[] cpus = [session.Options.Cpu];
        IContender[] contenders =
        [
            new CLoop("bare", session.Devices, null, source, sink, cpus),
            new CLoop("C", session.Devices, peer, source, sink, cpus),
            new Product("dataplane", product, session.Runtime, source, sink, cpus),
        ];
        var scenario = new ScenarioResult
        {
            Name = workload.Name,
            Description = workload.Description,
            Packets = packets,
            FrameBytes = frames.Average(static frame => frame.Length) + FcsBytes,
            Series = [],
            Ratios = [],
            Notes = new Dictionary<string, string> { ["C peer"] = peer.Description },
        };
        session.Measure(scenario, contenders, [(Targets.ToBare, 2, 0), (Targets.ToC, 2, 1)]);
    }

    /// <summary>Only the self-check.</summary>
    internal static void Check(Session session, Workload workload, int packets)
    {
        Topology topology = workload.Topology();
        using var product = new ProductDatapath(session.Devices.Eal, topology);
        using var peer = new CPeer(topology, session.Options.Peer);
        SelfCheck.Run(session.Devices, topology, product, session.Runtime, peer, Traffic.Make(workload, topology, packets, Seed));
        Session.Say($"{workload.Name}: {packets} packets alike");
    }

    /// <summary>Runs ours alone for some seconds, so that a profiler can be attached to the worker's thread.</summary>
    internal static void RunAlone(Session session, Workload workload, int packets, double seconds)
    {
        Topology topology = workload.Topology();
        List<byte[]> frames = Traffic.Make(workload, topology, packets, Seed);
        using var product = new ProductDatapath(session.Devices.Eal, topology);
        using EthernetPort source = session.Devices.OpenLoop([frames]);
        using EthernetPort sink = session.Devices.OpenSink(threads: 1);
        product.Connect(source, sink);
        using var worker = new RunningWorker(session.Runtime, product.CreateWorker(session.Options.Cpu));
        Session.Say($"process {Environment.ProcessId}, worker thread {worker.ThreadId}: perf record -e cpu-clock -t {worker.ThreadId}");
        for (double left = seconds; left > 0; left--)
        {
            Window window = Product.Measure([worker], () => Thread.Sleep(TimeSpan.FromSeconds(Math.Min(left, 1))));
            Session.Say($"{workload.Name}: {window.Rate / 1e6:f2} Mpps, {window.Waited:p1} waiting for the CPU");
        }
    }
}
