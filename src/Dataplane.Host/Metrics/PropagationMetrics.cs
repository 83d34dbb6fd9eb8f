using Dataplane.Host.EndSystem;
using Dataplane.Routing.Loop;
using Dataplane.Xmpp.ExternalForwarder;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.Propagation;

namespace Dataplane.Host.Metrics;

/// <summary>How long signaling takes, as histograms in seconds: at a gateway, and at a host with a forwarder (MGT-09).</summary>
internal static class PropagationMetrics
{
    private static readonly double[] Bounds = [.. PropagationHistogram.Bounds];

    /// <summary>What a gateway counted, on the routing thread.</summary>
    public static IReadOnlyList<Series> Read(PropagationTimes times) =>
    [
        .. from cause in Enum.GetValues<PropagationCause>()
           from series in new[] { One(cause, "subscribers", times.ToSubscribers(cause)), One(cause, "peers", times.ToPeers(cause)) }
           select series,
    ];

    /// <summary>What an external forwarder counted of its hosts, on the routing thread.</summary>
    public static IReadOnlyList<Series> Read(HostTimes times) =>
        [.. Enum.GetValues<PropagationCause>().Select(cause => One(cause, "servers", times.ToServers(cause)))];

    /// <summary>Writes what a gateway, or an external forwarder, counted.</summary>
    public static void Write(PrometheusText text, IReadOnlyList<Series> all)
    {
        text.Family("dataplane_signaling_propagation_seconds", MetricKind.Histogram,
            "Time from reading the request of an end-system, or the end of its session, until the last subscriber of the VPN was told, or the first message was queued for a BGP peer; "
            + "at an external forwarder, for the hosts behind it, until the last server with a session has acknowledged. "
            + "Causes: published, withdrawn, closed (session closed in order), lost (the stale timer is in it).");
        foreach (Series series in all)
            text.Histogram(Bounds, [.. series.Counts.Counts], series.Counts.Seconds, new("cause", series.Cause), new("to", series.To));
    }

    /// <summary>Writes what a host with a forwarder counted. Any thread.</summary>
    public static void Write(PrometheusText text, RouteTimes times)
    {
        One("dataplane_endsystem_publish_to_fib_seconds", "Time from when an address is given until its own route, come back from the gateway, is in the forwarding tables.", times.PublishToEntry);
        One("dataplane_endsystem_notification_to_fib_seconds", "Time from reading a notification, or from selecting what BGP or XMPP told the gateway in the same process, until the route to another forwarder is in the forwarding tables.", times.NotificationToEntry);
        text.Family("dataplane_endsystem_fib_to_first_packet_seconds", MetricKind.Histogram,
            "Time from an entry in the forwarding tables to the first packet delivered to its interface (own), or sent through its tunnel (remote), to a millisecond; of the last 64 entries that were written.");
        Labelled(times.EntryToDelivery, "own");
        Labelled(times.EntryToTunnel, "remote");
        text.Family("dataplane_endsystem_first_packet_unseen_total", MetricKind.Counter, "Entries that were given up before a packet was seen: older than 60 seconds, or than 64 others.");
        text.Sample((ulong)times.Unseen);

        void One(string name, string help, PropagationHistogram histogram)
        {
            text.Family(name, MetricKind.Histogram, help);
            DurationCounts read = histogram.Read();
            text.Histogram(Bounds, [.. read.Counts], read.Seconds);
        }

        void Labelled(PropagationHistogram histogram, string route)
        {
            DurationCounts read = histogram.Read();
            text.Histogram(Bounds, [.. read.Counts], read.Seconds, new MetricLabel("route", route));
        }
    }

    private static Series One(PropagationCause cause, string to, PropagationHistogram times) => new(cause.ToString().ToLowerInvariant(), to, times.Read());

    /// <summary>A series of the histogram.</summary>
    internal sealed record Series(string Cause, string To, DurationCounts Counts);
}
