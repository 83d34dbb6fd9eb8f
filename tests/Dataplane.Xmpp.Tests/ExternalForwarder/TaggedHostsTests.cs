using System.Xml.Linq;
using Dataplane.Net;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.EndSystem.Interfaces;
using Dataplane.Xmpp.ExternalForwarder;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Tests.EndSystem;

namespace Dataplane.Xmpp.Tests.ExternalForwarder;

/// <summary>What hosts behind an external forwarder tell it, and what becomes of it below and above.</summary>
public sealed class TaggedHostsTests
{
    private const string Host = "02aa10c0ffee@dc1.example.net";
    private static readonly XNamespace Client = "jabber:client";
    private readonly StillTime _time = new();
    private readonly FakeForwarder _forwarder = new();
    private readonly FakeUplink _uplink = new();
    private readonly TaggedHosts _hosts;
    private readonly FakeChannel _channel = new("tor7.dc1.example.net", Host + "/r");
    private int _id;

    public TaggedHostsTests()
    {
        var interfaces = new ForwardedInterfaces(_time.Loop, _forwarder, new LabelAllocator(1000), new()
        {
            NextHop = IpAddress.Parse("203.0.113.17"),
            IsOwn = static _ => false,
            FindRoute = static (_, _) => null,
        });
        interfaces.Connect(_uplink);
        _hosts = new(_time.Loop, interfaces, new()
        {
            Admit = static channel => channel.Peer.Local == "unknown" ? null : new(
                "acc0", MacAddress.Parse("02:aa:10:c0:ff:ee"), static vpn => vpn != "secret",
                static (_, prefix) => prefix.Address != IpAddress.Parse("198.51.100.66")),
        });
        _hosts.Opened(_channel);
    }

    [Fact]
    [Trait("Requirement", "EXT-05")]
    [Trait("Requirement", "EXT-07")]
    [Trait("Requirement", "EXT-08")]
    [Trait("Requirement", "EXT-02")]
    [Trait("Requirement", "AMB-17")]
    public void AVlanAndAnAddressBecomeAnInterfaceAndAPublicationOfOurOwn()
    {
        XElement subscribed = Ask(Subscribe("blue-web", 317));
        Assert.Equal("result", subscribed.Attribute("type")?.Value);
        XElement subscription = subscribed.Descendants(PubSubNamespace.PubSub + "subscription").Single();
        Assert.Equal(("blue-web", Host, "subscribed"), (
            subscription.Attribute("node")?.Value, subscription.Attribute("jid")?.Value, subscription.Attribute("subscription")?.Value));
        Assert.Equal([new Membership("blue-web")], _uplink.Memberships);
        Assert.Empty(_uplink.Publications);

        Assert.Equal("result", Ask(Publish("02aa10c0ffee:198.51.100.25/32", "198.51.100.25/32", 7, "<next-hop af='1'>192.0.2.9</next-hop><label>99</label>")).Attribute("type")?.Value);
        Assert.Empty(_uplink.Publications);
        Assert.Equal("result", Ask(Associate("blue-web", "02aa10c0ffee:198.51.100.25/32")).Attribute("type")?.Value);

        ForwardedInterface bound = Assert.Single(_forwarder.Interfaces).Value;
        Assert.Equal(("acc0", (ushort?)317, MacAddress.Parse("02:aa:10:c0:ff:ee")), (bound.Port, bound.Vlan, bound.Mac));
        Publication publication = Assert.Single(_uplink.Publications).Value;
        Assert.Equal(
            ("02aa10c0ffee:198.51.100.25/32", "blue-web", IpAddress.Parse("203.0.113.17"), bound.Label, 7u, (ushort?)null),
            (publication.Leaf, publication.Vpn, publication.NextHop, publication.Label, publication.Version, publication.Vlan));
        Assert.Empty(_channel.Sent);
    }

