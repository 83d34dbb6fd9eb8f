using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Commands;

/// <summary>Everything the rig measures, in one run and one table.</summary>
internal static class WholeRun
{
    private const int FewPackets = 4096;
    private const int ManyPackets = 65536;

    internal static int Run(SessionOptions options, bool quick)
    {
        using var session = new Session(options, ManyPackets, timesLookups: true);
        foreach (Workload workload in Catalogue.All)
        {
            foreach (int packets in Sizes(workload.Name, quick))
                ForwardingRun.Run(session, workload, packets);
        }
        foreach (int packets in Sizes(Catalogue.Churn.Name, quick))
            ChurnRun.Run(session, packets);
        TwoWorkersRun.Run(session, FewPackets);
        LookupRun.Run(session);
        return session.Finish();
    }

    private static int[] Sizes(string scenario, bool quick) =>
        !quick ? [FewPackets, ManyPackets] : scenario == "vrf10k-routes1m" ? [ManyPackets] : [FewPackets];
}
