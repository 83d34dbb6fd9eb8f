using System.Text.RegularExpressions;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using static Dataplane.Interop.Bgp.Peers.BgpBytes;

namespace Dataplane.Interop.Bgp;

/// <summary>
/// VPNs of four shapes, and from one to the next while they are live: isolated, any-to-any, extranet, hub and spoke. GoBGP is another provider edge
/// with a site of each VPN, which asks for what its VRFs import; FRR takes all that we send and is not to be sent what an aggregate covers.
/// </summary>
public sealed partial class TopologyTests : IDisposable
{
    private const int Ours = 9;
    private const int Frr = 1;
    private const int GoBgp = 2;
    private static readonly Family[] Families = [Family.Vpn4, Family.RouteTarget];
    private static readonly string[] SiteHosts = ["10.1.0.11/32", "10.1.0.12/32", "10.1.0.21/32"];
    private readonly BgpNetwork _network = new(recorded: true);

    public void Dispose() => _network.Dispose();

    [Fact]
    [Trait("Requirement", "ARC-11")]
    [Trait("Requirement", "ARC-12")]
    [Trait("Requirement", "ARC-13")]
    [Trait("Requirement", "INT-03")]
    [Trait("Requirement", "INT-04")]
    [Trait("Requirement", "INT-05")]
    public void TheShapeOfALiveVpnChanges()
    {
        BgpCapture capture = _network.Capture();
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, GoBgp, [new Neighbor(Ours) { Families = Families, Passive = true }]));
        FrrPeer frr = _network.Keep(new FrrPeer(_network, Frr, [new Neighbor(Ours) { Passive = true }]));
        OurSpeaker ours = _network.Keep(new OurSpeaker(_network, Ours, Configuration(Isolated)));
        go.UntilEstablished(Ours);
        frr.UntilEstablished(Ours);
        AddSites(go, site: "65000:1");
        go.Announce(Family.Vpn4, "10.1.0.21/32 label 221 rd 65000:31 rt 65000:1 nexthop 10.0.0.2");
        go.Announce(Family.Vpn4, "10.2.0.21/32 label 222 rd 65000:22 rt 65000:2 nexthop 10.0.0.2");

        // Isolated and any-to-any: the two sites hold the same, the other VPN its own only.
        Holds(ours, "site-a", SiteHosts);
        Holds(ours, "site-b", SiteHosts);
        Holds(ours, "other", "10.2.0.1/32", "10.2.0.21/32");
        Wait.Until("GoBGP to have the hosts of its VPNs", () => Received(go).SequenceEqual(["10.1.0.11/32", "10.1.0.12/32", "10.2.0.1/32"]));
        string[] all = ["10.1.0.11/32", "10.1.0.12/32", "10.1.0.21/32", "10.2.0.1/32", "10.2.0.21/32"];
        Wait.Until("FRR to have all", () => Received(frr).SequenceEqual(all));
        string sessions = Sessions(ours);

        // Extranet: a shop that both VPNs reach, and which reaches both; they still do not reach each other.
        ours.Reconfigure(Configuration(Isolated + Shop));
        Holds(ours, "site-a", [.. SiteHosts, "10.3.0.1/32"]);
        Holds(ours, "other", "10.2.0.1/32", "10.2.0.21/32", "10.3.0.1/32");
        Holds(ours, "shop", [.. all, "10.3.0.1/32"]);
        Wait.Until("GoBGP to have the shop", () => Received(go).SequenceEqual(["10.1.0.11/32", "10.1.0.12/32", "10.2.0.1/32", "10.3.0.1/32"]));
        ours.Reconfigure(Configuration(Isolated));
        Holds(ours, "site-a", SiteHosts);
        Holds(ours, "other", "10.2.0.1/32", "10.2.0.21/32");
        Wait.Until("the shop to be gone from GoBGP", () => Received(go).SequenceEqual(["10.1.0.11/32", "10.1.0.12/32", "10.2.0.1/32"]));
        Wait.Until("the shop to be gone from FRR", () => Received(frr).SequenceEqual(all));

        // A hub joins the live VPN; the sites still reach each other.
        ours.Reconfigure(Configuration(Isolated + Hub));
        Holds(ours, "hub", SiteHosts, "10.1.0.0/16");
        Holds(ours, "site-a", SiteHosts);
        Wait.Until("FRR to have the covering route in the place of the hosts", () => Received(frr).SequenceEqual(["10.1.0.0/16", "10.2.0.1/32", "10.2.0.21/32"]));

        // Then the sites import what the hub exports, and nothing else.
        ours.Reconfigure(Configuration(Isolated.Replace("import-targets: [\"65000:1\"]", "import-targets: [\"65000:100\"]", StringComparison.Ordinal) + Hub));
        Holds(ours, "hub", SiteHosts, "10.1.0.0/16");
        Holds(ours, "site-a", "10.1.0.0/16", "10.1.0.11/32"); // its own host and the hub
        Holds(ours, "site-b", "10.1.0.0/16", "10.1.0.12/32");
        Holds(ours, "other", "10.2.0.1/32", "10.2.0.21/32");
        _ = go.Run("vrf del site");
        AddSite(go, import: "65000:100");
        Wait.Until("the spoke at GoBGP to have the hub only", () => Received(go).SequenceEqual(["10.1.0.0/16", "10.2.0.1/32"]));
        SeenRoute hub = go.ReceivedFrom(Ours, Family.Vpn4).First(route => route.Prefix == "10.1.0.0/16");
        Assert.Equal((BgpNetwork.Address(Ours), 1100u, "target:65000:100"), (hub.NextHop, hub.Label, hub.ExtendedCommunities));
        Holds(ours, "hub", SiteHosts, "10.1.0.0/16");
        Wait.Until("FRR to have the covering route", () => Received(frr).SequenceEqual(["10.1.0.0/16", "10.2.0.1/32", "10.2.0.21/32"]));

        Assert.Equal(sessions, Sessions(ours));
        Assert.All(new[] { Frr, GoBgp }, peer => Assert.Equal((1, 0), (capture.Count(Ours, peer, Open), capture.Count(Ours, peer, Notification))));
    }

    /// <summary>A VRF asks for its import targets when it comes, and takes that back when it goes; for a target of two VRFs, when the second has gone.</summary>
    [Fact]
    [Trait("Requirement", "SIG-05")]
    [Trait("Requirement", "SIG-06")]
    [Trait("Requirement", "SIG-07")]
    public void TargetsAreAskedForWhileAVrfWantsThem()
    {
        const string red = "  - { name: red, import-targets: [\"65000:1\"], export-targets: [\"65000:1\"] }\n";
        const string green = "  - { name: green, import-targets: [\"65000:1\", \"65000:2\"], export-targets: [\"65000:2\"] }\n";
        const string pink = "  - { name: pink, import-targets: [\"65000:3\"] }\n";
        BgpCapture capture = _network.Capture();
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, GoBgp, [new Neighbor(Ours) { Families = Families, Passive = true }]));
        OurSpeaker ours = _network.Keep(new OurSpeaker(_network, Ours, Configuration("")));
        go.UntilEstablished(Ours);
        foreach (int target in new[] { 1, 2, 3 })
        {
            go.Announce(Family.Vpn4, $"10.87.{target}.0/24 label 87{target} rd 65000:87 rt 65000:{target} nexthop 10.0.0.2");
        }

        void Becomes(string vrfs, string memberships, params string[] routes)
        {
            ours.Reconfigure(Configuration(vrfs));
            Asks(go, memberships, routes);
        }

        Becomes("", "");
        Becomes(pink, "3", "10.87.3.0/24");
        Becomes(pink + red, "1 3", "10.87.1.0/24", "10.87.3.0/24");
        Becomes(pink + red + green, "1 2 3", "10.87.1.0/24", "10.87.2.0/24", "10.87.3.0/24");
        Becomes(pink + green, "1 2 3", "10.87.1.0/24", "10.87.2.0/24", "10.87.3.0/24");
        Becomes(pink, "3", "10.87.3.0/24");
        Becomes("", "");

        EachWasTold(capture, "65000:1", "65000:1", "65000:2", "65000:2", "65000:3", "65000:3");
    }

    /// <summary>
    /// A VRF that is a member on demand asks for its targets from its first interface to its last one. Interfaces come and go in the configuration of a
    /// running provider edge that forwards: its VRFs stay as they are, and so do its sessions.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SIG-05")]
    [Trait("Requirement", "SIG-06")]
    public void TargetsAreAskedForWhileAVrfHasInterfaces()
    {
        const string red1 = "  - { name: red1, port: acc0, vlan: 11, vrf: red, label: 911, addresses: [10.80.1.11/32] }\n";
        const string red2 = "  - { name: red2, port: acc0, vlan: 12, vrf: red, label: 912, addresses: [10.80.1.12/32] }\n";
        const string green1 = "  - { name: green1, port: acc0, vlan: 21, vrf: green, label: 921, addresses: [10.80.2.21/32] }\n";
        BgpCapture capture = _network.Capture();
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, GoBgp, [new Neighbor(Ours) { Families = Families, Passive = true }]));
        OurSpeaker ours = _network.Keep(new OurSpeaker(_network, Ours, ProviderEdge("")));
        go.UntilEstablished(Ours);
        _ = go.Run("vrf add all rd 65000:80 rt import 65000:1 65000:2 65000:9 export 65000:80");
        foreach (int target in new[] { 1, 2, 9 })
        {
            go.Announce(Family.Vpn4, $"10.87.{target}.0/24 label 87{target} rd 65000:87 rt 65000:{target} nexthop 10.0.0.2");
        }

        void Becomes(string interfaces, string memberships, string[] routes, params string[] hosts)
        {
            ours.Reconfigure(ProviderEdge(interfaces));
            Asks(go, memberships, routes);
            Wait.Until($"GoBGP to have {string.Join(' ', hosts)}", () => Received(go).SequenceEqual(hosts));
        }

        string sessions = Sessions(ours);
        Becomes("", "", []);
        Becomes(red1, "1 9", ["10.87.1.0/24", "10.87.9.0/24"], "10.80.1.11/32");
        Holds(ours, "red", "10.80.1.11/32", "10.87.1.0/24", "10.87.9.0/24");
        Becomes(red1 + red2, "1 9", ["10.87.1.0/24", "10.87.9.0/24"], "10.80.1.11/32", "10.80.1.12/32");
        Becomes(red2 + green1, "1 2 9", ["10.87.1.0/24", "10.87.2.0/24", "10.87.9.0/24"], "10.80.1.12/32", "10.80.2.21/32");
        Holds(ours, "green", "10.80.2.21/32", "10.87.2.0/24", "10.87.9.0/24");
        Becomes(green1, "2 9", ["10.87.2.0/24", "10.87.9.0/24"], "10.80.2.21/32");
        Holds(ours, "red", "10.87.9.0/24"); // which comes for the other VRF
        Becomes("", "", []);
        Holds(ours, "red");
        Holds(ours, "green");

        // The target that both VRFs import was asked for by the first and taken back with the second.
        EachWasTold(capture, "65000:1", "65000:1", "65000:2", "65000:2", "65000:9", "65000:9");
        Assert.Equal(sessions, Sessions(ours));
    }

    private const string Isolated = """
          - { name: site-a, label: 1001, import-targets: ["65000:1"], export-targets: ["65000:1"], routes: [{ prefix: 10.1.0.11/32, next-hop: 10.0.0.9, label: 1011 }] }
          - { name: site-b, label: 1002, import-targets: ["65000:1"], export-targets: ["65000:1"], routes: [{ prefix: 10.1.0.12/32, next-hop: 10.0.0.9, label: 1012 }] }
          - { name: other, label: 1003, import-targets: ["65000:2"], export-targets: ["65000:2"], routes: [{ prefix: 10.2.0.1/32, next-hop: 10.0.0.9, label: 1021 }] }

        """;

    private const string Shop = """
          - { name: shop, label: 1004, import-targets: ["65000:1", "65000:2"], export-targets: ["65000:1", "65000:2"], routes: [{ prefix: 10.3.0.1/32, next-hop: 10.0.0.9, label: 1031 }] }

        """;

    private const string Hub = """
          - { name: hub, label: 1100, import-targets: ["65000:1"], export-targets: ["65000:100"], aggregates: [{ prefix: 10.1.0.0/16, suppress-specifics: true }] }

        """;

    private static string Configuration(string vrfs) => OurSpeaker.Configuration(Ours,
        [
            new Neighbor(GoBgp) { Families = Families, ReflectorClient = true },
            new Neighbor(Frr) { ReflectorClient = true, Extra = "    advertise-specifics: false" },
        ],
        rest: vrfs.Length == 0 ? "" : "vrfs:\n" + vrfs);

    /// <summary>A provider edge that forwards, of which only the interfaces differ.</summary>
    private static string ProviderEdge(string interfaces) => OurSpeaker.Configuration(Ours, [new Neighbor(GoBgp) { Families = Families }], roles: "forwarder, gateway", rest: $$"""
        eal: { memory-mib: 128, huge-pages: never, main-core: 0 }
        workers: { cores: [1], idle: { policy: sleep } }
        ports:
          - { name: core0, role: core, device: "net_null0,no-rx=1", mac: "02:00:00:00:00:11", addresses: [{{BgpNetwork.Address(Ours)}}/24, "{{BgpNetwork.Address6(Ours)}}/64"], neighbors: [{ address: {{BgpNetwork.Address(GoBgp)}}, mac: "02:00:00:00:00:44" }] }
          - { name: acc0, role: access, device: "net_null1,no-rx=1", mac: "02:00:00:00:00:a0" }
        vrfs:
          - { name: red, import-targets: ["65000:1", "65000:9"], export-targets: ["65000:1"], member: on-demand }
          - { name: green, import-targets: ["65000:2", "65000:9"], export-targets: ["65000:2"], member: on-demand }
        interfaces:{{(interfaces.Length == 0 ? " []" : "")}}
        {{interfaces}}
        """);

    /// <summary>Waits until GoBGP is asked for targets 65000:N, in order, and sends these routes for it.</summary>
    private static void Asks(GoBgpPeer go, string memberships, string[] routes)
    {
        Wait.Until($"GoBGP to be asked for {memberships}",
            () => string.Join(' ', go.ReceivedFrom(Ours, Family.RouteTarget).Select(route => route.Prefix.Split(':')[^1]).Order(StringComparer.Ordinal)) == memberships);
        Wait.Until($"GoBGP to send {string.Join(' ', routes)}",
            () => go.AdvertisedTo(Ours, Family.Vpn4).Select(route => route.Prefix).Order(StringComparer.Ordinal).SequenceEqual(routes));
    }

    /// <summary>
    /// On the wire, in one session: each membership told once when it came, and once when it went; 12 octets of origin AS and target (RFC 4684 §4).
    /// </summary>
    private static void EachWasTold(BgpCapture capture, params string[] targets)
    {
        List<string[]> told = capture.Decode($"bgp.community_prefix && ip.src == {BgpNetwork.Address(Ours)}", "bgp.originating_as", "bgp.community_prefix");
        Assert.All(told.SelectMany(row => row[0].Split(',')), origin => Assert.Equal("65000", origin));
        Assert.Equal(targets, told.SelectMany(row => row[1].Split(',')).Order(StringComparer.Ordinal));
        Assert.Equal((1, 0), (capture.Count(Ours, GoBgp, Open), capture.Count(Ours, GoBgp, Notification)));
    }

    private static void AddSites(GoBgpPeer go, string site)
    {
        AddSite(go, site);
        _ = go.Run("vrf add other rd 65000:22 rt both 65000:2");
    }

    private static void AddSite(GoBgpPeer go, string import) => go.Run($"vrf add site rd 65000:21 rt import {import} export 65000:1");

    private static void Holds(OurSpeaker ours, string vrf, params string[] prefixes)
    {
        string[] found = [];
        try
        {
            Wait.Until($"{vrf} to hold {string.Join(' ', prefixes)}", () =>
            {
                CommandResult shown = ours.Ask("show", "vrf", vrf, "--json");
                found = shown.ExitCode != 0 ? [] : [.. System.Text.Json.Nodes.JsonNode.Parse(shown.Output)!["routes"]!.AsArray().Select(route => (string)route!["prefix"]!).Order(StringComparer.Ordinal)];
                return found.SequenceEqual(prefixes.Order(StringComparer.Ordinal));
            });
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; it holds {string.Join(' ', found)}");
        }
    }

    private static void Holds(OurSpeaker ours, string vrf, string[] prefixes, string further) => Holds(ours, vrf, [.. prefixes, further]);

    private static IEnumerable<string> Received(GoBgpPeer peer) => peer.ReceivedFrom(Ours, Family.Vpn4).Select(route => route.Prefix).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Received(FrrPeer peer) =>
        AnyPrefix().Matches(peer.Run("show bgp ipv4 vpn")).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Of each session, since when it has been established, and how often before.</summary>
    private static string Sessions(OurSpeaker ours) => string.Join(' ', ours.Show("bgp", "neighbors")["neighbors"]!.AsArray()
        .Select(row => $"{row!["address"]} {row["state"]} {row["since"]} {row["sessionsEstablished"]} {row["sessionsDropped"]}"));

    [GeneratedRegex(@"(?<![0-9.])10\.[0-9]+\.[0-9]+\.[0-9]+/[0-9]+")]
    private static partial Regex AnyPrefix();
}
