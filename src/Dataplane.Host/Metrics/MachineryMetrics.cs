using System.Globalization;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.SlowPath;

namespace Dataplane.Host.Metrics;

/// <summary>Workers, slow path, buffers, rings and devices.</summary>
internal static class MachineryMetrics
{
    /// <summary>Gaps below 2^10 clock ticks, less than a microsecond, share a bucket; so do those of 2^36 and more.</summary>
    private const int LowestBucket = 10;

    private const int HighestBucket = 36;

    /// <summary>Writes them.</summary>
    public static void Write(PrometheusText text, Forwarder forwarder)
    {
        WriteWorkers(text, forwarder);
        WriteSlowPath(text, forwarder.SlowPath);
        WriteMemory(text, forwarder.Devices);
        WriteTables(text, forwarder.Tables);
        forwarder.Plugged.Read(plugged => WriteDevices(text, [.. OfConfiguration(forwarder), .. plugged]));
    }

    /// <summary>The workers' buckets as those of the exposition: one per bound, and the rest.</summary>
    /// <param name="gaps">Element b counts the gaps below 2^b ticks that are not in a lower one.</param>
    internal static ulong[] FoldGaps(ReadOnlySpan<ulong> gaps)
    {
        var counts = new ulong[HighestBucket - LowestBucket + 2];
        for (int bit = 0; bit < gaps.Length; bit++)
            counts[Math.Clamp(bit - LowestBucket, 0, counts.Length - 1)] += gaps[bit];
        return counts;
    }

    private static void WriteWorkers(PrometheusText text, Forwarder forwarder)
    {
        double hz = forwarder.Devices.Eal.TscHz;
        IReadOnlyList<WorkerHandle> workers = forwarder.Workers;
        text.Family("dataplane_worker_running", MetricKind.Gauge, "1 while a worker is in its loop.");
        foreach (WorkerHandle worker in workers)
        {
            text.Sample(worker.State == WorkerState.Running ? 1UL : 0UL, Name(worker),
                new("core", Text(worker.Settings.Cpu ?? -1)), new("runtime", forwarder.Runtime.Name));
        }
        text.Family("dataplane_worker_loops_total", MetricKind.Counter, "Turns of a worker's loop.");
        foreach (WorkerHandle worker in workers)
            text.Sample(worker.Loops, Name(worker));
        text.Family("dataplane_worker_idle_loops_total", MetricKind.Counter, "Turns that found nothing to do.");
        foreach (WorkerHandle worker in workers)
            text.Sample(worker.IdleLoops, Name(worker));
        text.Family("dataplane_worker_longest_gap_seconds", MetricKind.Gauge,
            "Longest time between two turns since the start; time slept on purpose does not count.");
        foreach (WorkerHandle worker in workers)
            text.Sample(worker.LongestGap / hz, Name(worker));
        double[] bounds = [.. Enumerable.Range(LowestBucket, HighestBucket - LowestBucket + 1).Select(bit => Math.Pow(2, bit) / hz)];
        text.Family("dataplane_worker_loop_gap_seconds", MetricKind.Histogram,
            "Time between two turns of a worker's loop; time slept on purpose does not count.");
        foreach (WorkerHandle worker in workers)
            text.Histogram(bounds, FoldGaps(worker.GapHistogram()), worker.GapSum / hz, Name(worker));
    }

    private static void WriteSlowPath(PrometheusText text, SlowPathThread slowPath)
    {
        SlowPathCounters counters = slowPath.Counters;
        text.Family("dataplane_slow_path_packets_total", MetricKind.Counter, "Punted packets by what became of them.");
        text.Sample(counters.Answered, new MetricLabel("disposition", "answered"));
        text.Sample(counters.Forwarded, new MetricLabel("disposition", "forwarded"));
        text.Sample(counters.Consumed, new MetricLabel("disposition", "consumed"));
        text.Sample(counters.Dropped, new MetricLabel("disposition", "dropped"));
        text.Family("dataplane_slow_path_held_packets", MetricKind.Gauge, "Packets that wait for a neighbour.");
        text.Sample(counters.Held);
        text.Family("dataplane_slow_path_sent_packets_total", MetricKind.Counter, "Frames and packets that the slow path sent.");
        text.Sample(counters.Sent);
        text.Family("dataplane_slow_path_dropped_packets_total", MetricKind.Counter, "Packets that the slow path dropped, by reason.");
        foreach (SlowPathDropReason reason in Enum.GetValues<SlowPathDropReason>().Where(static reason => reason != SlowPathDropReason.None))
            text.Sample(counters.Drops(reason), new MetricLabel("reason", reason.Name()));
    }

