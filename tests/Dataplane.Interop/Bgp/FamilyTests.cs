using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Bgp;

/// <summary>
/// Our speaker as route reflector between FRR, GoBGP, BIRD and ExaBGP: a route of each, in every family that it can originate,
/// is shown by each of the others that knows the family, with the attributes that it was sent with.
/// </summary>
public sealed class FamilyTests(FamilyTests.Lab lab) : IClassFixture<FamilyTests.Lab>
{
    private const int Ours = 9;
    private const int Frr = 1;
    private const int GoBgp = 2;
    private const int Bird = 3;
    private const int ExaBgp = 4;

    private static readonly Dictionary<int, SeenRoute> Vpn4Routes = new()
    {
        [Frr] = new SeenRoute
        {
            Prefix = "10.1.0.0/24",
            Distinguisher = "65000:101",
            Label = 1001,
            NextHop = "10.0.0.1",
            Origin = "igp",
            Med = 10,
            LocalPreference = 110,
            Communities = "65000:11",
            ExtendedCommunities = "target:65000:1 target:65000:3",
            LargeCommunities = "65000:1:1",
        },
        [GoBgp] = new SeenRoute
        {
            Prefix = "10.2.0.0/24",
            Distinguisher = "65000:201",
            Label = 52013,
            NextHop = "10.0.0.2",
            Origin = "incomplete",
            Med = 20,
            LocalPreference = 150,
            Communities = "65000:77",
            ExtendedCommunities = "target:65000:1 target:65000:9",
            LargeCommunities = "65000:1:2",
        },
        [Bird] = new SeenRoute
        {
            Prefix = "10.3.0.0/24",
            Distinguisher = "65000:301",
            Label = 301,
            NextHop = "10.0.0.3",
            Origin = "igp",
            LocalPreference = 130,
            Communities = "65000:33",
            ExtendedCommunities = "target:65000:1",
        },
        [ExaBgp] = new SeenRoute
        {
            Prefix = "10.4.0.0/24",
            Distinguisher = "65000:401",
            Label = 401,
            NextHop = "10.0.0.4",
            Origin = "igp",
            AsPath = "64999 64998",
            LocalPreference = 120,
            ExtendedCommunities = "target:65000:1",
        },
    };

    private static readonly Dictionary<int, SeenRoute> Vpn6Routes = new()
    {
        [Frr] = Vpn4Routes[Frr] with { Prefix = "2001:db8:1::/48", Label = 1003, NextHop = "10.0.0.1" },
        [GoBgp] = new SeenRoute
        {
            Prefix = "2001:db8:2::/48",
            Distinguisher = "65000:201",
            Label = 202,
            NextHop = "fd00:0:0:1::2",
            Origin = "incomplete",
            LocalPreference = 100,
            ExtendedCommunities = "target:65000:1",
        },
        [Bird] = Vpn4Routes[Bird] with { Prefix = "2001:db8:3::/48", Label = 302, NextHop = "fd00:0:0:1::3" },
        [ExaBgp] = Vpn4Routes[ExaBgp] with { Prefix = "2001:db8:4::/48", Label = 402, NextHop = "10.0.0.4" },
    };

    private static readonly Dictionary<int, SeenRoute> Unicast4Routes = new()
    {
        [Frr] = Plain(Vpn4Routes[Frr]) with { Prefix = "10.61.0.0/24", ExtendedCommunities = "" },
        [GoBgp] = new SeenRoute { Prefix = "10.62.0.0/24", NextHop = "10.0.0.2", Origin = "incomplete", LocalPreference = 100, Communities = "65000:62" },
        [Bird] = new SeenRoute { Prefix = "10.63.0.0/24", NextHop = "10.0.0.3", Origin = "igp", LocalPreference = 100 },
        [ExaBgp] = new SeenRoute { Prefix = "10.64.0.0/24", NextHop = "10.0.0.4", Origin = "igp", LocalPreference = 100, Med = 64 },
    };

