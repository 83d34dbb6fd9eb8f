using System.Text.Json;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Xmpp;

/// <summary>
/// slixmpp end-systems of both profiles at our gateway, over TLS with certificates on both sides, and GoBGP and FRR behind it: what the ones publish the
/// others have, and the other way round.
/// </summary>
public sealed class SignalingTests : IDisposable
{
    private const int Ours = 9;
    private const int Second = 10;
    private const int GoBgp = 2;
    private const int Frr = 3;
    private const string Domain = "dc1.example.net";
    private static readonly Family[] Families = [Family.Vpn4, Family.Vpn6, Family.RouteTarget];
    private readonly BgpNetwork _network = new(recorded: true);
    private readonly LabCertificates _certificates;

    public SignalingTests()
    {
        _certificates = new LabCertificates(_network.Directory("pki"));
        _certificates.AddServer("sg.dc1.example.net");
        _certificates.AddServer("sg2.dc1.example.net");
        _certificates.AddEndSystem("one", $"02aa10c0ffee@{Domain}", "10.0.0.17");
        _certificates.AddEndSystem("two", $"02aa10c0ffff@{Domain}", "10.0.0.18");
        _certificates.AddEndSystem("hv12", $"hv12@{Domain}", "10.0.0.19");
        _certificates.AddEndSystem("stranger", $"02aa10c0aaaa@{Domain}", "10.0.0.20");
    }

    public void Dispose() => _network.Dispose();

