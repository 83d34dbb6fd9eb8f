using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Bgp;

/// <summary>
/// Restarts without warning, ours and theirs: GoBGP – our speaker – FRR – ExaBGP in a row, where ExaBGP at the end of the row must
/// not be told that anything happened.
/// </summary>
public sealed class GracefulRestartTests : IDisposable
{
    private const int Ours = 9;
    private const int Frr = 1;
    private const int GoBgp = 2;
    private const int ExaBgp = 4;
    private const int LongLived = 6;
    private const int ShortLived = 5;
    private const string Route = "10.80.0.0/24 label 80 rd 65000:80 rt 65000:1 nexthop 10.0.0.2";
    private const string Other = "10.81.0.0/24 label 81 rd 65000:80 rt 65000:1 nexthop 10.0.0.2";
    private static readonly SeenRoute Wanted = new() { Prefix = "10.80.0.0/24", Distinguisher = "65000:80" };
    private readonly BgpNetwork _network = new(recorded: true);

    public void Dispose() => _network.Dispose();

    [Fact]
    [Trait("Requirement", "SIG-22")]
    public void WeAreKilledAndComeBackAndNobodyBehindNotices()
    {
        Neighbor toUs = new(Ours) { RestartTime = 120 };
        BgpCapture capture = _network.Capture();
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, GoBgp, [toUs with { Passive = true }]));
        FrrPeer frr = _network.Keep(StartFrr(toUs));
        ExaBgpPeer exa = _network.Keep(new ExaBgpPeer(_network, ExaBgp, [new Neighbor(Frr)]));
        OurSpeaker ours = _network.Keep(StartOurs());
        go.Announce(Family.Vpn4, Route);
        Wait.Until("ExaBGP to have GoBGP's route", () => Find(exa, Frr) is not null);
        Wait.Until("GoBGP to have FRR's route", () => go.ReceivedFrom(Ours, Family.Vpn4).Count == 1);

        ours.Kill();
        Wait.Until("FRR to hold the route as stale", () => frr.Vpn(Wanted.Distinguisher, Wanted.Prefix) is [{ Stale: true }]);
        Wait.Until("GoBGP to hold FRR's route as stale", () => go.ReceivedFrom(Ours, Family.Vpn4) is [{ Stale: true }]);
        ours.Start();
        Wait.Until("FRR to have the route afresh", () => frr.Vpn(Wanted.Distinguisher, Wanted.Prefix) is [{ Stale: false }]);
        Wait.Until("GoBGP to have FRR's route afresh", () => go.ReceivedFrom(Ours, Family.Vpn4) is [{ Stale: false }]);
        Assert.True(capture.Withdrawals(Frr, ExaBgp).Count == 0, Exchange(capture));
        Assert.NotNull(Find(exa, Frr));
    }

    [Fact]
    [Trait("Requirement", "SIG-22")]
    public void APeerIsKilledAndComesBackAndNobodyBehindNotices()
    {
        Neighbor toUs = new(Ours) { RestartTime = 120 };
        BgpCapture capture = _network.Capture();
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, GoBgp, [toUs with { Passive = true }]));
        FrrPeer frr = _network.Keep(StartFrr(toUs));
        ExaBgpPeer exa = _network.Keep(new ExaBgpPeer(_network, ExaBgp, [new Neighbor(Frr)]));
        _ = _network.Keep(StartOurs());
        go.Announce(Family.Vpn4, Route);
        go.Announce(Family.Vpn4, Other);
        Wait.Until("ExaBGP to have both routes", () => exa.ReceivedFrom(Frr, Family.Vpn4).Count(route => route.Distinguisher == Wanted.Distinguisher) == 2);

        go.Kill();
        go.Start(restarting: true);
        go.Announce(Family.Vpn4, Route);
        go.UntilEstablished(Ours);
        Wait.Until("the route that did not come back to go", () => exa.ReceivedFrom(Frr, Family.Vpn4).Count(route => route.Distinguisher == Wanted.Distinguisher) == 1);
        Assert.NotNull(Find(exa, Frr));
        Assert.True(capture.Withdrawals(Ours, Frr).Count == 1, Exchange(capture));
        Assert.True(frr.IsRunning);
    }

    /// <summary>A peer that ends properly and supports RFC 8538 keeps its forwarding state; a hard reset takes it all away.</summary>
    [Fact]
    [Trait("Requirement", "SIG-22")]
    public void APeerThatDoesNotComeBackLosesItsRoutes()
    {
        Neighbor toUs = new(Ours) { RestartTime = 2 };
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, GoBgp, [toUs with { Passive = true }]));
        FrrPeer frr = _network.Keep(StartFrr(toUs));
        _ = _network.Keep(StartOurs());
        go.Announce(Family.Vpn4, Route);
        Wait.Until("FRR to have the route", () => Has(frr));
        go.Kill();
        Wait.Until("the route to go when its time is over", () => !Has(frr));
    }

    /// <summary>
    /// RFC 9494: after the restart time the routes stay as the least preferred there are, marked by a community; they are shown to
    /// peers that know what that means, and to no others.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SIG-22")]
    public void RoutesOfALongLivedPeerStayMarked()
    {
        Neighbor toUs = new(Ours) { RestartTime = 2, LongLivedTime = 120 };
        GoBgpPeer go = _network.Keep(new GoBgpPeer(_network, GoBgp, [toUs with { Passive = true }]));
        GoBgpPeer knowing = _network.Keep(new GoBgpPeer(_network, LongLived, [toUs with { Passive = true }]));
        ExaBgpPeer unknowing = _network.Keep(new ExaBgpPeer(_network, ShortLived, [new Neighbor(Ours)]));
        Neighbor client = new(GoBgp) { RestartTime = 120, LongLivedTime = 120, ReflectorClient = true };
        _ = _network.Keep(new OurSpeaker(_network, Ours, OurSpeaker.Configuration(Ours,
            [client, client with { Number = LongLived }, new Neighbor(ShortLived) { ReflectorClient = true }])));
        knowing.UntilEstablished(Ours);
        go.Announce(Family.Vpn4, Route);
        Wait.Until("both to have the route", () => Find(knowing, Ours) is { Communities: "" } && Find(unknowing, Ours) is not null);
        go.Kill();
        Wait.Until("the mark of a stale route", () => Find(knowing, Ours) is { Communities: "65535:6" });
        Wait.Until("the route to be withdrawn from who would not know", () => Find(unknowing, Ours) is null);
        go.Start(restarting: true);
        go.Announce(Family.Vpn4, Route);
        Wait.Until("the route without the mark", () => Find(knowing, Ours) is { Communities: "" } && Find(unknowing, Ours) is not null);
    }

    /// <summary>Who said what to whom, and when: to be read when a route went that should have stayed.</summary>
    private static string Exchange(BgpCapture capture) => string.Join('\n', capture.Decode("bgp.type in {1..3} || tcp.flags.syn == 1 || tcp.flags.fin == 1 || tcp.flags.reset == 1",
        "frame.number", "frame.time_relative", "ip.src", "ip.dst", "tcp.stream", "tcp.flags.str", "bgp.type", "bgp.cap.gr.timers.restart_flag", "bgp.cap.gr.flag",
        "bgp.notify.major_error", "bgp.notify.minor_error_cease", "bgp.update.path_attribute.type_code", "bgp.update.path_attribute.length").Select(row => string.Join(' ', row)));

    private static SeenRoute? Find(ExaBgpPeer peer, int from) => Find(peer.ReceivedFrom(from, Family.Vpn4));

    private static SeenRoute? Find(GoBgpPeer peer, int from) => Find(peer.ReceivedFrom(from, Family.Vpn4));

    private static SeenRoute? Find(IReadOnlyList<SeenRoute> routes) =>
        routes.FirstOrDefault(route => (route.Prefix, route.Distinguisher) == (Wanted.Prefix, Wanted.Distinguisher));

    private static bool Has(FrrPeer frr) => frr.Vpn(Wanted.Distinguisher, Wanted.Prefix).Count == 1;

    private FrrPeer StartFrr(Neighbor toUs) => new(_network, Frr,
        [toUs, new Neighbor(ExaBgp) { ReflectorClient = true }],
        new Dictionary<Family, string> { [Family.Vpn4] = "  network 10.1.0.0/24 rd 65000:101 label 1001 route-map RT\n" },
        global: "route-map RT permit 10\n set extcommunity rt 65000:1\n");

    private OurSpeaker StartOurs() => new(_network, Ours, OurSpeaker.Configuration(Ours,
        [new Neighbor(GoBgp) { RestartTime = 120, ReflectorClient = true }, new Neighbor(Frr) { RestartTime = 120, ReflectorClient = true }],
        bgp: "  graceful-restart: { restart-time: 120 }"));
}
