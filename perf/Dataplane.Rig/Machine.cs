using Dataplane.Forwarding.Workers;

namespace Dataplane.Rig;

/// <summary>States the rig above every table.</summary>
internal static class Machine
{
    internal static void Describe(IWorkerRuntime runtime, Rig rig)
    {
        string model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[1].Trim() ?? "unknown CPU";
        Console.WriteLine($"{model}, {Environment.ProcessorCount} CPUs, TSC {rig.Eal.TscHz / 1e9:f2} GHz; {rig.Eal.Version}; "
            + $"{(rig.Eal.UsesHugePages ? "huge pages" : "no huge pages")}; worker {runtime.Name}, {runtime.VectorBits}-bit vectors, "
            + $"CPU {rig.WorkerCpu}; virtual devices net_pcap -> net_null, {Traffic.FrameBytes + 4}-byte frames with FCS");
    }
}
