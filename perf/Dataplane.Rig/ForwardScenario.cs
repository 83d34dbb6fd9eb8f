using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Workers;

namespace Dataplane.Rig;

/// <summary>
/// The bare rate: 64-byte frames, VLAN → VRF → MPLS-over-GRE with everything on, against a C loop over the same devices
/// that does nothing. Rounds alternate; the table gives medians and the ratio.
/// </summary>
internal static class ForwardScenario
{
    internal static int Run(Rig rig, IWorkerRuntime runtime, int rounds, double seconds)
    {
        var ours = new List<double>();
        var bare = new List<double>();
        for (int round = 0; round < rounds; round++)
        {
            bare.Add(rig.MeasureBareLoop(seconds));
            WorkerHandle worker = rig.StartWorker(runtime);
            Thread.Sleep(200);
            ours.Add(rig.MeasureRate(seconds));
            Rig.StopWorker(worker);
            Console.WriteLine($"round {round + 1}: bare C loop {bare[^1] / 1e6:f1} Mpps, encap4-gre {ours[^1] / 1e6:f1} Mpps");
        }
        Console.WriteLine();
        Console.WriteLine("scenario              median Mpps   min-max       ratio to bare C loop");
        Console.WriteLine($"bare C loop           {Median(bare) / 1e6,11:f1}   {Spread(bare)}");
        Console.WriteLine($"encap4-gre (64x1000)  {Median(ours) / 1e6,11:f1}   {Spread(ours)}   {Median(ours) / Median(bare):f2}");
        return 0;
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Spread(List<double> values) => $"{values.Min() / 1e6:f1}-{values.Max() / 1e6:f1}".PadRight(11);
}