    /// <summary>
    /// An end-system's publication is a VPN route in FRR, GoBGP and tshark's reading: label, distinguisher, route target, next hop, version. GoBGP's
    /// routes reach end-systems of both profiles. First subscriber and last one are RT-Constraint routes in GoBGP.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SIG-01")]
    [Trait("Requirement", "SIG-02")]
    [Trait("Requirement", "SIG-03")]
    [Trait("Requirement", "SIG-05")]
    [Trait("Requirement", "SIG-06")]
    [Trait("Requirement", "SIG-08")]
    [Trait("Requirement", "SIG-24")]
    [Trait("Requirement", "XMP-01")]
    [Trait("Requirement", "XMP-02")]
    [Trait("Requirement", "MGT-06")]
    [Trait("Requirement", "AMB-03")]
    public void EndSystemsAndBgpPeersHaveEachOthersRoutes()
    {
        BgpCapture capture = _network.Capture();
        GoBgpPeer gobgp = _network.Keep(new GoBgpPeer(_network, GoBgp, [new Neighbor(Ours) { Families = Families, Passive = true }]));
        FrrPeer frr = _network.Keep(new FrrPeer(_network, Frr, [new Neighbor(Ours) { Families = [Family.Vpn4, Family.Vpn6] }]));
        OurSpeaker gateway = Gateway(Ours, "sg.dc1.example.net");
        gobgp.UntilEstablished(Ours);
        frr.UntilEstablished(Ours);
        _ = gobgp.Run("vrf add blue rd 65000:99 rt both 65000:1"); // so that GoBGP asks for our routes

        SlixmppEndSystem one = EndSystem("02aa10c0ffee", "one");
        SlixmppEndSystem later = EndSystem("hv12", "hv12");
        Assert.Null(one.Ask("ping"));
        Assert.Null(one.Ask("discover"));
        string[] features = [.. one.Events.Single(static told => (string?)told["event"] == "discovered")["features"]!.AsArray().Select(static feature => (string)feature!)];
        Assert.Contains("http://jabber.org/protocol/pubsub", features);
        Assert.Contains("http://jabber.org/protocol/pubsub#collections", features);

        // Without a subscriber nobody is asked for routes; publications go out all the same.
        gobgp.Announce(Family.Vpn4, "198.51.100.40/32 label 61200 rd 65000:40 rt 65000:1 nexthop 10.0.0.44");
        gobgp.Announce(Family.Vpn6, "2001:db8:40::1/128 label 61201 rd 65000:40 rt 65000:1 nexthop fd00:0:0:1::2c");
        Assert.Null(one.Publish("blue", "198.51.100.25/32", "10.0.0.17", 52013, 7));
        SeenRoute seen = null!;
        Wait.Until("GoBGP to have the publication", () => (seen = gobgp.ReceivedFrom(Ours, Family.Vpn4).FirstOrDefault(static route => route.Prefix == "198.51.100.25/32")!) is not null);
        Assert.Equal((52013u, "10.0.0.17"), (seen.Label, seen.NextHop));
        Assert.StartsWith("10.0.0.17:", seen.Distinguisher, StringComparison.Ordinal);
        Assert.Contains("target:65000:1", seen.ExtendedCommunities);
        Wait.Until("FRR to have the publication", () => frr.Vpn(seen.Distinguisher, "198.51.100.25/32") is [{ Label: 52013, NextHop: "10.0.0.17" }]);
        Assert.Contains("target:65000:1", frr.Vpn(seen.Distinguisher, "198.51.100.25/32")[0].ExtendedCommunities);
        string update = string.Concat(capture.Decode(
            $"bgp.type == 2 && ip.src == {BgpNetwork.Address(Ours)} && ip.dst == {BgpNetwork.Address(GoBgp)}", "tcp.payload").Select(static row => row[0].Replace(":", "", StringComparison.Ordinal)));
        Assert.Contains("0cb2d1" + "0001" + "0a000011", update, StringComparison.Ordinal); // label 52013, bottom of stack; distinguisher of type 1, 10.0.0.17
        Assert.Contains("0600000000000007", update, StringComparison.Ordinal); // MAC mobility 7 (AMB-03)
        Assert.Contains("0002fde800000001", update, StringComparison.Ordinal); // route target 65000:1
        Assert.Empty(Memberships(gobgp));

        // First subscriber: the target is wanted, routes come, and go to both profiles.
        Assert.Null(one.Ask("subscribe", ("vpn", "blue")));
        Wait.Until("GoBGP to be asked", () => Memberships(gobgp).SequenceEqual(["65000:65000:1"]));
        Assert.Null(later.Ask("subscribe", ("vpn", "blue")));
        string[] expected =
        [
            "198.51.100.25/32 via 10.0.0.17:52013 v7", "198.51.100.40/32 via 10.0.0.44:61200 v0", "2001:db8:40::1/128 via fd00:0:0:1::2c:61201 v0",
        ];
        one.UntilRoutes("blue", expected);
        later.UntilRoutes("blue", expected);
        Assert.All(one.Events.Where(static told => (string?)told["event"] == "route"), static told => Assert.Equal("http://ietf.org/protocol/bgpvpn", (string?)told["namespace"]));
        Assert.All(later.Events.Where(static told => (string?)told["event"] == "route"), static told => Assert.Equal("urn:ietf:params:xml:ns:bgp:l3vpn:unicast", (string?)told["namespace"]));

        // The later draft's way to publish, and the move of an address to it: never a withdrawal.
        Assert.Null(later.Ask("publish06", ("vpn", "blue"), ("item", "10.0.0.19:4:198.51.100.25/32"), ("prefix", "198.51.100.25/32"), ("nextHop", "10.0.0.19"), ("label", 700), ("version", 8)));
        one.UntilRoutes("blue", ["198.51.100.25/32 via 10.0.0.19:700 v8", .. expected[1..]]);
        Assert.DoesNotContain(one.Events, static told => (string?)told["event"] is "disassociate" or "delete");
        Wait.Until("GoBGP to have both", () => gobgp.ReceivedFrom(Ours, Family.Vpn4).Count(static route => route.Prefix == "198.51.100.25/32") == 2);

        // Who knows it from whom.
        JsonElement[] hops = [.. Show(gateway, "show", "vrf", "blue").GetProperty("routes").EnumerateArray()
            .SelectMany(static route => route.GetProperty("nextHops").EnumerateArray())];
        Assert.Contains(hops, static hop => hop.GetProperty("knownVia").GetString() == "xmpp" && hop.GetProperty("source").GetString() == $"hv12@{Domain}" && hop.GetProperty("used").GetBoolean());
        Assert.Contains(hops, static hop => hop.GetProperty("knownVia").GetString() == "bgp" && hop.GetProperty("label").GetUInt32() == 61200);
        Assert.Equal(2, Show(gateway, "show", "xmpp", "sessions").GetProperty("sessions").GetArrayLength());
        Assert.Equal(2, Show(gateway, "show", "xmpp", "subscriptions").GetProperty("subscriptions").GetArrayLength());
        Assert.Equal(2, Show(gateway, "show", "xmpp", "publications").GetProperty("publications").GetArrayLength());

        // Withdrawal from either side.
        gobgp.Withdraw(Family.Vpn4, "198.51.100.40/32 label 61200 rd 65000:40 rt 65000:1 nexthop 10.0.0.44");
        Assert.Null(later.Ask("retract", ("vpn", "blue"), ("item", "10.0.0.19:4:198.51.100.25/32")));
        Assert.Null(one.Ask("dissociate", ("vpn", "blue"), ("leaf", "02aa10c0ffee:blue:198.51.100.25/32")));
        Assert.Null(one.Ask("delete", ("leaf", "02aa10c0ffee:blue:198.51.100.25/32")));
        one.UntilRoutes("blue", expected[2]);
        later.UntilRoutes("blue", expected[2]);
        Wait.Until("GoBGP to have nothing of it", () => gobgp.ReceivedFrom(Ours, Family.Vpn4).Count == 0);

        // The last one leaves: the target is not wanted any more.
        Assert.Null(one.Ask("unsubscribe", ("vpn", "blue")));
        Assert.Equal(["65000:65000:1"], Memberships(gobgp));
        Assert.Null(later.Ask("unsubscribe", ("vpn", "blue")));
        Wait.Until("GoBGP to be asked no more", () => Memberships(gobgp).Length == 0);
        Assert.Empty(capture.ComplaintsAbout(Ours));
    }