    private static readonly Dictionary<int, SeenRoute> Unicast6Routes = new()
    {
        [GoBgp] = Unicast4Routes[GoBgp] with { Prefix = "2001:db8:62::/48", NextHop = "fd00:0:0:1::2" },
        [ExaBgp] = Unicast4Routes[ExaBgp] with { Prefix = "2001:db8:64::/48", NextHop = "fd00:0:0:1::4" },
    };

    public static TheoryData<int, int> VpnPairs => Pairs(Vpn4Routes.Keys, [Frr, GoBgp, Bird, ExaBgp]);

    public static TheoryData<int, int> Unicast6Pairs => Pairs(Unicast6Routes.Keys, [GoBgp, Bird, ExaBgp]);

    /// <summary>A flow specification: its family, who originates it, who shall see it, and how that one writes it.</summary>
    public static TheoryData<Family, int, int, string, string> FlowSpecifications => new()
    {
        { Family.Flow4, GoBgp, ExaBgp, "flow destination-ipv4 10.50.0.0/24 protocol =tcp destination-port =80", "rate-limit:9600" },
        { Family.Flow4, ExaBgp, GoBgp, """[{"type":1,"value":{"prefix":"10.40.0.0/24"}},{"type":3,"value":[{"op":129,"value":17}]},{"type":5,"value":[{"op":129,"value":53}]}]""", "rate-limit:9600" },
        { Family.Flow4, Bird, GoBgp, """[{"type":1,"value":{"prefix":"10.43.0.0/24"}},{"type":3,"value":[{"op":129,"value":6}]},{"type":5,"value":[{"op":145,"value":443}]}]""", "rate-limit:0" },
        { Family.Flow4, Bird, ExaBgp, "flow destination-ipv4 10.43.0.0/24 protocol =tcp destination-port =443", "rate-limit:0" },
        { Family.Flow6, GoBgp, ExaBgp, "flow destination-ipv6 2001:db8:50::/48/0", "rate-limit:0" },
        { Family.Flow6, ExaBgp, GoBgp, """[{"type":1,"value":{"prefix":"2001:db8:40::/48"},"offset":0}]""", "rate-limit:9600" },
        { Family.VpnFlow4, GoBgp, ExaBgp, "flow source-ipv4 10.51.0.0/24", "redirect:65000:5 target:65000:1" },
        { Family.VpnFlow4, ExaBgp, GoBgp, """[{"type":2,"value":{"prefix":"10.41.0.0/24"}}]""", "redirect:65000:5 target:65000:1" },
        { Family.VpnFlow6, GoBgp, ExaBgp, "flow destination-ipv6 2001:db8:51::/48/0", "rate-limit:0 target:65000:1" },
    };

    [Theory]
    [Trait("Requirement", "SIG-01")]
    [Trait("Requirement", "SIG-03")]
    [MemberData(nameof(VpnPairs))]
    public void VpnIpv4(int from, int to) => Crosses(Family.Vpn4, Vpn4Routes, from, to);

    [Theory]
    [Trait("Requirement", "SIG-01")]
    [Trait("Requirement", "SIG-03")]
    [MemberData(nameof(VpnPairs))]
    public void VpnIpv6(int from, int to) => Crosses(Family.Vpn6, Vpn6Routes, from, to);

    [Theory]
    [Trait("Requirement", "SIG-15")]
    [MemberData(nameof(VpnPairs))]
    public void Ipv4Unicast(int from, int to) => Crosses(Family.Ipv4, Unicast4Routes, from, to);

    [Theory]
    [Trait("Requirement", "SIG-15")]
    [MemberData(nameof(Unicast6Pairs))]
    public void Ipv6Unicast(int from, int to) => Crosses(Family.Ipv6, Unicast6Routes, from, to);

    [Theory]
    [Trait("Requirement", "SIG-20")]
    [MemberData(nameof(FlowSpecifications))]
    public void FlowSpecification(Family family, int from, int to, string components, string communities)
    {
        IReadOnlyList<SeenRoute> seen = [];
        try
        {
            Wait.Until("the flow specification", () => (seen = lab.SeenBy(to, family)).Any(route => route.Prefix == components));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{to} has no {components} but:\n{string.Join('\n', seen)}");
        }

        SeenRoute flow = seen.Single(route => route.Prefix == components);
        Assert.Equal(communities, flow.ExtendedCommunities);
        Assert.Equal(BgpNetwork.Address(from), flow.OriginatorId);
        Assert.Equal(BgpNetwork.Address(Ours), flow.ClusterList);
        Assert.Equal(family is Family.VpnFlow4 or Family.VpnFlow6 ? $"65000:{from}01" : "", flow.Distinguisher);
    }