    private static void WriteMemory(PrometheusText text, ForwarderDevices devices)
    {
        text.Family("dataplane_mempool_buffers", MetricKind.Gauge, "Packet buffers.");
        text.Sample((ulong)devices.Pool.Capacity);
        text.Family("dataplane_mempool_available_buffers", MetricKind.Gauge, "Packet buffers that are free.");
        text.Sample((ulong)devices.Pool.Available);
        (string, Ring)[] rings =
            [("punt", devices.Punts), .. devices.Inject.Select(static (ring, worker) => ($"inject{worker}", ring))];
        text.Family("dataplane_ring_capacity_packets", MetricKind.Gauge, "Packets that a ring between workers and slow path holds.");
        foreach ((string name, Ring ring) in rings)
            text.Sample((ulong)ring.Capacity, new MetricLabel("ring", name));
        text.Family("dataplane_ring_used_packets", MetricKind.Gauge, "Packets in a ring.");
        foreach ((string name, Ring ring) in rings)
            text.Sample((ulong)ring.Count, new MetricLabel("ring", name));
        text.Family("dataplane_huge_pages", MetricKind.Gauge, "1 when DPDK's memory is on huge pages.");
        text.Sample(devices.Eal.UsesHugePages ? 1UL : 0UL);
    }

    private static void WriteTables(PrometheusText text, ForwardingTables tables)
    {
        DataplaneConfiguration configuration = tables.Configuration;
        LimitsConfiguration limits = configuration.Limits;
        (string Table, int Rows, int Capacity)[] sizes =
        [
            ("vrfs", configuration.Vrfs.Count, limits.Vrfs),
            ("interfaces", tables.Interfaces.Count, limits.Interfaces),
            ("tunnels", tables.Datapath.TunnelCount, limits.Tunnels),
            ("routes", configuration.Vrfs.Sum(static vrf => vrf.Routes.Count), limits.Routes),
        ];
        text.Family("dataplane_table_rows", MetricKind.Gauge, "Rows in use; of routes, those that were supplied.");
        foreach ((string table, int rows, _) in sizes)
            text.Sample((ulong)rows, new MetricLabel("table", table));
        text.Family("dataplane_table_capacity_rows", MetricKind.Gauge, "Rows that there may be ('limits').");
        foreach ((string table, _, int capacity) in sizes)
            text.Sample((ulong)capacity, new MetricLabel("table", table));
    }

    private static IEnumerable<PluggedPort> OfConfiguration(Forwarder forwarder) => forwarder.Configuration.Ports.Select((_, row) =>
        new PluggedPort(forwarder.Tables.Ports[row], forwarder.Devices.Ports[row]));

    private static void WriteDevices(PrometheusText text, IReadOnlyList<PluggedPort> ports)
    {
        text.Family("dataplane_port_info", MetricKind.Gauge, "1 for each port, with what it is.");
        foreach ((LivePort port, EthernetPort device) in ports)
        {
            text.Sample(1UL, new("port", port.Settings.Name), new("role", port.Settings.Role.ToString().ToLowerInvariant()),
                new("device", device.Name), new("driver", device.Information.Driver), new("mac", port.Mac.ToString()));
        }
        text.Family("dataplane_port_up", MetricKind.Gauge, "1 when a port's link is up.");
        foreach ((LivePort port, EthernetPort device) in ports)
            text.Sample(device.Link.IsUp ? 1UL : 0UL, new MetricLabel("port", port.Settings.Name));
        PortStatistics[] statistics = [.. ports.Select(static port => port.Device.ReadStatistics())];
        Write("rx_packets", "Packets that the device says it received.", static row => row.RxPackets);
        Write("tx_packets", "Packets that the device says it sent.", static row => row.TxPackets);
        Write("rx_missed_packets", "Packets that the device lost because its receive queue was full.", static row => row.RxMissed);
        Write("rx_errors", "Packets that the device received in error.", static row => row.RxErrors);
        Write("tx_errors", "Packets that the device could not send.", static row => row.TxErrors);
        Write("rx_no_buffer_packets", "Packets that the device lost because no buffer was free.", static row => row.RxNoMbuf);

        void Write(string what, string help, Func<PortStatistics, ulong> column)
        {
            text.Family($"dataplane_port_device_{what}_total", MetricKind.Counter, help);
            for (int row = 0; row < ports.Count; row++)
                text.Sample(column(statistics[row]), new MetricLabel("port", ports[row].Port.Settings.Name));
        }
    }

    private static MetricLabel Name(WorkerHandle worker) => new("worker", Text(worker.Index));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
