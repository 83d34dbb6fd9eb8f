using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Bgp;

/// <summary>
/// The laboratory itself: peers of four implementations, among themselves, and what each shows of the same routes. What fails
/// here is no fault of ours.
/// </summary>
public sealed class LaboratoryTests : IDisposable
{
    private const int Reflector = 1;
    private const int GoBgp = 2;
    private const int Bird = 3;
    private const int ExaBgp = 4;
    private readonly BgpNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public void FourImplementationsSeeTheSameRoutes()
    {
        BgpCapture capture = _network.Capture();
        Family[] families = [Family.Vpn4, Family.Vpn6];
        Neighbor reflector = new(Reflector) { Families = families, Password = "s3cret", RestartTime = 60 };
        using FrrPeer frr = new(_network, Reflector,
            [.. new[] { GoBgp, Bird, ExaBgp }.Select(n => new Neighbor(n) { Families = families, Password = "s3cret", Passive = true, ReflectorClient = true, RestartTime = 60 })]);
        using GoBgpPeer go = new(_network, GoBgp, [reflector]);
        using BirdPeer bird = new(_network, Bird, [reflector with { ExtendedNextHop = true }], new Dictionary<Family, string>
        {
            [Family.Vpn4] = $"route 65000:301 10.3.0.0/24 via {BgpNetwork.Address(Bird)}%lo onlink mpls 301 {{ bgp_ext_community.add((rt, 65000, 1)); bgp_local_pref = 130; }};",
        });
        using ExaBgpPeer exa = new(_network, ExaBgp, [reflector]);
        frr.UntilEstablished(GoBgp, Bird, ExaBgp);
        go.Announce(Family.Vpn4, "10.2.0.0/24 label 201 rd 65000:201 rt 65000:1 65000:9 nexthop 10.0.0.2 local-pref 150 med 20 community 65000:77 large-community 65000:1:2");
        exa.Command("announce route 10.4.0.0/24 rd 65000:401 next-hop 10.0.0.4 label 401 extended-community [ target:65000:1 ] local-preference 120");

        SeenRoute ofGoBgp = new()
        {
            Prefix = "10.2.0.0/24",
            Distinguisher = "65000:201",
            Label = 201,
            NextHop = "10.0.0.2",
            Origin = "incomplete",
            Med = 20,
            LocalPreference = 150,
            Communities = "65000:77",
            ExtendedCommunities = "target:65000:1 target:65000:9",
            LargeCommunities = "65000:1:2",
            OriginatorId = "10.0.0.2",
            ClusterList = "10.0.0.1",
        };
        SeenRoute ofBird = new()
        {
            Prefix = "10.3.0.0/24",
            Distinguisher = "65000:301",
            Label = 301,
            NextHop = "10.0.0.3",
            Origin = "igp",
            Med = 0,
            LocalPreference = 130,
            ExtendedCommunities = "target:65000:1",
            OriginatorId = "10.0.0.3",
            ClusterList = "10.0.0.1",
        };
        SeenRoute ofExaBgp = ofBird with { Prefix = "10.4.0.0/24", Distinguisher = "65000:401", Label = 401, NextHop = "10.0.0.4", LocalPreference = 120, OriginatorId = "10.0.0.4" };
        Wait.Until("ExaBGP to have its routes", () => exa.ReceivedFrom(Reflector, Family.Vpn4).Count == 3);
        Wait.Until("GoBGP to have its routes", () => Foreign(go.ReceivedFrom(Reflector, Family.Vpn4), GoBgp).Length == 2);
        Wait.Until("BIRD to have its routes", () => Foreign(bird.ReceivedFrom(Reflector, Family.Vpn4), Bird).Length == 2);
        Assert.Equal([ofGoBgp, ofBird], exa.ReceivedFrom(Reflector, Family.Vpn4).Take(2));
        Assert.Equal([ofBird, ofExaBgp], Foreign(go.ReceivedFrom(Reflector, Family.Vpn4), GoBgp));
        Assert.Equal([ofGoBgp, ofExaBgp], Foreign(bird.ReceivedFrom(Reflector, Family.Vpn4), Bird));
        Assert.Equal([ofGoBgp with { OriginatorId = "", ClusterList = "" }], frr.Vpn("65000:201", "10.2.0.0/24"));
        Assert.All(new[] { Reflector, GoBgp, Bird, ExaBgp }, number => Assert.Empty(capture.ComplaintsAbout(number)));
    }

    /// <summary>What tshark finds malformed in what one of ours sent ends a recorded network with an error.</summary>
    [Fact]
    public void AMalformedMessageOfOursIsNotOverlooked()
    {
        BgpNetwork network = new(recorded: true);
        network.AddOurs(ExaBgp);
        _ = network.Keep(new GoBgpPeer(network, GoBgp, [new Neighbor(ExaBgp) { Passive = true }]));
        RawPeer raw = network.Keep(new RawPeer(network, ExaBgp, GoBgp)).Establish(65000, [Family.Vpn4]);
        raw.Send(BgpBytes.UpdateMessage(BgpBytes.Origin(), BgpBytes.AsPath(), BgpBytes.Reach(Family.Vpn4, BgpBytes.VpnNextHop("10.0.0.4"), [200, 0, 1])));
        Wait.Until("GoBGP to react", () => raw.IsClosed || raw.Messages.Count > 2);
        Assert.Contains("frames that we sent", Assert.Throws<AggregateException>(network.Dispose).Message);
    }

    /// <summary>FRR reflects routes to their originators as well.</summary>
    private static SeenRoute[] Foreign(IReadOnlyList<SeenRoute> routes, int number) =>
        [.. routes.Where(route => route.OriginatorId != BgpNetwork.Address(number)).OrderBy(route => route.Prefix)];
}