    /// <summary>
    /// A VRF of ours exports its filters under its distinguisher and with its targets; others have them as long as the configuration says so, and no
    /// session is touched.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void FiltersOfAVrfAreExported()
    {
        const string OfGoBgp = """[{"type":1,"value":{"prefix":"10.91.0.0/24"}},{"type":3,"value":[{"op":129,"value":6}]},{"type":5,"value":[{"op":1,"value":80},{"op":145,"value":443}]}]""";
        const string OfExaBgp = "flow destination-ipv4 10.91.0.0/24 protocol =tcp destination-port [ =80 =443 ]";
        (int Peer, Family Family, string Components, string Communities)[] wanted =
        [
            (GoBgp, Family.VpnFlow4, OfGoBgp, "rate-limit:125000 target:65000:9"),
            (ExaBgp, Family.VpnFlow4, OfExaBgp, "rate-limit:125000 target:65000:9"),
            (GoBgp, Family.VpnFlow6, """[{"type":1,"value":{"prefix":"2001:db8:91::/48"},"offset":0}]""", "redirect:65000:5 target:65000:9"),
            (ExaBgp, Family.VpnFlow6, "flow destination-ipv6 2001:db8:91::/48/0", "redirect:65000:5 target:65000:9"),
        ];
        SeenRoute[] Seen() => [.. wanted.SelectMany(row => lab.SeenBy(row.Peer, row.Family).Where(route => route.Distinguisher == "65000:901"))];
        string Sessions() => string.Join(' ', lab.Speaker.Show("bgp", "neighbors")["neighbors"]!.AsArray().Select(row => $"{row!["address"]} {row["sessionsEstablished"]}"));
        string sessions = Sessions();
        Wait.Until("the filters", () => Seen().Length == wanted.Length);
        Assert.All(Seen().Zip(wanted), pair => Assert.Equal(
            (pair.Second.Components, pair.Second.Communities, "", ""), (pair.First.Prefix, pair.First.ExtendedCommunities, pair.First.AsPath, pair.First.OriginatorId)));
        lab.Speaker.Reconfigure(Lab.Configuration(exportsFilters: false));
        Wait.Until("the filters to go", () => Seen().Length == 0);
        lab.Speaker.Reconfigure(Lab.Configuration());
        Wait.Until("the filters to come again", () => Seen().Length == wanted.Length);
        Assert.Equal(sessions, Sessions());
    }

    /// <summary>FRR shows flow specifications in a notation of its own.</summary>
    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void FrrTakesFlowSpecifications() => Wait.Until("FRR to have the flow specifications", () =>
    {
        string all = lab.FrrPeer.Run("show bgp ipv4 flowspec detail");
        return all.Contains("Destination Address 10.50.0.0/24", StringComparison.Ordinal) && all.Contains("Destination Address 10.40.0.0/24", StringComparison.Ordinal);
    });

    /// <summary>Label 52013 is 0c b2 d1 on the wire, and tshark has nothing against anything that we sent.</summary>
    [Fact]
    [Trait("Requirement", "SIG-03")]
    public void TsharkAgreesWithEveryMessage()
    {
        foreach (int peer in new[] { Frr, GoBgp, Bird, ExaBgp })
        {
            Wait.Until($"{peer} to have all", () => Vpn4Routes.Keys.Where(from => from != peer).All(from => lab.Find(peer, Family.Vpn4, Vpn4Routes[from]) is not null));
        }

        Assert.Empty(lab.Capture.ComplaintsAbout(Ours));
        Assert.NotEmpty(lab.Capture.Decode($"bgp && ip.src == {BgpNetwork.Address(Ours)} && tcp.payload contains 70:0c:b2:d1", "frame.number"));
    }