    [Fact]
    [Trait("Requirement", "EXT-08")]
    [Trait("Requirement", "AMB-18")]
    public void WithSeveralInterfacesOfAVpnTheEntryNamesItsVlan()
    {
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Subscribe("blue", 318));
        _ = Ask(Publish("02aa10c0ffee:10.0.0.1/32", "10.0.0.1/32", 1));
        Assert.Equal("not-acceptable", ErrorOf(Ask(Associate("blue", "02aa10c0ffee:10.0.0.1/32"))));
        _ = Ask(Publish("02aa10c0ffee:10.0.0.1/32", "10.0.0.1/32", 1, "<vlan xmlns='urn:dataplane:bgpvpn:0'>318</vlan>"));
        Assert.Null(ErrorOf(Ask(Associate("blue", "02aa10c0ffee:10.0.0.1/32"))));
        Assert.Equal<ushort?>(318, Assert.Single(_forwarder.Interfaces.Values, static bound => bound.Addresses.Count != 0).Vlan);
        Assert.Equal("bad-request", ErrorOf(Ask("<unsubscribe node='blue'/>")));
        Assert.Null(ErrorOf(Ask("<unsubscribe node='blue' subid='vlan-318'/>")));
        Assert.Equal<ushort?>(317, Assert.Single(_forwarder.Interfaces).Value.Vlan);
        Assert.Empty(_uplink.Publications);
        Assert.Single(_uplink.Memberships);
    }

    [Theory]
    [InlineData("<subscribe node='blue'/>", "not-acceptable")]
    [InlineData("<subscribe node='blue' jid='somebody@dc1.example.net'/><options><x xmlns='jabber:x:data' type='submit'><field var='vpn#vlan_id'><value>5</value></field></x></options>", "bad-request")]
    [InlineData("<subscribe node='blue'/><options><x xmlns='jabber:x:data' type='submit'><field var='vpn#vlan_id'><value>4095</value></field></x></options>", "bad-request")]
    [InlineData("<subscribe node='secret'/><options><x xmlns='jabber:x:data' type='submit'><field var='vpn#vlan_id'><value>5</value></field></x></options>", "item-not-found")]
    [InlineData("<subscribe node='blue'/><options><x xmlns='jabber:x:data' type='submit'><field var='vpn#vlan_id'><value>317</value></field></x></options>", "conflict")]
    [InlineData("<unsubscribe node='blue'/>", "unexpected-request")]
    [InlineData("<collection node='red'><associate node='nothing'/></collection>", "item-not-found")]
    [InlineData("<collection node='red'><dissociate node='nothing'/></collection>", "item-not-found")]
    [InlineData("<delete node='nothing'/>", "item-not-found")]
    [InlineData("<items node='red'/>", "feature-not-implemented")]
    [Trait("Requirement", "XMP-15")]
    public void ARefusedRequestSaysWhyAndChangesNothing(string request, string condition)
    {
        _ = Ask(Subscribe("red", 317));
        _forwarder.Log.Clear();
        Assert.Equal(condition, ErrorOf(Ask(request)));
        Assert.Empty(_forwarder.Log);
        Assert.Equal([new Membership("red")], _uplink.Memberships);
    }

    [Fact]
    [Trait("Requirement", "SEC-06")]
    public void AnAddressThatIsNotTheHostsIsRefused()
    {
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Publish("x", "198.51.100.66/32", 1));
        Assert.Equal("forbidden", ErrorOf(Ask(Associate("blue", "x"))));
        _ = Ask(Publish("y", "198.51.100.67/32", 1));
        Assert.Null(ErrorOf(Ask(Associate("blue", "y"))));
        Assert.Equal("forbidden", ErrorOf(Ask(Publish("y", "198.51.100.66/32", 2))));
        Assert.Equal(["02aa10c0ffee:y"], _uplink.Publications.Keys);
    }

    [Fact]
    [Trait("Requirement", "EXT-06")]
    public void NothingButAnswersIsSentToAHost()
    {
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Publish("x", "10.0.0.1/32", 1));
        _ = Ask(Associate("blue", "x"));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(_channel.Sent);
    }

    [Theory]
    [InlineData("<collection node='blue'><dissociate node='x'/></collection>")]
    [InlineData("<collection node='blue'><disassociate node='x'/></collection>")]
    [InlineData("<delete node='x'/>")]
    [InlineData("<retract node='blue'><item id='x'/></retract>")]
    [Trait("Requirement", "XMP-14")]
    public void AnyOfTheWaysToWithdrawDoes(string request)
    {
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Publish("x", "10.0.0.1/32", 1));
        _ = Ask(Associate("blue", "x"));
        Assert.Single(_uplink.Publications);
        Assert.Null(ErrorOf(Ask(request)));
        _forwarder.Work();
        Assert.Empty(_uplink.Publications);
        Assert.Empty(Assert.Single(_forwarder.Interfaces).Value.Addresses);
    }

    /// <summary>The shapes of -06: an id is that of an item of its VPN's node, so that two VPNs may have the same.</summary>
    [Fact]
    [Trait("Requirement", "EXT-05")]
    [Trait("Requirement", "ARC-07")]
    [Trait("Requirement", "AMB-05")]
    public void ItemsOfTwoVpnsMayHaveTheSameId()
    {
        Assert.Equal("not-acceptable", ErrorOf(Ask(Publish06("blue", "10.0.0.1/32"))));
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Subscribe("red", 318));
        foreach (string vpn in new[] { "blue", "red" })
            Assert.Null(ErrorOf(Ask(Publish06(vpn, "10.0.0.1/32"))));
        Assert.Equal(["02aa10c0ffee:blue:10.0.0.1/32 blue", "02aa10c0ffee:red:10.0.0.1/32 red"],
            _uplink.Publications.Values.Select(static one => $"{one.Leaf} {one.Vpn}").Order(StringComparer.Ordinal));
        Assert.All(_forwarder.Interfaces.Values, static bound => Assert.Single(bound.Addresses));

        Assert.Equal("item-not-found", ErrorOf(Ask("<retract node='green'><item id='10.0.0.1/32'/></retract>")));
        Assert.Null(ErrorOf(Ask("<retract node='blue'><item id='10.0.0.1/32'/></retract>")));
        _forwarder.Work();
        Assert.Equal("red", Assert.Single(_uplink.Publications.Values).Vpn);
    }

    [Fact]
    [Trait("Requirement", "XMP-15")]
    public void OfSeveralItemsThatAreRefusedNoneIsTaken()
    {
        _ = Ask(Subscribe("blue", 317));
        string two = Publish06("blue", "10.0.0.1/32").Replace("</publish>", Publish06("blue", "198.51.100.66/32")["<publish node='blue'>".Length..], StringComparison.Ordinal);
        Assert.Equal("forbidden", ErrorOf(Ask(two)));
        Assert.Empty(_uplink.Publications);
        _time.Advance(TimeSpan.FromSeconds(62));
        Assert.Equal(0, _hosts.PendingDropped);
    }

    [Fact]
    [Trait("Requirement", "EXT-08")]
    public void AnAddressThatNamesAnotherVlanGoesThere()
    {
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Publish("x", "10.0.0.1/32", 1));
        Assert.Null(ErrorOf(Ask(Associate("blue", "x"))));
        _ = Ask(Subscribe("blue", 318));
        Assert.Null(ErrorOf(Ask(Publish("x", "10.0.0.1/32", 2))));
        Assert.Equal<ushort?>(317, Assert.Single(_forwarder.Interfaces.Values, static bound => bound.Addresses.Count != 0).Vlan);
        Assert.Null(ErrorOf(Ask(Publish("x", "10.0.0.1/32", 3, "<vlan xmlns='urn:dataplane:bgpvpn:0'>318</vlan>"))));
        Assert.Equal<ushort?>(318, Assert.Single(_forwarder.Interfaces.Values, static bound => bound.Addresses.Count != 0).Vlan);
        Assert.Equal(3u, Assert.Single(_uplink.Publications).Value.Version);
    }

    [Fact]
    [Trait("Requirement", "AMB-06")]
    public void APublishedAddressThatIsNotAssociatedIsForgotten()
    {
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Publish("x", "10.0.0.1/32", 1));
        _time.Advance(TimeSpan.FromSeconds(62));
        Assert.Equal(1, _hosts.PendingDropped);
        Assert.Equal("item-not-found", ErrorOf(Ask(Associate("blue", "x"))));
    }

    [Fact]
    [Trait("Requirement", "SIG-14")]
    public void AHostThatCloseInOrderIsGoneAtOnce()
    {
        _ = Ask(Subscribe("blue", 317));
        _hosts.Closed(_channel, new(SessionEndReason.PeerClosed));
        Assert.Empty(_forwarder.Interfaces);
        Assert.Empty(_uplink.Memberships);
    }

    [Fact]
    [Trait("Requirement", "SIG-14")]
    public void AHostThatIsLostStaysAWhile()
    {
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Publish("x", "10.0.0.1/32", 1));
        _ = Ask(Associate("blue", "x"));
        _hosts.Closed(_channel, new(SessionEndReason.Lost));
        _time.Advance(TimeSpan.FromSeconds(58));
        Assert.Single(_uplink.Publications);
        _time.Advance(TimeSpan.FromSeconds(4));
        _forwarder.Work();
        Assert.Empty(_uplink.Publications);
        Assert.Empty(_forwarder.Interfaces);
        Assert.Empty(_hosts.Hosts);
    }

    [Fact]
    [Trait("Requirement", "SIG-14")]
    public void AHostThatComesBackKeepsWhatItTellsAgain()
    {
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Subscribe("red", 318));
        foreach (string name in new[] { "x", "y" })
        {
            _ = Ask(Publish(name, name == "x" ? "10.0.0.1/32" : "10.0.0.2/32", 1));
            _ = Ask(Associate("blue", name));
        }

        _hosts.Closed(_channel, new(SessionEndReason.Lost));
        _time.Advance(TimeSpan.FromSeconds(30));
        _uplink.Log.Clear();
        _hosts.Opened(_channel);
        _ = Ask(Subscribe("blue", 317));
        _ = Ask(Publish("x", "10.0.0.1/32", 1));
        _ = Ask(Associate("blue", "x"));
        Assert.Empty(_uplink.Log);
        _time.Advance(TimeSpan.FromSeconds(40));
        _forwarder.Work();
        Assert.Equal(["02aa10c0ffee:x"], _uplink.Publications.Keys);
        Assert.Equal([new Membership("blue")], _uplink.Memberships);
    }

    [Fact]
    [Trait("Requirement", "MOB-06")]
    public void AWorkloadThatMovesBetweenTwoHostsOfAForwarderIsWhereItsVersionIsHighest()
    {
        var other = new FakeChannel("tor7.dc1.example.net", "02aa10c0beef@dc1.example.net/r");
        _hosts.Opened(other);
        foreach ((FakeChannel channel, uint version) in new[] { (_channel, 7u), (other, 8u) })
        {
            _ = Ask(Subscribe("blue", 317), channel);
            _ = Ask(Publish("vm", "10.0.0.1/32", version), channel);
            _ = Ask(Associate("blue", "vm"), channel);
        }

        Assert.Equal(["02aa10c0beef:vm"], _uplink.Publications.Keys);
        Assert.Empty(_forwarder.Interfaces["02aa10c0ffee/317"].Addresses);
        Assert.True(_forwarder.Interfaces["02aa10c0ffee/317"].IsLookedUp);
    }

    [Fact]
    public void AHostThatIsNotKnownIsNotServed()
    {
        var channel = new FakeChannel("tor7.dc1.example.net", "unknown@dc1.example.net/r");
        _hosts.Opened(channel);
        Assert.True(channel.IsClosed);
        Assert.Equal(1, _hosts.NotAdmitted);
    }

    private static string Subscribe(string vpn, int vlan) =>
        $"<subscribe node='{vpn}' jid='{{0}}'/><options><x xmlns='jabber:x:data' type='submit'><field var='vpn#vlan_id'><value>{vlan}</value></field></x></options>";

    private static string Publish(string leaf, string prefix, uint version, string more = "") =>
        $"<publish node='{leaf}'><item><entry xmlns='http://ietf.org/protocol/bgpvpn'><nlri af='1'>{prefix}</nlri>{more}<version id='{version}'/></entry></item></publish>";

    private static string Publish06(string vpn, string prefix) =>
        $"<publish node='{vpn}'><item id='{prefix}'><entry xmlns='urn:ietf:params:xml:ns:bgp:l3vpn:unicast'><nlri><af>1</af><safi>1</safi><address>{prefix}</address></nlri>"
        + "<sequence-number>1</sequence-number></entry></item></publish>";

    private static string Associate(string vpn, string leaf) => $"<collection node='{vpn}'><associate node='{leaf}'/></collection>";

    private static string? ErrorOf(XElement answer)
    {
        Assert.Equal(answer.Element(Client + "error") is null ? "result" : "error", answer.Attribute("type")?.Value);
        return answer.Element(Client + "error")?.Elements().First(static element => element.Name.NamespaceName == "urn:ietf:params:xml:ns:xmpp-stanzas").Name.LocalName;
    }

    private XElement Ask(string request, FakeChannel? channel = null)
    {
        channel ??= _channel;
        string id = $"q{++_id}";
        string body = request.Replace("{0}", channel.Peer.Bare.ToString(), StringComparison.Ordinal);
        _hosts.Received(channel, FakeChannel.Parse(
            $"<iq type='set' id='{id}' from='{channel.Peer}' to='tor7.dc1.example.net'><pubsub xmlns='http://jabber.org/protocol/pubsub'>{body}</pubsub></iq>"));
        _forwarder.Work();
        XElement answer = Assert.Single(channel.Sent);
        _ = channel.Take();
        Assert.Equal(id, answer.Attribute("id")?.Value);
        return answer;
    }
}