    /// <summary>
    /// Nobody without a certificate of his own name gets in, and who is in gets what is provisioned for him, in running sessions; every refusal is counted
    /// by its reason.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SEC-03")]
    [Trait("Requirement", "SEC-05")]
    [Trait("Requirement", "SEC-06")]
    [Trait("Requirement", "SIG-11")]
    [Trait("Requirement", "MGT-08")]
    public void OnlyWhatIsProvisionedIsAllowed()
    {
        OurSpeaker gateway = Gateway(Ours, "sg.dc1.example.net");
        SlixmppEndSystem impostor = _network.Keep(new SlixmppEndSystem(
            _network.Space, _certificates, BgpNetwork.Address(Ours), 5222, $"02aa10c0ffee@{Domain}", "two", "sg.dc1.example.net"));
        _ = impostor.Until("be refused", static told => (string?)told["event"] is "failed" or "disconnected");
        Assert.DoesNotContain(impostor.Events, static told => (string?)told["event"] == "started");

        SlixmppEndSystem stranger = EndSystem("02aa10c0aaaa", "stranger");
        Assert.Equal("forbidden", stranger.Ask("subscribe", ("vpn", "blue")));
        Assert.Equal("item-not-found", stranger.Ask("subscribe", ("vpn", "green")));
        SlixmppEndSystem one = EndSystem("02aa10c0ffee", "one");
        Assert.Equal("forbidden", one.Publish("blue", "198.51.100.25/32", "10.0.0.18", 52013, 7));
        Assert.Equal("forbidden", one.Publish("blue", "192.0.2.1/32", "10.0.0.17", 52013, 7));
        Assert.Equal("forbidden", one.Publish("red", "198.51.100.26/32", "10.0.0.17", 52013, 7));
        Assert.Equal("bad-request", one.Publish("blue", "198.51.100.25/32", "10.0.0.17", 15, 7));
        Assert.Equal("bad-request", one.Ask("raw", ("xml", "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='blue' jid='02aa10c0ffff@dc1.example.net'/></pubsub>")));
        Exposition metrics = gateway.Metrics();
        foreach ((string reason, int count) in new[]
            {
                ("foreign-vpn", 2), ("unknown-vpn", 1), ("foreign-next-hop", 1), ("foreign-prefix", 1), ("malformed", 1), ("foreign-jid", 1),
            })
        {
            Assert.Equal(count, metrics.Sum("dataplane_signaling_refused_total", ("reason", reason)));
        }

        Assert.Equal(0, metrics.Sum("dataplane_signaling_publications"));

        // Provisioned by management, and taken back: the session stays.
        Assert.Equal(200, Manage(gateway, HttpMethod.Put, "02aa10c0aaaa", """{ "vpns": [{ "vpn": "blue", "prefixes": ["198.51.100.0/24"] }] }"""));
        Assert.Null(stranger.Ask("subscribe", ("vpn", "blue")));
        Assert.Null(stranger.Publish("blue", "198.51.100.77/32", "10.0.0.20", 777, 1));
        stranger.UntilRoutes("blue", "198.51.100.77/32 via 10.0.0.20:777 v1");
        Assert.Equal(204, Manage(gateway, HttpMethod.Delete, "02aa10c0aaaa"));
        stranger.UntilRoutes("blue");
        Assert.Equal("forbidden", stranger.Ask("subscribe", ("vpn", "blue")));
        Assert.Equal(404, Manage(gateway, HttpMethod.Delete, "02aa10c0aaaa"));
        Assert.Equal(400, Manage(gateway, HttpMethod.Put, "02aa10c0aaaa", """{ "vpns": [{ "vpn": "blue", "prefixes": ["198.51.100.0/33"] }] }"""));

        // And by the provisioning file, on SIGHUP.
        File.WriteAllText(Path.Combine(gateway.Directory, "end-systems.yaml"), Provisioned("\n  - { name: 02aa10c0aaaa, vpns: [{ vpn: red, vrf: blue }] }"));
        _ = Command.Run(["kill", "-HUP", $"{gateway.ProcessId}"]);
        Wait.Until("the file to be in force", () => stranger.Ask("subscribe", ("vpn", "red")) is null);
        Assert.Equal(0, gateway.Metrics().Sum("dataplane_signaling_displaced_total"));
        Assert.DoesNotContain(stranger.Events, static told => (string?)told["event"] == "disconnected");
    }