    [Fact]
    [Trait("Requirement", "SIG-01")]
    public void OurOpenOffersTheFamilies()
    {
        List<string[]> opens = lab.Capture.Decode($"bgp.type == 1 && ip.src == {BgpNetwork.Address(Ours)} && ip.dst == {BgpNetwork.Address(GoBgp)}",
            "bgp.cap.mp.afi", "bgp.cap.mp.safi");
        string[] offered = [.. opens[0][0].Split(',').Zip(opens[0][1].Split(','), (afi, safi) => $"{afi}/{safi}")];
        Assert.Superset(new HashSet<string> { "1/128", "2/128", "1/132" }, offered.ToHashSet());
    }

    [Theory]
    [Trait("Requirement", "SIG-15")]
    [InlineData(GoBgp)]
    [InlineData(Bird)]
    [InlineData(ExaBgp)]
    public void AWithdrawalCrosses(int to)
    {
        const string Prefix = "10.66.0.0/24";
        lab.GoBgpPeer.Announce(Family.Vpn4, $"{Prefix} label 66 rd 65000:66 rt 65000:1 nexthop 10.0.0.2");
        int from = to == GoBgp ? ExaBgp : GoBgp;
        if (to == GoBgp)
        {
            lab.ExaBgpPeer.Command($"announce route {Prefix} rd 65000:67 next-hop 10.0.0.4 label 67 extended-community [ target:65000:1 ]");
        }

        SeenRoute wanted = new() { Prefix = Prefix, Distinguisher = from == GoBgp ? "65000:66" : "65000:67" };
        Wait.Until("the route to arrive", () => lab.Find(to, Family.Vpn4, wanted) is not null);
        lab.GoBgpPeer.Withdraw(Family.Vpn4, $"{Prefix} label 66 rd 65000:66");
        lab.ExaBgpPeer.Command($"withdraw route {Prefix} rd 65000:67 next-hop 10.0.0.4 label 67");
        Wait.Until("the route to go", () => lab.Find(to, Family.Vpn4, wanted) is null);
    }

    [Theory]
    [Trait("Requirement", "SIG-15")]
    [InlineData(Family.Vpn4)]
    [InlineData(Family.Vpn6)]
    [InlineData(Family.Flow4)]
    [InlineData(Family.VpnFlow4)]
    public void EachFamilyEndsWithOneMarker(Family family)
    {
        Wait.Until($"ExaBGP to see the End-of-RIB of {family}", () => lab.ExaBgpPeer.EndsOfRib(Ours, family) > 0);
        Assert.Equal(1, lab.ExaBgpPeer.EndsOfRib(Ours, family));
    }

    private static SeenRoute Plain(SeenRoute route) => route with { Distinguisher = "", Label = null };

    private static TheoryData<int, int> Pairs(IEnumerable<int> from, IEnumerable<int> to)
    {
        TheoryData<int, int> pairs = [];
        foreach ((int one, int other) in from.SelectMany(one => to.Where(other => other != one).Select(other => (one, other))))
        {
            pairs.Add(one, other);
        }

        return pairs;
    }

    private void Crosses(Family family, Dictionary<int, SeenRoute> routes, int from, int to)
    {
        SeenRoute expected = routes[from] with { OriginatorId = BgpNetwork.Address(from), ClusterList = BgpNetwork.Address(Ours) };
        SeenRoute? seen = null;
        try
        {
            Wait.Until($"speaker {to} to have the route of {from}", () => (seen = lab.Find(to, family, expected)) is not null);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"speaker {to} has no {expected} but:\n{string.Join('\n', lab.SeenBy(to, family))}");
        }

