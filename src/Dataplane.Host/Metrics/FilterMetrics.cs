using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Forwarding;
using Dataplane.Net;

namespace Dataplane.Host.Metrics;

/// <summary>Flow specifications of VRFs in the forwarder: a series for each rule that is installed (SIG-20).</summary>
internal static class FilterMetrics
{
    /// <summary>Writes them.</summary>
    public static void Write(PrometheusText text, Forwarder forwarder)
    {
        var rows = new List<(MetricLabel[] Labels, FilterCount Count)>();
        foreach ((string name, VrfId vrf) in forwarder.Tables.VrfNames)
        {
            foreach (AddressFamily family in (ReadOnlySpan<AddressFamily>)[AddressFamily.Ipv4, AddressFamily.Ipv6])
            {
                string word = family == AddressFamily.Ipv6 ? "ipv6" : "ipv4";
                foreach (FilterReading reading in forwarder.Tables.Datapath.ReadFilters(vrf, family))
                    rows.Add(([new("vrf", name), new("family", word), new("rule", reading.Rule.Name)], reading.Count));
            }
        }
        Write(text, "dataplane_filter_packets_total", "Packets that a flow specification of a VRF matched.", rows, static count => count.Packets);
        Write(text, "dataplane_filter_bytes_total", "Packets that a flow specification of a VRF matched, bytes of them.", rows, static count => count.Bytes);
        Write(text, "dataplane_filter_dropped_packets_total", "Packets that a flow specification of a VRF dropped.", rows, static count => count.Dropped);
        text.Family("dataplane_filters_not_installed", MetricKind.Gauge, "Flow specifications of VRFs that are there and not installed: too many.");
        text.Sample((ulong)Math.Max(0, forwarder.Tables.Filters.NotInstalled));
    }

    private static void Write(
        PrometheusText text, string name, string help, List<(MetricLabel[] Labels, FilterCount Count)> rows, Func<FilterCount, ulong> read)
    {
        text.Family(name, MetricKind.Counter, help);
        foreach ((MetricLabel[] labels, FilterCount count) in rows)
            text.Sample(read(count), labels);
    }
}
