using System.Globalization;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Management;
using Dataplane.SlowPath;

namespace Dataplane.Host.Metrics;

/// <summary>Elections of forwarders on access ports (MGT-08).</summary>
internal static class VrrpMetrics
{
    /// <summary>Writes them; nothing where there are none.</summary>
    public static void Write(PrometheusText text, Forwarder forwarder)
    {
        IReadOnlyList<VrrpElection> elections = forwarder.SlowPath.Service.Processor.Elections.All;
        if (elections.Count == 0)
            return;
        MetricLabel[][] labels = [.. elections.Select(election => new MetricLabel[]
        {
            new("port", forwarder.Configuration.Ports[election.Settings.Port.Value].Name),
            new("family", VrrpView.Word(election.Settings.Family)),
            new("vrid", election.Settings.VirtualRouterId.ToString(CultureInfo.InvariantCulture)),
        })];
        text.Family("dataplane_vrrp_master", MetricKind.Gauge, "1 while we serve the port's hosts, 0 while another forwarder does or nobody was elected yet.");
        Each(static election => election.State == VrrpState.Master ? 1UL : 0UL);
        text.Family("dataplane_vrrp_became_master_total", MetricKind.Counter, "Times that we became master.");
        Each(static election => election.Counters.BecameMaster);
        text.Family("dataplane_vrrp_ceased_master_total", MetricKind.Counter, "Times that we ceased to be master.");
        Each(static election => election.Counters.CeasedMaster);
        text.Family("dataplane_vrrp_sent_advertisements_total", MetricKind.Counter, "Advertisements sent.");
        Each(static election => election.Counters.Sent);
        text.Family("dataplane_vrrp_received_advertisements_total", MetricKind.Counter, "Advertisements taken into account.");
        Each(static election => election.Counters.Received);
        text.Family("dataplane_vrrp_discarded_packets_total", MetricKind.Counter, "VRRP packets discarded, by reason.");
        for (int row = 0; row < elections.Count; row++)
        {
            foreach (VrrpFault fault in Enum.GetValues<VrrpFault>().Where(static fault => fault != VrrpFault.None))
                text.Sample(elections[row].Counters.Discarded(fault), [.. labels[row], new("reason", fault.Name())]);
        }

        void Each(Func<VrrpElection, ulong> value)
        {
            for (int row = 0; row < elections.Count; row++)
                text.Sample(value(elections[row]), labels[row]);
        }
    }
}
