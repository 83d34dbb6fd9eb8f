using Dataplane.Dpdk;
using Dataplane.Rig.Contenders;
using Dataplane.Rig.Reporting;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Commands;

/// <summary>
/// Forwarding while the control thread, on another core, changes a million routes without pause: routes that carry traffic
/// are replaced, the others are replaced, withdrawn and added again. Windows with and without churn alternate over the same
/// tables.
/// </summary>
internal static class ChurnRun
{
    internal static void Run(Session session, int packets)
    {
        Workload workload = Catalogue.Churn;
        Topology topology = workload.Topology();
        using var product = new ProductDatapath(session.Devices.Eal, topology);
        using EthernetPort source = session.Devices.OpenLoop([Traffic.Make(workload, topology, packets, seed: 1)]);
        using EthernetPort sink = session.Devices.OpenSink(threads: 1);
        var churner = new Churner(product, topology, workload.BusyVrfs!.Value);
        int[] cpus = [session.Options.Cpu];
        IContender[] contenders =
        [
            new Product("quiet", product, session.Runtime, source, sink, cpus),
            new Product("churn", product, session.Runtime, source, sink, cpus, churner.Run),
        ];
        session.Measure(new ScenarioResult
        {
            Name = workload.Name,
            Description = workload.Description,
            Packets = packets,
            Series = [],
            Ratios = [],
        }, contenders, [(Targets.WithChurn, 1, 0)], () => new Dictionary<string, string>
        {
            ["changes per second"] = $"{churner.Changes / churner.Elapsed.TotalSeconds:n0}",
            ["changes"] = $"{churner.Changes:n0}",
        });
    }
}
