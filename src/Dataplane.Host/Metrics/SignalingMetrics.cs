using Dataplane.Host.Management;
using Dataplane.Host.Signaling;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Host.Metrics;

/// <summary>The metrics of a gateway's XMPP side (MGT-08): one series per reason, and per client where that is configured; never one per route.</summary>
internal static class SignalingMetrics
{
    /// <summary>Reads them, on the routing thread.</summary>
    /// <param name="signaling">The XMPP side.</param>
    /// <param name="perClient">Whether each client has series of its own.</param>
    public static Reading Read(SignalingRuntime signaling, bool perClient)
    {
        SignalingCounters counters = signaling.Gateway.Counters;
        return new(
            perClient ? [.. signaling.Gateway.ClientIds.Select(signaling.Gateway.ClientOf).OfType<ClientView>()] : [],
            signaling.Gateway.Totals(),
            signaling.Gateway.SessionCount,
            signaling.Gateway.SubscriptionCount,
            [.. Enum.GetValues<RefusalReason>().Select(reason => (reason, counters.RefusalsOf(reason)))],
            [
                ("dataplane_signaling_sessions_total", "Sessions of end-systems that were opened.", counters.Sessions),
                ("dataplane_signaling_displaced_total", "Sessions that a newer one of the same address took the place of.", counters.Displaced),
                ("dataplane_signaling_names_refused_total", "Sessions refused for the name of the end-system.", counters.NamesRefused),
                ("dataplane_signaling_cut_total", "Sessions that were cut since the client took nothing.", counters.Cut),
                ("dataplane_signaling_requests_total", "Requests of end-systems that were done.", counters.Requests),
                ("dataplane_signaling_pending_dropped_total", "Published addresses that nobody put into a VPN in time.", counters.PendingDropped),
                ("dataplane_signaling_stale_swept_total", "Publications that went when the stale timer expired.", counters.StaleSwept),
                ("dataplane_signaling_revoked_total", "Publications and subscriptions that went since they are not provisioned any more.", counters.Revoked),
                ("dataplane_signaling_notifications_total", "Routes and withdrawals told, each once per subscriber.", counters.Notifications),
                ("dataplane_signaling_event_bytes_total", "Octets of events that were queued.", counters.EventOctets),
                ("dataplane_signaling_untimed_total", "Changes whose propagation was not timed since too many were under way.", signaling.Gateway.Times.Untimed),
                ("dataplane_signaling_encodings_total", "Batches of events that were encoded, each for all subscribers of a VPN.", counters.Encodings),
            ],
            PropagationMetrics.Read(signaling.Gateway.Times),
            signaling.Server.Counters,
            signaling.Server.Unbound);
    }

