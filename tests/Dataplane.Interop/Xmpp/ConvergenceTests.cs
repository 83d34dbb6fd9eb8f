using System.Diagnostics;
using System.Text;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Xmpp;

/// <summary>
/// "All is told" is said to a client when the VRF is whole, not before: it has routes from an earlier life that it gives up then (AGT-09). Behind the gateway
/// are FRR, which marks the end of what it sends, and GoBGP, which sends routes when RT-Constraint asks for them.
/// </summary>
public sealed class ConvergenceTests : IDisposable
{
    private const int Ours = 9;
    private const int Frr = 3;
    private const int GoBgp = 2;
    private const int Routes = 24;
    private readonly GatewayLab _lab = new();

    public void Dispose() => _lab.Dispose();

    /// <summary>Gateway and reflector are killed; the gateway is back first, its settle time passes, and only the reflector's End-of-RIB makes it say so.</summary>
    [Fact]
    [Trait("Requirement", "AGT-09")]
    public void AGatewayThatStartsBeforeItsReflectorDoesNotSayThatItHasToldAll()
    {
        var networks = new StringBuilder();
        for (int i = 0; i < Routes; i++)
            _ = networks.Append($"  network 198.51.100.{i}/32 rd 65000:3 label {1000 + i} route-map blue\n");
        FrrPeer frr = _lab.Network.Keep(new FrrPeer(
            _lab.Network, Frr, [new Neighbor(Ours) { Families = [Family.Vpn4], RestartTime = 60 }],
            new Dictionary<Family, string> { [Family.Vpn4] = networks.ToString() }, "route-map blue permit 10\n set extcommunity rt 65000:1\n"));
        OurSpeaker gateway = _lab.Gateway(Ours, [new Neighbor(Frr) { Families = [Family.Vpn4], RestartTime = 60 }], "settle-time: 1");
        SlixmppEndSystem before = _lab.EndSystem(0, Ours);
        Assert.Equal(Routes, Told(before, "blue"));

        gateway.Kill();
        before.Kill();
        frr.Kill();
        gateway.Start();
        var started = Stopwatch.StartNew();
        SlixmppEndSystem after = _lab.EndSystem(0, Ours);
        GatewayLab.Subscribe(after, "blue");
        Wait.Until("the gateway's settle time to be over", () => started.Elapsed > TimeSpan.FromSeconds(4));
        Assert.Null(after.Ask("ping"));
        frr.Start();
        Assert.Equal(Routes, GatewayLab.RoutesWhenSettled(after, "blue"));
        Assert.Single(after.Events, static told => (string?)told["event"] == "settled");
    }

    /// <summary>The first subscriber of a VPN at a gateway that runs for long: GoBGP is only now asked for the routes.</summary>
    [Fact]
    [Trait("Requirement", "AGT-09")]
    [Trait("Requirement", "SIG-05")]
    public void TheFirstSubscriberOfAVpnIsNotToldTooEarly()
    {
        GoBgpPeer gobgp = _lab.Network.Keep(new GoBgpPeer(
            _lab.Network, GoBgp, [new Neighbor(Ours) { Families = [Family.Vpn4, Family.RouteTarget], Passive = true, RestartTime = 60 }]));
        OurSpeaker gateway = _lab.Gateway(
            Ours, [new Neighbor(GoBgp) { Families = [Family.Vpn4, Family.RouteTarget], RestartTime = 60 }], "settle-time: 0\nvpn-settle-time: 5");
        gobgp.UntilEstablished(Ours);
        for (int i = 0; i < Routes; i++)
            gobgp.Announce(Family.Vpn4, $"198.51.100.{i}/32 label {1000 + i} rd 65000:40 rt 65000:{1 + i % 2} nexthop 10.0.0.44");
        Wait.Until("GoBGP to have said what it has", () => gateway.Show("bgp", "neighbors").ToJsonString().Contains("\"endOfRibReceived\":true", StringComparison.Ordinal));
        Assert.Equal(Routes / 2, Told(_lab.EndSystem(0, Ours), "blue"));

        // The second one of the VPN is told at once, and as much.
        SlixmppEndSystem two = _lab.EndSystem(1, Ours);
        Assert.Equal(Routes / 2, Told(two, "blue"));
        Assert.Equal(Routes / 2, Told(two, "red"));
    }

    /// <summary>Subscribes, and says how many routes there were when it was said that this was all.</summary>
    private static int Told(SlixmppEndSystem endSystem, string vpn)
    {
        GatewayLab.Subscribe(endSystem, vpn);
        return GatewayLab.RoutesWhenSettled(endSystem, vpn);
    }
}
