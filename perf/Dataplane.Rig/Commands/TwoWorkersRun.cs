using Dataplane.Dpdk;
using Dataplane.Rig.Contenders;
using Dataplane.Rig.Reporting;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Commands;

/// <summary>
/// One worker on one queue against two workers on two queues, the control plane idle. Two bare C loops beside them tell what
/// the machine itself gives to two cores.
/// </summary>
internal static class TwoWorkersRun
{
    // The second core is the one that the system and this process's other threads live on.
    private const double MostWaited = 0.02;

    internal static void Run(Session session, int packets)
    {
        Workload workload = Catalogue.Find("encap4-gre");
        Topology topology = workload.Topology();
        int other = AllowedOther(session.Options.Cpu);
        using var product = new ProductDatapath(session.Devices.Eal, topology);
        using EthernetPort source = session.Devices.OpenLoop(
            [Traffic.Make(workload, topology, packets, seed: 1), Traffic.Make(workload, topology, packets, seed: 2)]);
        using EthernetPort sink = session.Devices.OpenSink(threads: 2);
        int[] one = [session.Options.Cpu];
        int[] two = [session.Options.Cpu, other];
        IContender[] contenders =
        [
            new Product("one", product, session.Runtime, source, sink, one),
            new Product("two", product, session.Runtime, source, sink, two),
            new CLoop("bare-one", session.Devices, null, source, sink, one),
            new CLoop("bare-two", session.Devices, null, source, sink, two),
        ];
        var scenario = new ScenarioResult
        {
            Name = "two-workers",
            Description = $"traffic of encap4-gre on two queues: one worker on CPU {one[0]}, then two on CPUs {one[0]} and {other}",
            Packets = packets,
            Series = [],
            Ratios = [],
        };
        session.Measure(scenario, contenders, [(Targets.TwoToOne, 1, 0), ("bare-two/bare-one", 3, 2)], mostWaited: MostWaited);
    }

    private static int AllowedOther(int cpu) => cpu == 0 ? 1 : cpu - 1;
}
