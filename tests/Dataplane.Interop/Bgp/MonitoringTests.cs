using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Bgp;

/// <summary>
/// What others can see of our sessions while GoBGP and FRR announce and withdraw: a BMP station (read by tshark), MRT files (read by bgpdump), the
/// trace of a peer, and answers about routes, compared with what FRR says that it sent.
/// </summary>
public sealed class MonitoringTests : IDisposable
{
    private const int Ours = 9;
    private const int Frr = 1;
    private const int GoBgp = 2;
    private const int Station = 20;
    private readonly BgpNetwork _network = new(recorded: true);

    public void Dispose() => _network.Dispose();

    [Fact]
    [Trait("Requirement", "MGT-09")]
    public void LiveSessionsAreSeenByIndependentTools()
    {
        BgpCapture capture = _network.Capture();
        _ = _network.Keep(new BmpStation(_network, Station));
        Neighbor toUs = new(Ours) { Families = [Family.Ipv4, Family.Vpn4], Passive = true };
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, GoBgp, [toUs]));
        FrrPeer frr = _network.Keep(new FrrPeer(_network, Frr, [toUs], new Dictionary<Family, string>
        {
            [Family.Vpn4] = "  network 10.61.1.0/24 rd 65000:61 label 611 route-map RT\n  network 10.61.2.0/24 rd 65000:61 label 612 route-map RT\n",
            [Family.Ipv4] = "  network 10.61.9.0/24 route-map PLAIN\n",
        }, global: "route-map RT permit 10\n set extcommunity rt 65000:1\n set community 65000:61\nroute-map PLAIN permit 10\n set metric 61\n", router: " no bgp network import-check\n"));
        OurSpeaker ours = _network.Keep(new OurSpeaker(_network, Ours, Configuration()));
        go.UntilEstablished(Ours);
        frr.UntilEstablished(Ours);
        using Process trace = Command.Start(["dotnet", ForwarderProcess.Program, "show", "bgp", "trace", BgpNetwork.Address(GoBgp), "--socket", ours.ManagementSocket], redirect: true);
        List<string> traced = [];
        trace.OutputDataReceived += (_, line) =>
        {
            lock (traced)
            {
                traced.Add(line.Data ?? "");
            }
        };
        trace.BeginOutputReadLine();
        bool IsTraced(params string[] words)
        {
            lock (traced)
            {
                return traced.Exists(line => words.All(word => line.Contains(word, StringComparison.Ordinal)));
            }
        }

        // The trace has begun when the first of these is seen.
        Wait.Until("the trace to show a route that comes", () =>
        {
            go.Announce(Family.Vpn4, "10.60.9.0/24 label 609 rd 65000:60 rt 65000:1 nexthop 10.0.0.2");
            Thread.Sleep(200);
            go.Withdraw(Family.Vpn4, "10.60.9.0/24 label 609 rd 65000:60");
            return IsTraced("received", "update", "10.60.9.0/24");
        });
        go.Announce(Family.Vpn4, "10.60.1.0/24 label 601 rd 65000:60 rt 65000:1 nexthop 10.0.0.2");
        go.Announce(Family.Vpn4, "10.60.2.0/24 label 602 rd 65000:60 rt 65000:1 nexthop 10.0.0.2"); // rejected by policy
        go.Announce(Family.Vpn4, "10.60.3.0/24 label 603 rd 65000:60 rt 65000:1 nexthop 10.0.0.2"); // kept from FRR by policy
        Wait.Until("FRR to have what policy lets through", () => frr.Vpn("65000:60", "10.60.1.0/24").Count == 1);
        Wait.Until("GoBGP to have FRR's routes", () => go.ReceivedFrom(Ours, Family.Vpn4).Count == 2 && go.ReceivedFrom(Ours, Family.Ipv4).Count == 1);
        Wait.Until("the trace to show it", () => IsTraced("received", "update", "announce", "10.60.1.0/24", "65000:1"));
        CompareWithFrr(ours, frr);
        string mrt = Path.Combine(ours.Directory, "mrt");
        Wait.Until("a dump of the tables with all routes", () => TablesOf(mrt).Any(path => Bgpdump(path).Any(line => line.Contains("|10.61.9.0/24|", StringComparison.Ordinal))));
        go.Withdraw(Family.Vpn4, "10.60.1.0/24 label 601 rd 65000:60");
        Wait.Until("FRR to have lost it", () => frr.Vpn("65000:60", "10.60.1.0/24").Count == 0);
        Wait.Until("the trace to show that it goes", () => IsTraced("received", "update", "withdraw", "10.60.1.0/24"));
        Wait.Until("statistics after that", () => HasStatistics(capture.BmpMessages()));
        trace.Kill();
        SayFarewell(ours, frr);
        Wait.Until("BMP to tell of both ends", () => capture.BmpMessages().Count(message => message.Type == BmpMessage.PeerDown && message.Peer == BgpNetwork.Address(Frr)) == 2);
        ReadBmp(capture);
        ours.Terminate();
        ReadMrt(mrt);
        // tshark 4.0 takes what follows the OPENs of a Peer Up for another BGP message: the name of the table, of which RFC 9069 §5.2.1 asks for one.
        const string LocRibUp = "bmp.type == 3 && bmp.peer.type == 3";
        List<string[]> up = capture.Decode(LocRibUp, "tcp.payload");
        Assert.NotEmpty(up);
        Assert.All(up, row => Assert.Contains("00030006" + Convert.ToHexStringLower("global"u8), row[0]));
        Assert.Empty(capture.Decode($"bmp && !({LocRibUp}) && (_ws.malformed || _ws.expert.severity == \"Error\")", "frame.number", "_ws.expert.message")
            .Select(row => string.Join(' ', row)));
    }

    /// <summary>Sessions that end with a text (RFC 9003), at first by FRR's operator and then by ours.</summary>
    private static void SayFarewell(OurSpeaker ours, FrrPeer frr)
    {
        JsonNode Neighbor() => ours.Show("bgp", "neighbors", BgpNetwork.Address(Frr));
        string session = "configure terminal\nrouter bgp 65000\n";
        _ = frr.Run($"{session}neighbor {BgpNetwork.Address(Ours)} shutdown message maintenance at theirs");
        Wait.Until("us to have FRR's text", () => ((string?)Neighbor()["lastSessionEnd"])?.Contains("\"maintenance at theirs\"", StringComparison.Ordinal) == true);
        Wait.Until("an attempt to fail for another reason", () => (string?)Neighbor()["lastError"] != (string?)Neighbor()["lastSessionEnd"]);
        Assert.Contains("\"maintenance at theirs\"", (string?)Neighbor()["lastSessionEnd"]);
        Assert.Contains("last session ended: received ", ours.Command("show", "bgp", "neighbors", BgpNetwork.Address(Frr)).Output);
        _ = frr.Run($"{session}no neighbor {BgpNetwork.Address(Ours)} shutdown");
        frr.UntilEstablished(Ours);
        Wait.Until("us to have the session as well", () => (string?)Neighbor()["state"] == "established");
        _ = ours.Command("clear", "bgp", BgpNetwork.Address(Frr), "disable", "--text", "maintenance at ours");
        Wait.Until("FRR to have our text", () => ((string?)frr.NeighborJson(Ours)?["lastShutdownDescription"])?.Contains("maintenance at ours", StringComparison.Ordinal) == true);
    }

    /// <summary>
    /// Whether a report about each was followed by one of the Loc-RIB, in which there are FRR's three routes and the one of GoBGP that is kept from
    /// FRR: it counts before policy, and not behind it. GoBGP's first one was withdrawn, and the one that policy rejects is in its Adj-RIB-In alone.
    /// </summary>
    private static bool HasStatistics(IReadOnlyList<BmpMessage> messages)
    {
        static bool Is(BmpMessage message, string peer, params (string Name, string Value)[] statistics) => message.Type == BmpMessage.Statistics
            && message.Peer == peer && statistics.All(statistic => message.Fields[$"bmp.stats.data.{statistic.Name}"].SequenceEqual([statistic.Value]));
        return messages.Any(message => Is(message, BgpNetwork.Address(Frr), ("routes_adj_rib_in", "3"), ("prefix_rej", "0"),
                ("routes_pre_adj_rib_out", "1"), ("routes_post_adj_rib_out", "0"))
                && OfFamilies(message, "pre").SequenceEqual(["1/1 0", "1/128 1"]) && OfFamilies(message, "post").SequenceEqual(["1/1 0", "1/128 0"]))
            && messages.SkipWhile(message => !Is(message, BgpNetwork.Address(GoBgp), ("routes_adj_rib_in", "2"), ("prefix_rej", "1"),
                ("routes_pre_adj_rib_out", "3"), ("routes_post_adj_rib_out", "3")) || !OfFamilies(message, "post").SequenceEqual(["1/1 1", "1/128 2"]))
                .Any(message => Is(message, "0.0.0.0", ("routes_loc_rib", "4")));
    }

    /// <summary>The routes of each family in an Adj-RIB-Out before or after policy: "AFI/SAFI routes".</summary>
    private static IEnumerable<string> OfFamilies(BmpMessage message, string policy)
    {
        string name = $"bmp.stats.data.routes_{policy}_per_adj_rib_out";
        return message.Fields[name + ".afi"].Zip(message.Fields[name + ".safi"], message.Fields[name]).Select(family => $"{family.First}/{family.Second} {family.Third}")
            .Order(StringComparer.Ordinal);
    }

    private static string Configuration() => OurSpeaker.Configuration(Ours,
        [
            new Neighbor(GoBgp) { Families = [Family.Ipv4, Family.Vpn4], ReflectorClient = true, Extra = "    import-policy: from-gobgp" },
            new Neighbor(Frr) { Families = [Family.Ipv4, Family.Vpn4], ReflectorClient = true, Extra = "    export-policy: to-frr" },
        ],
        rest: $$"""
            bmp:
              - { address: {{BgpNetwork.Address(Station)}}, port: {{BmpStation.Port}}, views: [adj-rib-in-pre, adj-rib-in-post, adj-rib-out-pre, adj-rib-out-post, loc-rib], statistics-interval: 1, retry: 1 }
            mrt: { directory: "{directory}/mrt", message-file: updates, table-file: "rib.%H%M%S", table-interval: 1 }
            policies:
              - name: from-gobgp
                default: accept
                terms:
                  - { name: not-that-one, match: { prefixes: [10.60.2.0/24] }, action: reject }
              - name: to-frr
                default: accept
                terms:
                  - { name: not-that-one, match: { prefixes: [10.60.3.0/24] }, action: reject }
            """);

    /// <summary>Each view as RFC 7854, 8671 and 9069 mean it: the rejected route before policy only, what is sent to whom, and what was chosen.</summary>
    private static void ReadBmp(BgpCapture capture)
    {
        IReadOnlyList<BmpMessage> messages = capture.BmpMessages();
        (string go, string frr) = (BgpNetwork.Address(GoBgp), BgpNetwork.Address(Frr));
        Assert.Equal(BmpMessage.Initiation, messages[0].Type);
        IEnumerable<BmpMessage> Of(int type) => messages.Where(message => message.Type == type);
        Assert.Equal([frr, go], Of(BmpMessage.PeerUp).Select(message => message.Peer).Where(peer => peer is not ("" or "0.0.0.0")).Distinct().Order(StringComparer.Ordinal));
        bool Is(string view, string peer, string prefix, bool withdrawn = false) => Of(BmpMessage.RouteMonitoring).Any(message =>
            message.View == view && (peer.Length == 0 || message.Peer == peer) && (withdrawn ? message.Withdrawn : message.Announced).Contains(prefix));
        Assert.True(Is("in-pre", go, "10.60.1.0"));
        Assert.True(Is("in-pre", go, "10.60.2.0"));
        Assert.True(Is("in-post", go, "10.60.1.0"));
        Assert.False(Is("in-post", go, "10.60.2.0"));
        Assert.True(Is("out-post", frr, "10.60.1.0"));
        Assert.False(Is("out-post", frr, "10.60.2.0"));
        Assert.True(Is("out-post", go, "10.61.1.0"));
        Assert.False(Is("out-post", go, "10.60.1.0")); // nobody is sent back what he sent
        Assert.True(Is("out-pre", frr, "10.60.1.0"));
        Assert.True(Is("out-pre", frr, "10.60.3.0"));
        Assert.False(Is("out-post", frr, "10.60.3.0"));
        Assert.False(Is("out-pre", frr, "10.60.2.0")); // rejected when it came: it was never chosen
        Assert.True(Is("out-pre", go, "10.61.1.0"));
        Assert.False(Is("out-pre", go, "10.60.3.0"));
        Assert.True(Is("loc", "", "10.60.1.0"));
        Assert.True(Is("loc", "", "10.61.2.0"));
        Assert.All(new[] { "in-pre", "in-post", "loc" }, view => Assert.True(Is(view, "", "10.60.1.0", withdrawn: true), view));
        Assert.All(new[] { "out-pre", "out-post" }, view => Assert.True(Is(view, frr, "10.60.1.0", withdrawn: true), view));
        // FRR ended its session first, by NOTIFICATION (3, remote), and we did the second time (1, local).
        BmpMessage[] ends = [.. Of(BmpMessage.PeerDown).Where(message => message.Peer == frr)];
        Assert.Equal(["3", "1"], ends.Select(message => message.Fields["bmp.peer.down.reason"].First()));
        string TextOf(BmpMessage end) => Encoding.UTF8.GetString(Convert.FromHexString(end.Fields["bgp.notify.minor_data"].First().Replace(":", "", StringComparison.Ordinal)));
        Assert.Contains("maintenance at theirs", TextOf(ends[0]));
        Assert.Contains("maintenance at ours", TextOf(ends[1]));
        Assert.DoesNotContain(Of(BmpMessage.PeerDown), message => message.Peer == go);
    }

    private static void ReadMrt(string directory)
    {
        // A second file when a quarter of an hour ended meanwhile.
        string[] messages = [.. Directory.GetFiles(directory, "updates*").Order(StringComparer.Ordinal).SelectMany(Bgpdump)];
        (string go, string frr) = (BgpNetwork.Address(GoBgp), BgpNetwork.Address(Frr));
        Assert.Contains(messages, line => line.Contains($"|STATE|{go}|65000|5|6", StringComparison.Ordinal));
        Assert.Equal((2, 2), (messages.Count(line => line.Contains($"|STATE|{frr}|65000|5|6", StringComparison.Ordinal)),
            messages.Count(line => line.Contains($"|STATE|{frr}|65000|6|1", StringComparison.Ordinal))));
        Assert.Contains(messages, line => line.Contains($"|A|{frr}|65000|10.61.9.0/24||IGP|{frr}|100|61|", StringComparison.Ordinal));
        string table = TablesOf(directory).Last(path => Bgpdump(path).Any(line => line.Contains("|10.61.9.0/24|", StringComparison.Ordinal)));
        Assert.Contains(Bgpdump(table), line => line.StartsWith("TABLE_DUMP2|", StringComparison.Ordinal)
            && line.Contains($"|B|{frr}|65000|10.61.9.0/24||IGP|{frr}|100|61|", StringComparison.Ordinal));
    }

    /// <summary>What we hold of FRR is what FRR says that it sent.</summary>
    private static void CompareWithFrr(OurSpeaker ours, FrrPeer frr)
    {
        JsonArray held = ours.Show("bgp", "routes", "vpn-ipv4", "--neighbor", BgpNetwork.Address(Frr), "--received")["routes"]!.AsArray();
        foreach (int last in new[] { 1, 2 })
        {
            SeenRoute sent = Assert.Single(frr.Vpn("65000:61", $"10.61.{last}.0/24"));
            JsonNode path = Assert.Single(Assert.Single(held, route => ((string?)route!["nlri"])!.Contains($"10.61.{last}.0/24", StringComparison.Ordinal))!["paths"]!.AsArray())!;
            JsonNode attributes = path["attributes"]!;
            Assert.Equal(610u + (uint)last, (uint?)path["label"]);
            Assert.Equal(BgpNetwork.Address(Frr), (string?)attributes["nextHop"]);
            Assert.Equal(sent.Origin, (string?)attributes["origin"]);
            Assert.Equal(sent.Communities, SeenRoute.Sorted(attributes["communities"]!.AsArray().Select(community => (string)community!)));
            Assert.Equal(sent.ExtendedCommunities, SeenRoute.Sorted(attributes["routeTargets"]!.AsArray().Select(target => $"target:{target}")));
        }

        Assert.Equal(2, held.Count);
        Assert.Contains("10.61.9.0/24", frr.Run($"show bgp ipv4 unicast neighbors {BgpNetwork.Address(Ours)} advertised-routes"));
        SeenRoute origin = Assert.Single(frr.Unicast("10.61.9.0/24"));
        JsonNode plain = Assert.Single(ours.Show("bgp", "routes", "ipv4-unicast", "--neighbor", BgpNetwork.Address(Frr), "--received")["routes"]!.AsArray())!;
        Assert.Equal("10.61.9.0/24", (string?)plain["nlri"]);
        Assert.Equal(origin.Med, (uint?)plain["paths"]![0]!["attributes"]!["med"]);
    }

    private static IEnumerable<string> TablesOf(string directory) =>
        Directory.Exists(directory) ? Directory.GetFiles(directory, "rib.*").Order(StringComparer.Ordinal) : [];

    /// <summary>A dump as bgpdump tells it, a line for each route; of a file that is being written, what it could read.</summary>
    private static string[] Bgpdump(string path) =>
        Command.Run(["bgpdump", "-m", path]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
