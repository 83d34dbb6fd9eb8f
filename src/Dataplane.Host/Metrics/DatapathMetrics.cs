using System.Globalization;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;

namespace Dataplane.Host.Metrics;

/// <summary>
/// The datapath's counters: the same as in a replay's <c>counters.json</c>, reasons without occurrence included. Bytes of
/// ports are those of frames without FCS, all others those of tenants' IP packets.
/// </summary>
internal static class DatapathMetrics
{
    /// <summary>Writes them.</summary>
    public static void Write(PrometheusText text, Forwarder forwarder)
    {
        DataplaneConfiguration configuration = forwarder.Configuration;
        IReadOnlyList<LivePort> ports = forwarder.Tables.Ports;
        IReadOnlyList<LiveInterface> interfaces = forwarder.Tables.Interfaces; // before the counters: these have their rows
        DatapathCounters counters = forwarder.Tables.Datapath.ReadCounters();
        WriteLedgers(text, counters);
        WriteReasons(text, counters);
        WritePorts(text, ports, counters);
        WriteInterfaces(text, interfaces, counters);
        WriteVrfs(text, configuration, counters);
        WriteLabels(text, configuration, interfaces, counters);
        WriteTunnels(text, forwarder, counters);
    }

    private static void WriteLedgers(PrometheusText text, DatapathCounters counters)
    {
        text.Family("dataplane_ledger_packets_total", MetricKind.Counter,
            "Packets of each ledger: received by ports, or injected by the slow path. rx = tx + punted + dropped.");
        foreach ((string name, Ledger ledger) in new[] { ("received", counters.Received), ("injected", counters.Injected) })
        {
            foreach ((string column, ulong packets) in new[]
                { ("rx", ledger.Rx), ("tx", ledger.Tx), ("punted", ledger.Punted), ("dropped", ledger.Dropped) })
            {
                text.Sample(packets, new("ledger", name), new("column", column));
            }
        }
    }

    private static void WriteReasons(PrometheusText text, DatapathCounters counters)
    {
        text.Family("dataplane_dropped_packets_total", MetricKind.Counter, "Packets that the fast path dropped, by reason.");
        foreach (DropReason reason in Enum.GetValues<DropReason>().Where(static reason => reason != DropReason.None))
            text.Sample(counters.Drops[(int)reason], new MetricLabel("reason", ReasonNames.Name(reason)));
        text.Family("dataplane_punted_packets_total", MetricKind.Counter, "Packets handed to the slow path, by reason.");
        foreach (PuntReason reason in Enum.GetValues<PuntReason>().Where(static reason => reason != PuntReason.None))
            text.Sample(counters.Punts[(int)reason], new MetricLabel("reason", ReasonNames.Name(reason)));
    }

    private static void WritePorts(PrometheusText text, IReadOnlyList<LivePort> ports, DatapathCounters counters)
    {
        MetricLabel[][] labels = LabelsOf("port", ports.Select(static port => port.Settings.Name));
        WritePair(text, "dataplane_port_rx", "Frames taken from a port", labels, row => counters.PortRx[ports[row].Id.Value]);
        WritePair(text, "dataplane_port_tx", "Frames given to a port", labels, row => counters.PortTx[ports[row].Id.Value]);
    }

    private static void WriteInterfaces(PrometheusText text, IReadOnlyList<LiveInterface> interfaces, DatapathCounters counters)
    {
        MetricLabel[][] labels = [.. interfaces.Select(static live => new MetricLabel[]
            { new("interface", live.Settings.Name), new("vrf", live.Settings.Vrf), new("port", live.Settings.Port) })];
        WritePair(text, "dataplane_interface_rx", "Packets classified to a virtual interface", labels, row => counters.InterfaceRx[interfaces[row].Id.Row]);
        WritePair(text, "dataplane_interface_tx", "Packets delivered to a virtual interface", labels, row => counters.InterfaceTx[interfaces[row].Id.Row]);
        text.Family("dataplane_interface_dropped_packets_total", MetricKind.Counter,
            "Packets dropped after classification to a virtual interface, or at delivery.");
        for (int row = 0; row < labels.Length; row++)
            text.Sample(counters.InterfaceDrops[interfaces[row].Id.Row], labels[row]);
    }