    /// <summary>Writes them.</summary>
    public static void Write(PrometheusText text, Reading reading)
    {
        Gauge("dataplane_signaling_sessions", "Sessions of end-systems.", reading.Sessions);
        SignalingTotals totals = reading.Sums;
        Gauge("dataplane_signaling_clients", "End-systems, those whose session was lost a short while ago included.", totals.Clients);
        Gauge("dataplane_signaling_subscriptions", "Subscriptions.", reading.Subscriptions);
        Gauge("dataplane_signaling_publications", "Publications in a VPN.", totals.Publications);
        Gauge("dataplane_signaling_pending", "Published addresses that wait for their VPN.", totals.Pending);
        Gauge("dataplane_signaling_stale", "Publications and subscriptions of lost sessions.", totals.Stale);
        Gauge("dataplane_signaling_stale_timers", "Stale timers that run.", totals.StaleTimers);
        Gauge("dataplane_signaling_blocked", "End-systems that take nothing at the moment.", totals.Blocked);
        Gauge("dataplane_signaling_queue_bytes", "Octets that wait until end-systems take them.", totals.QueuedOctets);
        Gauge("dataplane_signaling_oldest_session_seconds", "Age of the oldest session.", (long)totals.OldestSession.TotalSeconds);
        foreach ((var name, var help, var value) in reading.Totals)
        {
            Counter(name, help, value);
        }

        text.Family("dataplane_signaling_refused_total", MetricKind.Counter, "Requests of end-systems that were refused, by reason.");
        foreach ((RefusalReason reason, var count) in reading.Refusals)
        {
            text.Sample((ulong)count, new MetricLabel("reason", Words.Of(reason)));
        }

        PropagationMetrics.Write(text, reading.Times);
        WriteStreams(text, reading);
        if (reading.Clients.Count == 0)
        {
            return;
        }

        Each("dataplane_signaling_client_up", "1 when the end-system has a session.", static client => client.Bound is null ? 0 : 1);
        Each("dataplane_signaling_client_session_age_seconds", "Age of the session.", static client => (long)client.Age.TotalSeconds);
        Each("dataplane_signaling_client_subscriptions", "Subscriptions of an end-system.", static client => client.Subscriptions);
        Each("dataplane_signaling_client_publications", "Publications of an end-system in a VPN.", static client => client.Publications);
        Each("dataplane_signaling_client_pending", "Published addresses of an end-system that wait for their VPN.", static client => client.Pending);
        Each("dataplane_signaling_client_unanswered_pings", "Pings since the end-system said something last.", static client => client.UnansweredPings);
        Each("dataplane_signaling_client_queue_bytes", "Octets that wait until the end-system takes them.", static client => client.QueuedOctets);

        void Gauge(string name, string help, long value)
        {
            text.Family(name, MetricKind.Gauge, help);
            text.Sample((ulong)value);
        }

        void Counter(string name, string help, long value)
        {
            text.Family(name, MetricKind.Counter, help);
            text.Sample((ulong)value);
        }

        void Each(string name, string help, Func<ClientView, long> value)
        {
            text.Family(name, MetricKind.Gauge, help);
            foreach (ClientView client in reading.Clients)
            {
                text.Sample((ulong)value(client), new MetricLabel("client", client.Jid.ToString()));
            }
        }
    }

    private static void WriteStreams(PrometheusText text, Reading reading)
    {
        XmppCounters streams = reading.Streams;
        text.Family("dataplane_xmpp_unbound_connections", MetricKind.Gauge, "Connections that are not bound yet.");
        text.Sample((ulong)reading.Unbound);
        foreach ((var name, var help, var value) in new[]
            {
                ("dataplane_xmpp_connections_total", "Connections accepted.", streams.Connections),
                ("dataplane_xmpp_connections_refused_total", "Connections refused because there were too many.", streams.Refused),
                ("dataplane_xmpp_tls_failures_total", "TLS handshakes that failed.", streams.TlsFailures),
                ("dataplane_xmpp_authentication_failures_total", "SASL attempts that failed.", streams.AuthenticationFailures),
                ("dataplane_xmpp_ping_timeouts_total", "Sessions whose peer did not answer pings or took nothing.", streams.TimedOut),
                ("dataplane_xmpp_pings_missed_total", "Pings that were not answered before the next one was due.", streams.PingsMissed),
                ("dataplane_xmpp_violations_total", "Streams that ended because the peer did what it must not do.", streams.Violations),
                ("dataplane_xmpp_stanzas_received_total", "Stanzas received on bound streams.", streams.StanzasIn),
                ("dataplane_xmpp_sent_bytes_total", "Octets of stanzas that were written.", streams.OctetsOut),
                ("dataplane_xmpp_sends_refused_total", "Stanzas that a full queue refused.", streams.SendsRefused),
            })
        {
            text.Family(name, MetricKind.Counter, help);
            text.Sample((ulong)value);
        }
    }

    /// <summary>What is shown.</summary>
    internal sealed record Reading(
        IReadOnlyList<ClientView> Clients, SignalingTotals Sums, int Sessions, int Subscriptions, IReadOnlyList<(RefusalReason Reason, long Count)> Refusals,
        IReadOnlyList<(string Name, string Help, long Value)> Totals, IReadOnlyList<PropagationMetrics.Series> Times, XmppCounters Streams, int Unbound);
}
