using Dataplane.Bgp.Export.Bmp;
using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Wire;
using Dataplane.Host.Management;
using Dataplane.Routing;
using Dataplane.Routing.Loop;

namespace Dataplane.Host.Metrics;

/// <summary>
/// The metrics of a gateway: its neighbours, their families, the tables. Read in visits of the routing thread that take a number of
/// neighbours each, written off it. One series per
/// neighbour, or neighbour and family; never one per route.
/// </summary>
internal static class GatewayMetrics
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Writes them; nothing but <c>dataplane_gateway_up 0</c> when the routing thread does not answer.</summary>
    public static void Write(PrometheusText text, GatewayAccess gateway, bool perClient = false)
    {
        Task<Reading> answer = ReadAsync(gateway, perClient);
        var isUp = Task.WaitAny([answer], Patience) == 0 && answer.IsCompletedSuccessfully;
        text.Family("dataplane_gateway_up", MetricKind.Gauge, "1 when the routing thread answered in time, 0 when it did not.");
        text.Sample(isUp ? 1UL : 0UL);
        if (isUp)
        {
            Reading reading = answer.Result;
            WriteSessions(text, reading.Peers);
            WriteErrors(text, reading.Peers);
            WriteFamilies(text, reading.Peers);
            WriteTables(text, reading);
            WritePolicies(text, reading.Policies);
            WriteDurations(text, reading);
            WriteStations(text, reading.Stations);
            if (reading.Signaling is { } signaling)
            {
                SignalingMetrics.Write(text, signaling);
            }
        }
    }

    private static async Task<Reading> ReadAsync(GatewayAccess gateway, bool perClient)
    {
        List<PeerSnapshot> peers = await LoopSlices.ReadPeersAsync(gateway);
        return await gateway.Loop.InvokeAsync(() => Read(gateway, peers, perClient));
    }

    private static Reading Read(GatewayAccess gateway, IReadOnlyList<PeerSnapshot> peers, bool perClient) => new(
        peers,
        [.. gateway.Routes.Families.Select(static table => new FamilySizeView(table.Family.Name, table.DestinationCount, table.PathCount))],
        gateway.Routes.Attributes.Count,
        gateway.Routes.Bytes,
        gateway.Routes.Families.Sum(static table => table.DirtyCount),
        gateway.Routes.Vrfs?.Count ?? 0,
        gateway.Routes.Vrfs?.Membership.Count ?? 0,
        gateway.Bmp?.Status ?? [],
        PolicyView.Of(gateway),
        gateway.Speaker.UpdateLatency.Read(),
        gateway.Loop.Turns.Read(),
        gateway.Signaling is { } signaling ? SignalingMetrics.Read(signaling, perClient) : null);

    private static void WriteSessions(PrometheusText text, IReadOnlyList<PeerSnapshot> peers)
    {
        Each(text, peers, "dataplane_bgp_peer_up", MetricKind.Gauge, "1 when the session is established.",
            static peer => peer.State == SessionState.Established ? 1 : 0);
        Each(text, peers, "dataplane_bgp_peer_state", MetricKind.Gauge,
            "State of the session: 1 idle, 2 connect, 3 active, 4 open sent, 5 open confirm, 6 established.", static peer => (long)peer.State);
        Each(text, peers, "dataplane_bgp_peer_established_total", MetricKind.Counter, "Sessions that came up.", static peer => peer.Sessions.Established);
        Each(text, peers, "dataplane_bgp_peer_flaps_total", MetricKind.Counter, "Established sessions that ended.", static peer => peer.Sessions.Dropped);
        Each(text, peers, "dataplane_bgp_peer_received_bytes_total", MetricKind.Counter, "Octets of messages received.", static peer => peer.Octets.Received);
        Each(text, peers, "dataplane_bgp_peer_sent_bytes_total", MetricKind.Counter, "Octets of messages sent.", static peer => peer.Octets.Sent);
        Each(text, peers, "dataplane_bgp_peer_queue_bytes", MetricKind.Gauge, "Octets that wait until the peer takes them.", static peer => peer.QueuedOctets);
        text.Family("dataplane_bgp_peer_messages_total", MetricKind.Counter, "Messages by type and direction.");
        foreach (PeerSnapshot peer in peers)
        {
            foreach ((MessageType type, (long received, long sent)) in peer.Messages)
            {
                text.Sample((ulong)received, new("peer", peer.Address.ToString()), new("type", Words.Of(type)), new("direction", "received"));
                text.Sample((ulong)sent, new("peer", peer.Address.ToString()), new("type", Words.Of(type)), new("direction", "sent"));
            }
        }
    }

    private static void WriteErrors(PrometheusText text, IReadOnlyList<PeerSnapshot> peers)
    {
        text.Family("dataplane_bgp_peer_update_errors_total", MetricKind.Counter, "Errors in UPDATEs by attribute, kind and what was done (RFC 7606).");
        foreach (PeerSnapshot peer in peers)
        {
            foreach ((AttributeFault fault, long count) in peer.Faults)
            {
                text.Sample((ulong)count, new("peer", peer.Address.ToString()), new("attribute", Words.Of(fault.Code)),
                    new("kind", Words.Of(fault.Kind)), new("action", Words.Of(fault.Action)));
            }
        }

        text.Family("dataplane_bgp_peer_routes_refused_total", MetricKind.Counter, "Routes that were not taken, by reason.");
        foreach (PeerSnapshot peer in peers)
        {
            foreach (var (reason, count) in peer.Refused)
            {
                text.Sample((ulong)count, new("peer", peer.Address.ToString()), new("reason", Words.Of(reason)));
            }
        }
    }

    private static void WriteFamilies(PrometheusText text, IReadOnlyList<PeerSnapshot> peers)
    {
        EachFamily(text, peers, "dataplane_bgp_peer_routes_received", "Routes of a peer before policy.", static family => family.Received);
        EachFamily(text, peers, "dataplane_bgp_peer_routes_accepted", "Routes of a peer that policy accepted.", static family => family.Accepted);
        EachFamily(text, peers, "dataplane_bgp_peer_routes_advertised", "Routes sent to a peer and not withdrawn.", static family => family.Advertised);
        EachFamily(text, peers, "dataplane_bgp_peer_family_disabled", "1 when the family's routes are ignored after an error (RFC 7606).",
            static family => family.IsDisabled ? 1 : 0);
        EachFamily(text, peers, "dataplane_bgp_peer_family_stale", "1 when routes of an earlier session are kept.", static family => family.IsStale ? 1 : 0);
    }

    private static void WriteTables(PrometheusText text, Reading reading)
    {
        text.Family("dataplane_rib_destinations", MetricKind.Gauge, "Destinations of a family.");
        foreach (FamilySizeView family in reading.Families)
        {
            text.Sample((ulong)family.Destinations, new MetricLabel("family", family.Family));
        }

        text.Family("dataplane_rib_paths", MetricKind.Gauge, "Paths of a family, of all sources.");
        foreach (FamilySizeView family in reading.Families)
        {
            text.Sample((ulong)family.Paths, new MetricLabel("family", family.Family));
        }

        Single(text, "dataplane_rib_attribute_sets", "Different sets of path attributes.", reading.AttributeSets);
        Single(text, "dataplane_rib_memory_bytes", "Memory of the tables.", reading.Bytes);
        Single(text, "dataplane_rib_unsettled_destinations", "Destinations that wait for selection.", reading.Unsettled);
        Single(text, "dataplane_vrfs", "VRFs.", reading.Vrfs);
        Single(text, "dataplane_rt_constraint_targets", "Route targets that our VRFs ask for.", reading.Targets);
    }

    private static void WritePolicies(PrometheusText text, IReadOnlyList<PolicyView> policies)
    {
        text.Family("dataplane_policy_term_applied_total", MetricKind.Counter,
            "How often a term of a policy applied: to routes, or to sets of attributes where the policy does not look at prefixes.");
        foreach (PolicyView policy in policies)
        {
            foreach (PolicyTermView term in policy.Terms)
            {
                text.Sample((ulong)term.Routes, new("policy", policy.Name), new("term", term.Name));
            }
        }
    }

    private static void WriteDurations(PrometheusText text, Reading reading)
    {
        double[] bounds = [.. DurationHistogram.Bounds];
        text.Family("dataplane_bgp_update_latency_seconds", MetricKind.Histogram,
            "Time from reading the oldest UPDATE of a round of work to the first message of the round that is queued for a peer.");
        text.Histogram(bounds, [.. reading.UpdateLatency.Counts], reading.UpdateLatency.Seconds);
        text.Family("dataplane_routing_turn_seconds", MetricKind.Histogram, "Time that a turn of the routing thread took.");
        text.Histogram(bounds, [.. reading.Turns.Counts], reading.Turns.Seconds);
    }

    private static void WriteStations(PrometheusText text, IReadOnlyList<BmpStationStatus> stations)
    {
        Station("dataplane_bmp_station_up", MetricKind.Gauge, "1 when a BMP station is connected.", static station => station.IsConnected ? 1 : 0);
        Station("dataplane_bmp_station_queue_bytes", MetricKind.Gauge, "Octets that wait for a BMP station.", static station => station.Queued);
        Station("dataplane_bmp_station_cuts_total", MetricKind.Counter, "Connections that were cut because the station did not read.", static station => station.Cuts);

        void Station(string name, MetricKind kind, string help, Func<BmpStationStatus, long> value)
        {
            text.Family(name, kind, help);
            foreach (BmpStationStatus station in stations)
            {
                text.Sample((ulong)value(station), new MetricLabel("station", $"{station.Settings.Address} {station.Settings.Port}"));
            }
        }
    }

    private static void Single(PrometheusText text, string name, string help, long value)
    {
        text.Family(name, MetricKind.Gauge, help);
        text.Sample((ulong)value);
    }

    private static void Each(
        PrometheusText text, IReadOnlyList<PeerSnapshot> peers, string name, MetricKind kind, string help, Func<PeerSnapshot, long> value)
    {
        text.Family(name, kind, help);
        foreach (PeerSnapshot peer in peers)
        {
            text.Sample((ulong)value(peer), new MetricLabel("peer", peer.Address.ToString()));
        }
    }

    private static void EachFamily(
        PrometheusText text, IReadOnlyList<PeerSnapshot> peers, string name, string help, Func<PeerFamilySnapshot, long> value)
    {
        text.Family(name, MetricKind.Gauge, help);
        foreach (PeerSnapshot peer in peers)
        {
            foreach (PeerFamilySnapshot family in peer.Families)
            {
                text.Sample((ulong)value(family), new("peer", peer.Address.ToString()), new("family", family.Family.Name));
            }
        }
    }

    private sealed record Reading(
        IReadOnlyList<PeerSnapshot> Peers, IReadOnlyList<FamilySizeView> Families, long AttributeSets, long Bytes, long Unsettled, long Vrfs, long Targets,
        IReadOnlyList<BmpStationStatus> Stations, IReadOnlyList<PolicyView> Policies, DurationCounts UpdateLatency, DurationCounts Turns,
        SignalingMetrics.Reading? Signaling);
}
