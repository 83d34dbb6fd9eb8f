using System.Diagnostics;
using System.Globalization;

namespace Dataplane.Host.Metrics;

/// <summary>This process and its runtime. Isolated workers are in the process's numbers but not in the collector's.</summary>
internal static class ProcessMetrics
{
    /// <summary>Writes them.</summary>
    public static void Write(PrometheusText text)
    {
        using var process = Process.GetCurrentProcess();
        text.Family("process_cpu_seconds_total", MetricKind.Counter, "Processor time of all threads, workers included.");
        text.Sample(process.TotalProcessorTime.TotalSeconds);
        text.Family("process_resident_memory_bytes", MetricKind.Gauge, "Resident memory.");
        text.Sample((ulong)process.WorkingSet64);
        text.Family("process_start_time_seconds", MetricKind.Gauge, "When the process started, since 1970-01-01 UTC.");
        text.Sample((process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        text.Family("process_threads", MetricKind.Gauge, "Threads of the process.");
        text.Sample((ulong)process.Threads.Count);

        text.Family("dotnet_gc_collections_total", MetricKind.Counter, "Collections of the host's runtime, by oldest generation collected.");
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            // The runtime counts a collection in the younger generations too.
            int older = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
            text.Sample(
                (ulong)Math.Max(0, GC.CollectionCount(generation) - older),
                new MetricLabel("generation", generation.ToString(CultureInfo.InvariantCulture)));
        }
        text.Family("dotnet_gc_pause_seconds_total", MetricKind.Counter, "Time that the collector stopped the host's threads.");
        text.Sample(GC.GetTotalPauseDuration().TotalSeconds);
        text.Family("dotnet_gc_allocated_bytes_total", MetricKind.Counter, "Bytes allocated in the host's heap.");
        text.Sample((ulong)GC.GetTotalAllocatedBytes());
        text.Family("dotnet_gc_heap_bytes", MetricKind.Gauge, "Bytes of the host's heap in use.");
        text.Sample((ulong)GC.GetTotalMemory(forceFullCollection: false));
    }
}
