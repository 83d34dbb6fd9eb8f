using System.Text;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using static Dataplane.Interop.Bgp.Peers.BgpBytes;

namespace Dataplane.Interop.Bgp;

/// <summary>How sessions come about and end: dynamic peers, limits, timers, farewells.</summary>
public sealed class SessionTests(SessionTests.Lab lab) : IClassFixture<SessionTests.Lab>
{
    private const int Ours = 9;
    private const int Observer = 2;
    private const int Limited = 3;
    private const int Impatient = 5;
    private const int FirstDynamic = 256;
    private const int MostDynamic = 3;
    private const int FrrInRange = 512;
    private const int GoBgpInRange = 513;
    private static readonly byte[] Attributes = [.. Origin(), .. AsPath(), .. NextHop("10.0.0.1"), .. LocalPreference(100)];

    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void PeersComeFromARangeUpToItsLimit()
    {
        RawPeer[] peers = [.. Enumerable.Range(FirstDynamic, MostDynamic).Select(number => new RawPeer(lab.Network, number, Ours).Establish(65000, [Family.Ipv4]))];
        peers[0].Send(UpdateMessage([], Attributes, Prefix("10.71.0.0/24")));
        Wait.Until("the observer to have the route of a dynamic peer", () => lab.ObserverPeer.Routes.ContainsKey("10.71.0.0/24"));
        using (RawPeer oneTooMany = new(lab.Network, FirstDynamic + MostDynamic, Ours))
        {
            RawMessage? farewell = oneTooMany.UntilClosed();
            Assert.True(farewell is null || farewell.Error == (6, 5) || farewell.Error == (6, 8), $"{farewell}"); // rejected, or out of resources
        }

        foreach (RawPeer peer in peers)
        {
            Assert.False(peer.IsClosed, $"{peer.Notification}");
            peer.Dispose();
        }

        Wait.Until("the route to go with its peer", () => !lab.ObserverPeer.Routes.ContainsKey("10.71.0.0/24"));
        Wait.Until("room for another", () =>
        {
            using RawPeer next = new(lab.Network, FirstDynamic + MostDynamic + 1, Ours);
            next.Send(OpenMessage(65000, 180, "10.0.1.9", Multiprotocol(Family.Ipv4), FourOctetAs(65000)));
            Wait.Until("an answer", () => next.IsClosed || next.Messages.Any(message => message.Type == Keepalive));
            return next.Messages.Any(message => message.Type == Keepalive);
        });
    }

    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void FrrAndGoBgpComeFromARange()
    {
        using FrrPeer frr = new(lab.Network, FrrInRange, [new Neighbor(Ours)],
            new Dictionary<Family, string> { [Family.Vpn4] = $"  network 10.72.0.0/24 rd 65000:72 label 72 route-map RT\n" },
            global: "route-map RT permit 10\n set extcommunity rt 65000:1\n");
        using GoBgpPeer go = new(lab.Network, GoBgpInRange, [new Neighbor(Ours)]);
        frr.UntilEstablished(Ours);
        go.UntilEstablished(Ours);
        Wait.Until("GoBGP to have FRR's route", () => go.ReceivedFrom(Ours, Family.Vpn4).Any(route => route.Prefix == "10.72.0.0/24" && route.Label == 72));
    }

    /// <summary>A NOTIFICATION of Cease, Maximum Number of Prefixes Reached, that tells family and limit (RFC 4486 §4).</summary>
    [Fact]
    [Trait("Requirement", "SEC-08")]
    public void APeerThatAnnouncesTooMuchIsCutOff()
    {
        using RawPeer peer = new RawPeer(lab.Network, Limited, Ours).Establish(65000, [Family.Ipv4]);
        peer.Send(UpdateMessage([], Attributes, [.. Prefix("10.73.1.0/24"), .. Prefix("10.73.2.0/24"), .. Prefix("10.73.3.0/24")]));
        Wait.Until("as many as allowed to pass", () => lab.ObserverPeer.Routes.ContainsKey("10.73.3.0/24"));
        Assert.False(peer.IsClosed);
        peer.Send(UpdateMessage([], Attributes, Prefix("10.73.4.0/24")));
        RawMessage? farewell = peer.UntilClosed();
        Assert.NotNull(farewell);
        Assert.Equal((6, 1), farewell.Error);
        Assert.Equal("00010100000003", Convert.ToHexString(farewell.Body.AsSpan(2)));
        Wait.Until("its routes to go", () => !lab.ObserverPeer.Routes.Keys.Any(prefix => prefix.StartsWith("10.73.", StringComparison.Ordinal)));
        Assert.False(lab.ObserverPeer.IsClosed);
    }

    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void ASilentPeerIsGivenUp()
    {
        using RawPeer peer = new(lab.Network, Impatient, Ours);
        peer.Send(OpenMessage(65000, 3, "10.0.0.5", Multiprotocol(Family.Ipv4), FourOctetAs(65000)));
        peer.Send(Message(Keepalive));
        RawMessage? farewell = peer.UntilClosed();
        Assert.NotNull(farewell);
        Assert.Equal((4, 0), farewell.Error);
        Assert.True(peer.Messages.Count(message => message.Type == Keepalive) >= 2, "we kept our side alive");
    }

    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void ARouteRefreshBringsEverythingAgain()
    {
        using RawPeer peer = new RawPeer(lab.Network, FirstDynamic + 20, Ours).Establish(65000, [Family.Ipv4], Capability(2), Capability(70));
        using RawPeer source = new RawPeer(lab.Network, Impatient + 1, Ours).Establish(65000, [Family.Ipv4]);
        source.Send(UpdateMessage([], Attributes, Prefix("10.74.0.0/24")));
        Wait.Until("the route", () => Times(peer, "10.74.0.0/24") == 1);
        peer.Send(Message(RouteRefresh, 0, 1, 0, 1));
        Wait.Until("the route again", () => Times(peer, "10.74.0.0/24") == 2);
        Wait.Until("both marks of an enhanced refresh", () => peer.Messages.Count(message => message.Type == RouteRefresh) == 2);
        Assert.Equal(["00010101", "00010201"], peer.Messages.Where(message => message.Type == RouteRefresh).Select(message => Convert.ToHexString(message.Body)));
    }

