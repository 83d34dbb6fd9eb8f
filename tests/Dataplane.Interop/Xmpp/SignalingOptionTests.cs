using System.Text.Json.Nodes;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Xmpp;

/// <summary>What is configurable between end-systems and BGP, shown with GoBGP: the community of versions, the preference of what is stale.</summary>
public sealed class SignalingOptionTests : IDisposable
{
    private const int Ours = 9;
    private const int Second = 10;
    private const int GoBgp = 2;
    private static readonly Family[] Families = [Family.Vpn4, Family.RouteTarget];
    private readonly GatewayLab _lab = new();

    public void Dispose() => _lab.Dispose();

    /// <summary>Another community for versions, both ways through a reflector; that of the default means nothing then.</summary>
    [Fact]
    [Trait("Requirement", "SIG-08")]
    [Trait("Requirement", "SIG-09")]
    public void VersionsTravelInTheCommunityThatIsConfigured()
    {
        BgpCapture capture = _lab.Network.Capture();
        GoBgpPeer gobgp = Reflector();
        const string versions = "version-community: 0x0371";
        (OurSpeaker first, SlixmppEndSystem here, SlixmppEndSystem there) = TwoGateways(gobgp, bgp: versions, bgpOfSecond: versions);
        Assert.Null(here.Publish("blue", "198.51.100.25/32", GatewayLab.AddressOf(0), 52013, 7));
        there.UntilRoutes("blue", $"198.51.100.25/32 via {GatewayLab.AddressOf(0)}:52013 v7");
        string sent = string.Concat(capture.Decode($"bgp.type == 2 && ip.src == {BgpNetwork.Address(Ours)}", "tcp.payload")
            .Select(static row => row[0].Replace(":", "", StringComparison.Ordinal)));
        Assert.Contains("0371000000000007", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("06000000", sent, StringComparison.Ordinal);

        // It decides: the later instantiation wins at both.
        Assert.Null(there.Publish("blue", "198.51.100.25/32", GatewayLab.AddressOf(1), 700, 8));
        here.UntilRoutes("blue", $"198.51.100.25/32 via {GatewayLab.AddressOf(1)}:700 v8");
        there.UntilRoutes("blue", $"198.51.100.25/32 via {GatewayLab.AddressOf(1)}:700 v8");
        JsonNode vrf = first.Show("vrf", "blue");
        Assert.Equal(2, vrf["routes"]![0]!["nextHops"]!.AsArray().Count);
        Assert.Empty(capture.ComplaintsAbout(Ours));
        Assert.Empty(capture.ComplaintsAbout(Second));
    }

    /// <summary>
    /// The session of a client is lost at one of its two gateways: the reflector and the other gateway see the route with the lower preference at once, nothing
    /// is withdrawn, and when the client has published it again everything is as before.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SIG-14")]
    public void RoutesOfALostClientArePreferredLess()
    {
        GoBgpPeer gobgp = Reflector();
        (OurSpeaker first, SlixmppEndSystem one, SlixmppEndSystem other) = TwoGateways(gobgp, xmpp: "stale-time: 300\nstale-local-preference: 20");
        Assert.Null(one.Publish("blue", "198.51.100.25/32", GatewayLab.AddressOf(0), 52013, 7));
        other.UntilRoutes("blue", $"198.51.100.25/32 via {GatewayLab.AddressOf(0)}:52013 v7");
        Assert.Equal(100u, Preference());

        // An older instantiation elsewhere: of no use, until the younger one's host cannot be asked any more.
        Assert.Null(other.Publish("blue", "198.51.100.25/32", GatewayLab.AddressOf(1), 700, 6));
        Wait.Until("GoBGP to have both", () => gobgp.ReceivedFrom(Second, Family.Vpn4).Count == 1);
        other.UntilRoutes("blue", $"198.51.100.25/32 via {GatewayLab.AddressOf(0)}:52013 v7");
        one.Kill();
        other.UntilRoutes("blue", $"198.51.100.25/32 via {GatewayLab.AddressOf(1)}:700 v6");
        Assert.Equal(20u, Preference());
        Assert.Equal(1, first.Metrics().Sum("dataplane_signaling_stale_timers"));

        SlixmppEndSystem again = _lab.EndSystem(0, Ours);
        Assert.Null(again.Publish("blue", "198.51.100.25/32", GatewayLab.AddressOf(0), 52013, 7));
        other.UntilRoutes("blue", $"198.51.100.25/32 via {GatewayLab.AddressOf(0)}:52013 v7");
        Assert.Equal(100u, Preference());
        Assert.DoesNotContain(other.Events, static told => (string?)told["event"] is "disassociate" or "delete");

        uint? Preference() => Assert.Single(gobgp.ReceivedFrom(Ours, Family.Vpn4)).LocalPreference;
    }

    /// <summary>Two gateways with a session to the reflector, and an end-system at each that is subscribed to blue.</summary>
    private (OurSpeaker First, SlixmppEndSystem AtFirst, SlixmppEndSystem AtSecond) TwoGateways(GoBgpPeer reflector, string xmpp = "", string bgp = "", string bgpOfSecond = "")
    {
        Neighbor[] neighbors = [new(GoBgp) { Families = Families }];
        OurSpeaker first = _lab.Gateway(Ours, neighbors, xmpp, bgp);
        _ = _lab.Gateway(Second, neighbors, bgp: bgpOfSecond);
        reflector.UntilEstablished(Ours, Second);
        SlixmppEndSystem[] endSystems = [_lab.EndSystem(0, Ours), _lab.EndSystem(1, Second)];
        Assert.All(endSystems, static endSystem => Assert.Null(endSystem.Ask("subscribe", ("vpn", "blue"))));
        return (first, endSystems[0], endSystems[1]);
    }

    private GoBgpPeer Reflector() => _lab.Network.Keep(new GoBgpPeer(_lab.Network, GoBgp,
    [
        new Neighbor(Ours) { Families = Families, Passive = true, ReflectorClient = true },
        new Neighbor(Second) { Families = Families, Passive = true, ReflectorClient = true },
    ]));
}