        Assert.Equal(expected, seen);
    }

    /// <summary>The four peers, all reflector clients of ours, each announcing what it can.</summary>
    public sealed class Lab : IDisposable
    {
        private static readonly Family[] OfFrr = [Family.Ipv4, Family.Vpn4, Family.Vpn6, Family.Flow4];
        private static readonly Family[] OfBird = [Family.Ipv4, Family.Ipv6, Family.Vpn4, Family.Vpn6, Family.Flow4, Family.Flow6];
        private static readonly Family[] OfExaBgp = [Family.Ipv4, Family.Ipv6, Family.Vpn4, Family.Vpn6, Family.Flow4, Family.Flow6, Family.VpnFlow4, Family.VpnFlow6];
        private static readonly Family[] OfGoBgp = [.. OfExaBgp];
        private readonly BgpNetwork _network = new(recorded: true);
        private readonly BirdPeer _bird;

        public Lab()
        {
            try
            {
                Capture = _network.Capture();
                Neighbor toUs = new(Ours) { Password = "s3cret" };
                FrrPeer = _network.Keep(new FrrPeer(_network, Frr, [toUs with { Families = OfFrr }],
                    new Dictionary<Family, string>
                    {
                        [Family.Ipv4] = $"  network {Unicast4Routes[Frr].Prefix} route-map PLAIN\n",
                        [Family.Vpn4] = $"  network {Vpn4Routes[Frr].Prefix} rd 65000:101 label 1001 route-map ALL\n",
                        [Family.Vpn6] = $"  network {Vpn6Routes[Frr].Prefix} rd 65000:101 label 1003 route-map ALL\n",
                    },
                    global: """
                        route-map PLAIN permit 10
                         set metric 10
                         set local-preference 110
                         set community 65000:11
                         set large-community 65000:1:1
                        route-map ALL permit 10
                         set metric 10
                         set local-preference 110
                         set community 65000:11
                         set large-community 65000:1:1
                         set extcommunity rt 65000:1 65000:3
                        """,
                    router: " no bgp network import-check"));
                GoBgpPeer = _network.Keep(new GoBgpPeer(_network, GoBgp, [toUs with { Families = OfGoBgp, Passive = true }]));
                _bird = _network.Keep(new BirdPeer(_network, Bird, [toUs with { Families = OfBird, ExtendedNextHop = true }], new Dictionary<Family, string>
                {
                    [Family.Ipv4] = "route 10.63.0.0/24 via 10.0.0.3%lo onlink;",
                    [Family.Vpn4] = "route 65000:301 10.3.0.0/24 via 10.0.0.3%lo onlink mpls 301 { bgp_ext_community.add((rt, 65000, 1)); bgp_community.add((65000, 33)); bgp_local_pref = 130; };",
                    [Family.Vpn6] = "route 65000:301 2001:db8:3::/48 via fd00:0:0:1::3%lo onlink mpls 302 { bgp_ext_community.add((rt, 65000, 1)); bgp_community.add((65000, 33)); bgp_local_pref = 130; };",
                    [Family.Flow4] = "route flow4 { dst 10.43.0.0/24; proto = 6; dport = 443; } { bgp_ext_community.add((generic, 0x80060000, 0x0)); };",
                }));
                ExaBgpPeer = _network.Keep(new ExaBgpPeer(_network, ExaBgp, [toUs with { Families = OfExaBgp }]));
                Speaker = _network.Keep(new OurSpeaker(_network, Ours, Configuration()));
                Announce();
                FrrPeer.UntilEstablished(Ours);
                GoBgpPeer.UntilEstablished(Ours);
                _bird.UntilEstablished(Ours);
                ExaBgpPeer.UntilEstablished(Ours);
            }
            catch
            {
                _network.Dispose();
                throw;
            }
        }

        /// <summary>The reflector's configuration; a VRF of its own has filters.</summary>
        public static string Configuration(bool exportsFilters = true) => OurSpeaker.Configuration(Ours,
            [
                new Neighbor(Frr) { Families = OfFrr, Password = "s3cret", ReflectorClient = true },
                new Neighbor(GoBgp) { Families = [.. OfGoBgp, Family.RouteTarget], Password = "s3cret", ReflectorClient = true },
                new Neighbor(Bird) { Families = OfBird, Password = "s3cret", ReflectorClient = true, ExtendedNextHop = true },
                new Neighbor(ExaBgp) { Families = OfExaBgp, Password = "s3cret", ReflectorClient = true },
            ],
            rest: $$"""
                vrfs:
                  - name: filtered
                    rd: 65000:901
                    export-targets: ["65000:9"]
                    export-filters: {{(exportsFilters ? "true" : "false")}}
                    filters:
                      - { match: "dst 10.91.0.0/24; proto =6; dport =80 =443", actions: ["rate:125000"] }
                      - { match: "dst 2001:db8:91::/48", actions: ["redirect:65000:5"] }
                """);

        public BgpCapture Capture { get; }

        public FrrPeer FrrPeer { get; }

        public GoBgpPeer GoBgpPeer { get; }

        public ExaBgpPeer ExaBgpPeer { get; }

        public OurSpeaker Speaker { get; }

        public void Dispose() => _network.Dispose();

        /// <summary>What a peer shows of what it was sent by us; of FRR, see <see cref="Find"/>.</summary>
        public IReadOnlyList<SeenRoute> SeenBy(int peer, Family family) => peer switch
        {
            GoBgp => GoBgpPeer.ReceivedFrom(Ours, family),
            Bird => _bird.ReceivedFrom(Ours, family),
            ExaBgp => ExaBgpPeer.ReceivedFrom(Ours, family),
            _ => [],
        };

        /// <summary>A peer's path to the destination of <paramref name="wanted"/>, or null.</summary>
        public SeenRoute? Find(int peer, Family family, SeenRoute wanted) => peer == Frr
            ? (family is Family.Ipv4 ? FrrPeer.Unicast(wanted.Prefix) : FrrPeer.Vpn(wanted.Distinguisher, wanted.Prefix)).FirstOrDefault()
            : SeenBy(peer, family).FirstOrDefault(route => route.Prefix == wanted.Prefix && route.Distinguisher == wanted.Distinguisher);

        private void Announce()
        {
            GoBgpPeer.Announce(Family.Vpn4, "10.2.0.0/24 label 52013 rd 65000:201 rt 65000:1 65000:9 nexthop 10.0.0.2 local-pref 150 med 20 community 65000:77 large-community 65000:1:2");
            GoBgpPeer.Announce(Family.Vpn6, "2001:db8:2::/48 label 202 rd 65000:201 rt 65000:1 nexthop fd00:0:0:1::2");
            GoBgpPeer.Announce(Family.Ipv4, "10.62.0.0/24 nexthop 10.0.0.2 community 65000:62");
            GoBgpPeer.Announce(Family.Ipv6, "2001:db8:62::/48 nexthop fd00:0:0:1::2 community 65000:62");
            GoBgpPeer.Announce(Family.Flow4, "match destination 10.50.0.0/24 protocol tcp destination-port ==80 then rate-limit 9600 community 65000:5");
            GoBgpPeer.Announce(Family.Flow6, "match destination 2001:db8:50::/48 then discard");
            GoBgpPeer.Announce(Family.VpnFlow4, "rd 65000:201 match source 10.51.0.0/24 then redirect 65000:5 rt 65000:1");
            GoBgpPeer.Announce(Family.VpnFlow6, "rd 65000:201 match destination 2001:db8:51::/48 then discard rt 65000:1");
            foreach (string command in new[]
            {
                "announce route 10.4.0.0/24 rd 65000:401 next-hop 10.0.0.4 label 401 extended-community [ target:65000:1 ] local-preference 120 as-path [ 64999 64998 ]",
                "announce route 2001:db8:4::/48 rd 65000:401 next-hop ::ffff:10.0.0.4 label 402 extended-community [ target:65000:1 ] local-preference 120 as-path [ 64999 64998 ]",
                "announce route 10.64.0.0/24 next-hop 10.0.0.4 med 64",
                "announce route 2001:db8:64::/48 next-hop fd00:0:0:1::4 med 64",
                "announce flow route { match { destination 10.40.0.0/24; protocol udp; destination-port =53; } then { rate-limit 9600; } }",
                "announce flow route { match { destination 2001:db8:40::/48; } then { rate-limit 9600; } }",
                "announce flow route { rd 65000:401; match { source 10.41.0.0/24; } then { redirect 65000:5; extended-community [ target:65000:1 ]; } }",
            })
            {
                ExaBgpPeer.Command(command);
            }
        }
    }
}