    /// <summary>Two connections at once: the one that the speaker with the higher identifier made stays (RFC 4271 §6.8).</summary>
    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void OfTwoConnectionsOneStays()
    {
        using RawPeer first = new(lab.Network, FirstDynamic + 30, Ours);
        using RawPeer second = new(lab.Network, FirstDynamic + 30, Ours);
        byte[] open = OpenMessage(65000, 180, BgpNetwork.Address(FirstDynamic + 30), Multiprotocol(Family.Ipv4), FourOctetAs(65000));
        first.Send(open);
        first.Until("be sent an OPEN", messages => messages.Any(message => message.Type == Open));
        try
        {
            second.Send(open);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Refused already.
        }

        Wait.Until("one of the two to be closed", () => first.IsClosed || second.IsClosed);
        RawPeer left = first.IsClosed ? second : first;
        left.Send(Message(Keepalive));
        left.Send(UpdateMessage([], Attributes, Prefix("10.75.0.0/24")));
        Wait.Until("the route of the session that stayed", () => lab.ObserverPeer.Routes.ContainsKey("10.75.0.0/24"));
        Assert.False(left.IsClosed);
    }

    /// <summary>When the program is told to end it says farewell: Cease, and which kind (RFC 4486).</summary>
    [Fact]
    [Trait("Requirement", "SIG-15")]
    public void TheProgramSaysFarewell()
    {
        using BgpNetwork network = new(16, recorded: true);
        using OurSpeaker speaker = new(network, Ours, OurSpeaker.Configuration(Ours, [new Neighbor(Observer) { Families = [Family.Ipv4], Passive = true }]));
        using RawPeer peer = new RawPeer(network, Observer, Ours).Establish(65000, [Family.Ipv4]);
        speaker.Terminate();
        RawMessage? farewell = peer.UntilClosed();
        Assert.NotNull(farewell);
        Assert.Equal(6, farewell.Error.Code);
        Assert.Contains(farewell.Error.Subcode, new byte[] { 2, 3 });
        if (farewell.Body.Length > 2)
        {
            Assert.Equal(farewell.Body.Length - 3, farewell.Body[2]); // RFC 9003: a length and a text in UTF-8
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(farewell.Body.AsSpan(3));
        }
    }

    private static int Times(RawPeer peer, string prefix) =>
        peer.Messages.Count(message => message.Type == Update && RawRoute.Held([message]).ContainsKey(prefix));

    /// <summary>Our speaker, an observer, and ranges.</summary>
    public sealed class Lab : IDisposable
    {
        public Lab()
        {
            Network = new BgpNetwork(520, recorded: true);
            try
            {
                Neighbor client = new(Observer) { Families = [Family.Ipv4], Passive = true, ReflectorClient = true };
                _ = Network.Keep(new OurSpeaker(Network, Ours, OurSpeaker.Configuration(Ours,
                    [
                        client,
                        client with { Number = Limited, Families = [], Extra = "    families: [{ family: ipv4-unicast, max-prefixes: 3 }]" },
                        client with { Number = Impatient },
                        client with { Number = Impatient + 1 },
                    ],
                    bgp: $"""
                          dynamic-peers:
                          - range: 10.0.1.0/28
                            max-peers: {MostDynamic}
                            forget-after: 1
                        {OurSpeaker.Options(client with { Passive = false })}
                          - range: 10.0.1.16/28
                        {OurSpeaker.Options(client with { Passive = false })}
                          - range: 10.0.2.0/28
                        {OurSpeaker.Options(client with { Passive = false, Families = [Family.Vpn4] })}
                        """)));
                ObserverPeer = Network.Keep(new RawPeer(Network, Observer, Ours));
                _ = ObserverPeer.Establish(65000, [Family.Ipv4]);
            }
            catch
            {
                Network.Dispose();
                throw;
            }
        }

        public BgpNetwork Network { get; }

        public RawPeer ObserverPeer { get; }

        public void Dispose() => Network.Dispose();
    }
}