    /// <summary>
    /// A client with two gateways: both have its routes under the same distinguisher, one serves its subscription. When its session is lost the routes stay
    /// for the time that is configured; when it closes in order they go at once.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SIG-14")]
    [Trait("Requirement", "SIG-15")]
    [Trait("Requirement", "XMP-05")]
    [Trait("Requirement", "SCL-12")]
    public void TwoGatewaysServeOneClient()
    {
        GoBgpPeer gobgp = _network.Keep(new GoBgpPeer(_network, GoBgp,
            [new Neighbor(Ours) { Families = Families, Passive = true, ReflectorClient = true }, new Neighbor(Second) { Families = Families, Passive = true, ReflectorClient = true }]));
        OurSpeaker first = Gateway(Ours, "sg.dc1.example.net", staleTime: 6);
        OurSpeaker second = Gateway(Second, "sg2.dc1.example.net", staleTime: 6);
        gobgp.UntilEstablished(Ours, Second);
        SlixmppEndSystem here = EndSystem("02aa10c0ffee", "one");
        SlixmppEndSystem there = EndSystem("02aa10c0ffee", "one", Second, "sg2.dc1.example.net");
        SlixmppEndSystem other = EndSystem("02aa10c0ffff", "two", Second, "sg2.dc1.example.net", isDirectTls: true);
        Assert.Null(here.Ask("subscribe", ("vpn", "blue")));
        Assert.Null(other.Ask("subscribe", ("vpn", "blue")));
        Assert.Null(here.Publish("blue", "198.51.100.25/32", "10.0.0.17", 52013, 7));
        Assert.Null(there.Publish("blue", "198.51.100.25/32", "10.0.0.17", 52013, 7));
        Wait.Until("GoBGP to have it from both", () => From(Ours).Length == 1 && From(Second).Length == 1);
        Assert.Equal(From(Ours)[0].Distinguisher, From(Second)[0].Distinguisher);
        here.UntilRoutes("blue", "198.51.100.25/32 via 10.0.0.17:52013 v7");
        other.UntilRoutes("blue", "198.51.100.25/32 via 10.0.0.17:52013 v7");
        Assert.DoesNotContain(there.Events, static told => (string?)told["event"] == "route");

        // The session with the first is lost: the route stays there for 6 s, and all the time with the other.
        here.Kill();
        Wait.Until("the loss to be noticed", () => first.Metrics().Sum("dataplane_signaling_stale_timers") == 1);
        Assert.Single(From(Ours));
        Wait.Until("the route to go", () => From(Ours).Length == 0);
        Assert.Equal(1, first.Metrics().Sum("dataplane_signaling_stale_swept_total"));
        Assert.Single(From(Second));
        Assert.DoesNotContain(other.Events, static told => (string?)told["event"] is "disassociate" or "delete");

        // It comes back in time: nothing changes.
        there.Kill();
        Wait.Until("the loss to be noticed", () => second.Metrics().Sum("dataplane_signaling_stale_timers") == 1);
        SlixmppEndSystem again = EndSystem("02aa10c0ffee", "one", Second, "sg2.dc1.example.net");
        Assert.Null(again.Publish("blue", "198.51.100.25/32", "10.0.0.17", 52013, 7));
        Wait.Until("the timer to end", () => second.Metrics().Sum("dataplane_signaling_stale_timers") == 0);
        Assert.Equal(0, second.Metrics().Sum("dataplane_signaling_stale_swept_total"));
        Assert.DoesNotContain(other.Events, static told => (string?)told["event"] is "disassociate" or "delete");

        // It closes its stream: the route is gone at once.
        again.Close();
        other.UntilRoutes("blue");
        Wait.Until("the route to go", () => From(Second).Length == 0);
        Assert.Equal(0, second.Metrics().Sum("dataplane_signaling_stale_swept_total"));

        SeenRoute[] From(int gateway) => [.. gobgp.ReceivedFrom(gateway, Family.Vpn4).Where(static route => route.Prefix == "198.51.100.25/32")];
    }