    private static void WriteVrfs(PrometheusText text, DataplaneConfiguration configuration, DatapathCounters counters)
    {
        MetricLabel[][] labels = LabelsOf("vrf", configuration.Vrfs.Select(static vrf => vrf.Name));
        WritePair(text, "dataplane_vrf_encapsulated", "Packets of a VRF sent through tunnels", labels, row => counters.VrfEncapsulated[row]);
        WritePair(text, "dataplane_vrf_decapsulated", "Packets accepted with a label of a VRF", labels, row => counters.VrfDecapsulated[row]);
        WritePair(text, "dataplane_vrf_local", "Packets of a VRF from interface to interface", labels, row => counters.VrfLocal[row]);
    }

    private static void WriteLabels(
        PrometheusText text, DataplaneConfiguration configuration, IReadOnlyList<LiveInterface> interfaces, DatapathCounters counters)
    {
        var rows = new List<(MetricLabel[] Labels, PacketCount Count)>();
        foreach (LiveInterface live in interfaces)
        {
            InterfaceConfiguration owner = live.Settings;
            rows.Add((Labels(owner.Label.Value, owner.Vrf, owner.Name), counters.InterfaceLabels[live.Id.Row]));
        }
        for (int i = 0; i < configuration.Vrfs.Count; i++)
        {
            if (configuration.Vrfs[i].Label is { } label)
                rows.Add((Labels(label.Value, configuration.Vrfs[i].Name, ""), counters.AggregateLabels[i]));
        }
        WritePair(text, "dataplane_label", "Packets accepted with a label of ours", [.. rows.Select(static row => row.Labels)], row => rows[row].Count);

        static MetricLabel[] Labels(uint label, string vrf, string owner) =>
            [new("label", label.ToString(CultureInfo.InvariantCulture)), new("vrf", vrf), new("interface", owner)];
    }

    private static void WriteTunnels(PrometheusText text, Forwarder forwarder, DatapathCounters counters)
    {
        IReadOnlyList<(RemoteForwarder Remote, bool IsResolved)> remotes = forwarder.SlowPath.ResolvedRemotes;
        MetricLabel[][] labels = LabelsOf("remote", remotes.Select(static row => row.Remote.Address.ToString()));
        WritePair(text, "dataplane_tunnel", "Packets sent to a remote forwarder", labels,
            row => remotes[row].Remote.Tunnel is { } tunnel && tunnel.Value < counters.Tunnels.Length ? counters.Tunnels[tunnel.Value] : default);
        text.Family("dataplane_tunnel_resolved", MetricKind.Gauge,
            "1 when the underlay neighbour towards a remote forwarder is resolved, 0 when packets to it wait or are dropped.");
        for (int row = 0; row < remotes.Count; row++)
            text.Sample(remotes[row].IsResolved ? 1UL : 0UL, labels[row]);
    }

    private static MetricLabel[][] LabelsOf(string label, IEnumerable<string> values) =>
        [.. values.Select(value => new[] { new MetricLabel(label, value) })];

    private static void WritePair(
        PrometheusText text, string prefix, string help, MetricLabel[][] labels, Func<int, PacketCount> count)
    {
        text.Family(prefix + "_packets_total", MetricKind.Counter, help + ".");
        for (int row = 0; row < labels.Length; row++)
            text.Sample(count(row).Packets, labels[row]);
        text.Family(prefix + "_bytes_total", MetricKind.Counter, help + ", bytes of them.");
        for (int row = 0; row < labels.Length; row++)
            text.Sample(count(row).Bytes, labels[row]);
    }
}
