using Dataplane.Host.EndSystem;

namespace Dataplane.Host.Metrics;

/// <summary>The metrics of the client side of signaling: of agents and of external forwarders (MGT-08). One series per server, or per reason; never one per route.</summary>
internal static class EndSystemMetrics
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Writes them; nothing when the thread that owns them does not answer.</summary>
    public static void Write(PrometheusText text, EndSystemRuntime runtime)
    {
        Task<Reading> reading = runtime.Loop.InvokeAsync(() => Read(runtime));
        if (reading.Wait(Patience))
        {
            Write(text, reading.Result);
        }
    }

    private static Reading Read(EndSystemRuntime runtime) => new(
        [.. runtime.Client.Servers.Select(server => ServerView.Of(runtime.Client, server))],
        runtime.Agent?.Table.All.Count,
        runtime.Client.Routes.Vpns.Count(),
        runtime.Client.Routes.Count,
        runtime.Client.Routes.Swept,
        runtime.Client.Routes.Changed,
        runtime.Client.Routes.Removed,
        runtime.Hosts is not { } hosts ? null : new(
            hosts.Hosts.Count(static host => host.Channel is not null),
            hosts.Hosts.Count,
            hosts.Hosts.Sum(static host => host.Interfaces.Count),
            hosts.NotAdmitted, hosts.PendingDropped, hosts.Swept, hosts.Times.Untimed,
            [.. hosts.Refusals.OrderBy(static row => row.Key, StringComparer.Ordinal)],
            runtime.TimesToPeers is { } times ? PropagationMetrics.Read(times) : runtime.IsOfGateway ? [] : PropagationMetrics.Read(hosts.Times)));

    private static void Write(PrometheusText text, Reading reading)
    {
        OfServers("dataplane_agent_server_up", MetricKind.Gauge, "1 when there is a session with the server.", static server => server.IsUp ? 1 : 0);
        OfServers("dataplane_agent_route_source", MetricKind.Gauge, "1 of the gateway that routes are taken from.", static server => server.IsRouteSource ? 1 : 0);
        OfServers("dataplane_agent_subscriptions", MetricKind.Gauge, "Subscriptions that the server has acknowledged.", static server => server.Subscriptions);
        OfServers("dataplane_agent_publications", MetricKind.Gauge, "Addresses that the server has acknowledged.", static server => server.Publications);
        OfServers("dataplane_agent_pending", MetricKind.Gauge, "Requests that wait for an answer.", static server => server.Pending);
        OfServers("dataplane_agent_sessions_total", MetricKind.Counter, "Sessions with the server so far: the first one and those after reconnecting.", static server => server.Sessions);
        OfServers("dataplane_agent_events_total", MetricKind.Counter, "Events that the server told.", static server => server.Events);
        OfServers("dataplane_agent_refusals_total", MetricKind.Counter, "Requests that the server refused.", static server => server.Refusals);
        OfServers("dataplane_agent_malformed_total", MetricKind.Counter, "Parts of events that could not be understood.", static server => server.Malformed);
        if (reading.Attachments is { } attachments)
        {
            One("dataplane_agent_attachments", MetricKind.Gauge, "Virtual interfaces that are attached.", attachments);
        }

        One("dataplane_agent_vpns", MetricKind.Gauge, "VPNs that routes are asked for.", reading.Vpns);
        One("dataplane_agent_routes", MetricKind.Gauge, "Routes as the gateway notified them.", reading.Routes);
        One("dataplane_agent_swept_total", MetricKind.Counter, "Routes of earlier sessions that a later one did not tell again.", reading.Swept);
        text.Family("dataplane_agent_route_changes_total", MetricKind.Counter,
            "Changes of routes that a gateway notified, as packets meet them: what it tells once more without a change, after a restart for instance, does not count.");
        text.Sample((ulong)reading.Changed, new MetricLabel("change", "set"));
        text.Sample((ulong)reading.Removed, new MetricLabel("change", "removed"));
        if (reading.Hosts is not { } hosts)
        {
            return;
        }

        One("dataplane_hosts_up", MetricKind.Gauge, "Hosts behind this external forwarder that have a session.", hosts.Up);
        One("dataplane_hosts", MetricKind.Gauge, "Hosts, those whose session was lost a short while ago included.", hosts.All);
        One("dataplane_hosts_interfaces", MetricKind.Gauge, "Interfaces of hosts, each a VLAN.", hosts.Interfaces);
        One("dataplane_hosts_not_admitted_total", MetricKind.Counter, "Sessions of hosts that are not served here.", hosts.NotAdmitted);
        One("dataplane_hosts_pending_dropped_total", MetricKind.Counter, "Published addresses that nobody put into a VPN in time.", hosts.PendingDropped);
        One("dataplane_hosts_stale_swept_total", MetricKind.Counter, "Interfaces and addresses that went since their session was lost.", hosts.Swept);
        text.Family("dataplane_hosts_refused_total", MetricKind.Counter, "Requests of hosts that were refused, by the condition they were told.");
        foreach ((var reason, var count) in hosts.Refusals)
        {
            text.Sample((ulong)count, new MetricLabel("reason", reason));
        }

        One("dataplane_hosts_untimed_total", MetricKind.Counter, "Changes whose propagation was not timed since too many were under way.", hosts.Untimed);
        if (hosts.Times.Count != 0)
        {
            PropagationMetrics.Write(text, hosts.Times);
        }

        void One(string name, MetricKind kind, string help, long value)
        {
            text.Family(name, kind, help);
            text.Sample((ulong)value);
        }

        void OfServers(string name, MetricKind kind, string help, Func<ServerView, long> value)
        {
            if (reading.Servers.Count == 0)
            {
                return;
            }

            text.Family(name, kind, help);
            foreach (ServerView server in reading.Servers)
            {
                text.Sample((ulong)value(server), new MetricLabel("server", server.Name));
            }
        }
    }

    private sealed record Reading(IReadOnlyList<ServerView> Servers, int? Attachments, int Vpns, int Routes, long Swept, long Changed, long Removed, HostsReading? Hosts);

    private sealed record HostsReading(
        int Up, int All, int Interfaces, long NotAdmitted, long PendingDropped, long Swept, long Untimed, IReadOnlyList<KeyValuePair<string, long>> Refusals,
        IReadOnlyList<PropagationMetrics.Series> Times);
}