    private static string[] Memberships(GoBgpPeer peer) => [.. peer.ReceivedFrom(Ours, Family.RouteTarget).Select(static route => route.Prefix).Order(StringComparer.Ordinal)];

    private static JsonElement Show(OurSpeaker gateway, params string[] words)
    {
        CommandResult result = gateway.Ask([.. words, "--json"]);
        Assert.True(result.ExitCode == 0, result.All);
        return JsonDocument.Parse(result.Output).RootElement.Clone();
    }

    private static int Manage(OurSpeaker gateway, HttpMethod method, string name, string? body = null)
    {
        CommandResult result = Command.Run(
        [
            "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", gateway.ManagementSocket, "-X", method.Method,
            .. body is null ? Array.Empty<string>() : ["-d", body], $"http://localhost/v1/xmpp/end-systems/{name}",
        ]);
        return int.Parse(result.Output, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Provisioned(string more = "") => $$"""
        end-systems:
          - name: 02aa10c0ffee
            vpns: [{ vpn: blue, prefixes: [198.51.100.0/24] }]
          - name: 02aa10c0ffff
            vpns: [{ vpn: blue, prefixes: [198.51.100.0/24] }]
          - name: hv12
            profile: end-system-06
            vpns: [{ vpn: blue, prefixes: [198.51.100.0/24], instance: 4 }]{{more}}
        """;

    private OurSpeaker Gateway(int number, string name, int staleTime = 60)
    {
        string directory = _network.Directory($"dataplane-{number}");
        File.WriteAllText(Path.Combine(directory, "end-systems.yaml"), Provisioned());
        return _network.Keep(new OurSpeaker(_network, number, OurSpeaker.Configuration(
            number,
            [new Neighbor(GoBgp) { Families = Families }, .. number == Ours ? [new Neighbor(Frr) { Families = [Family.Vpn4, Family.Vpn6] }] : Array.Empty<Neighbor>()],
            rest: $$"""
            vrfs:
              - { name: blue, import-targets: ["65000:1"], export-targets: ["65000:1"], member: on-demand }
              - { name: red, import-targets: ["65000:2"], export-targets: ["65000:2"], member: on-demand }
            logging: { level: debug }
            xmpp:
              name: {{name}}
              domains: [{{Domain}}]
              listen: [{ address: {{BgpNetwork.Address(number)}} }, { address: {{BgpNetwork.Address(number)}}, port: 5223, direct-tls: true }]
              certificate: {{_certificates.CertificateOf(name)}}
              key: {{_certificates.KeyOf(name)}}
              authorities: {{_certificates.Authority}}
              provisioning: {{directory}}/end-systems.yaml
              stale-time: {{staleTime}}
            """)));
    }

    private SlixmppEndSystem EndSystem(string name, string certificate, int gateway = Ours, string server = "sg.dc1.example.net", bool isDirectTls = false) =>
        _network.Keep(new SlixmppEndSystem(
            _network.Space, _certificates, BgpNetwork.Address(gateway), isDirectTls ? 5223 : 5222, $"{name}@{Domain}", certificate, server, isDirectTls)).UntilStarted();
}
