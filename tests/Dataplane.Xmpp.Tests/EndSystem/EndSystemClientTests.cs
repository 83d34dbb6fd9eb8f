using System.Xml.Linq;
using Dataplane.Net;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>Several servers: who is told what, who tells us, and what happens when one is lost.</summary>
public sealed class EndSystemClientTests
{
    private const string Own = "02aa10c0ffee@dc1.example.net/agent";
    private static readonly XNamespace PubSub = "http://jabber.org/protocol/pubsub";
    private readonly StillTime _time = new();
    private readonly RecordingSink _sink = new();
    private readonly EndSystemClient _client;
    private readonly EndSystemServer _first;
    private readonly EndSystemServer _second;

    public EndSystemClientTests()
    {
        _client = new(_time.Loop, new(), _sink);
        _first = _client.AddServer("sg1");
        _second = _client.AddServer("sg2");
    }

    [Fact]
    [Trait("Requirement", "XMP-05")]
    [Trait("Requirement", "AGT-06")]
    public void EverybodyIsToldAndOneIsSubscribedTo()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        FakeChannel second = Open(_second, "sg2.dc1.example.net");
        _client.Join(new("blue-web"));
        _client.Publish(Publication());
        Assert.Equal(["subscribe", "publish", "collection"], Taken(first));
        Assert.Equal(["publish", "collection"], Taken(second));
        Assert.Same(_first, _client.RouteSource);
    }

    [Fact]
    [Trait("Requirement", "XMP-06")]
    public void ASubscriptionIsWrittenAsDocumented()
    {
        FakeChannel channel = Open(_first, "sg1.dc1.example.net");
        _client.Join(new("blue-web"));
        XElement iq = channel.Take();
        Assert.Equal(("set", "sg1.dc1.example.net", Own), (iq.Attribute("type")?.Value, iq.Attribute("to")?.Value, iq.Attribute("from")?.Value));
        XElement subscribe = iq.Descendants(PubSub + "subscribe").Single();
        Assert.Equal(("blue-web", "02aa10c0ffee@dc1.example.net"), (subscribe.Attribute("node")?.Value, subscribe.Attribute("jid")?.Value));
    }

    [Fact]
    [Trait("Requirement", "XMP-05")]
    [Trait("Requirement", "AGT-09")]
    public void TheNextOneIsSubscribedToWhenTheFirstIsLostAndNothingFlaps()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        FakeChannel second = Open(_second, "sg2.dc1.example.net");
        _client.Join(new("blue-web"));
        Answer(_first, first);
        Tell(_first, first, Item("blue-web", "t1", "198.51.100.40/32", "203.0.113.44", 61200, 3) + Item("blue-web", "t2", "198.51.100.41/32", "203.0.113.44", 61201, 3));
        _sink.Log.Clear();
        _ = Taken(second);

        _first.Closed(first, new(SessionEndReason.Lost));
        Assert.Same(_second, _client.RouteSource);
        Assert.Equal(["subscribe"], Types(second));
        Answer(_second, second);
        Tell(_second, second, Item("blue-web", "other-token", "198.51.100.40/32", "203.0.113.44", 61200, 3));
        Assert.Empty(_sink.Log);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(_sink.Log);

        // Quiet for long enough: what was not told again is gone.
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["- blue-web 198.51.100.41/32"], _sink.Log);
        Assert.Equal(1, _client.Routes.Swept);

        // The first one comes back: it is published to, and not subscribed to.
        first = Open(_first, "sg1.dc1.example.net");
        Assert.Empty(Taken(first));
        Assert.Same(_second, _client.RouteSource);
    }

    [Fact]
    [Trait("Requirement", "AGT-09")]
    public void WithoutAnyGatewayTheLastKnownStateStays()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        _client.Join(new("blue-web"));
        Answer(_first, first);
        Tell(_first, first, Item("blue-web", "t1", "198.51.100.40/32", "203.0.113.44", 61200, 3));
        _first.Closed(first, new(SessionEndReason.TimedOut));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["+ blue-web 198.51.100.40/32 203.0.113.44:61200"], _sink.Log);
        Assert.Null(_client.RouteSource);
    }

    [Fact]
    [Trait("Requirement", "AGT-09")]
    public void AGatewayThatSaysWhenItHasToldAllIsBelieved()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        _client.Join(new("blue-web"));
        Answer(_first, first);
        Tell(_first, first, Item("blue-web", "t1", "198.51.100.40/32", "203.0.113.44", 61200, 3));
        Settled(_first, first, "blue-web");
        _first.Closed(first, new(SessionEndReason.Lost));
        first = Open(_first, "sg1.dc1.example.net");
        Answer(_first, first);

        // It takes its time; the routes stay until it says that this was all.
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Single(_sink.State);
        Settled(_first, first, "blue-web");
        Assert.Empty(_sink.State);
    }

    /// <summary>A gateway that was never spoken to before, and takes its time: that it will say when it has told all is in its answer.</summary>
    [Fact]
    [Trait("Requirement", "AGT-09")]
    public void AnotherGatewayIsGivenTheTimeThatItAsksFor()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        FakeChannel second = Open(_second, "sg2.dc1.example.net");
        _client.Join(new("blue-web"));
        Answer(_first, first);
        Tell(_first, first, Item("blue-web", "t1", "198.51.100.40/32", "203.0.113.44", 61200, 3) + Item("blue-web", "t2", "198.51.100.41/32", "203.0.113.44", 61201, 3));
        _first.Closed(first, new(SessionEndReason.Lost));
        string id = second.Take().Attribute("id")!.Value;
        _second.Received(second, FakeChannel.Parse($"<iq type='result' id='{id}' from='{second.Peer}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            + $"<subscription node='blue-web' jid='{Own}' subscription='subscribed'><settled xmlns='urn:dataplane:bgpvpn:0'/></subscription></pubsub></iq>"));
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(2, _sink.State.Count);
        Tell(_second, second, Item("blue-web", "u1", "198.51.100.40/32", "203.0.113.44", 61200, 3));
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(2, _sink.State.Count);
        Settled(_second, second, "blue-web");
        Assert.Single(_sink.State);
    }

    [Fact]
    [Trait("Requirement", "XMP-13")]
    public void AWithdrawalInTwoMessagesIsOne()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        _client.Join(new("blue-web"));
        Answer(_first, first);
        Tell(_first, first, Item("blue-web", "t1", "198.51.100.40/32", "203.0.113.44", 61200, 3));
        Event(_first, first, "<collection node='blue-web'><disassociate node='t1'/></collection>");
        Event(_first, first, "<delete node='t1'/>");
        Assert.Equal(["+ blue-web 198.51.100.40/32 203.0.113.44:61200", "- blue-web 198.51.100.40/32"], _sink.Log);
    }

    [Fact]
    public void AVpnThatIsTakenFromUsLosesItsRoutesAndIsAskedForAgain()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        _client.Join(new("blue-web"));
        Answer(_first, first);
        Tell(_first, first, Item("blue-web", "t1", "198.51.100.40/32", "203.0.113.44", 61200, 3));
        Event(_first, first, "<delete node='blue-web'/>");
        Assert.Empty(_sink.State);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(["subscribe"], Taken(first));
    }

    [Fact]
    [Trait("Requirement", "SIG-11")]
    public void ARefusedSubscriptionIsTriedAgainAndSweepsWhatWasKnown()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        _client.Join(new("blue-web"));
        Answer(_first, first);
        Tell(_first, first, Item("blue-web", "t1", "198.51.100.40/32", "203.0.113.44", 61200, 3));
        _first.Closed(first, new(SessionEndReason.Lost));
        first = Open(_first, "sg1.dc1.example.net");
        Answer(_first, first, "item-not-found");
        Assert.Empty(_sink.State);
        Assert.Equal(1, _first.Refusals);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(["subscribe"], Taken(first));
    }

    [Fact]
    [Trait("Requirement", "XMP-14")]
    public void AVpnThatIsLeftLosesItsRoutesAtOnce()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        _client.Join(new("blue-web"));
        Answer(_first, first);
        Tell(_first, first, Item("blue-web", "t1", "198.51.100.40/32", "203.0.113.44", 61200, 3));
        _client.Leave(new("blue-web"));
        Assert.Equal(["unsubscribe"], Taken(first));
        Assert.Empty(_sink.State);

        // What was under way is nobody's.
        Tell(_first, first, Item("blue-web", "t2", "198.51.100.41/32", "203.0.113.44", 61200, 3));
        Assert.Empty(_sink.State);
    }

    [Fact]
    [Trait("Requirement", "EXT-12")]
    [Trait("Requirement", "XMP-08")]
    public void EveryExternalForwarderIsToldOfTheVlan()
    {
        var client = new EndSystemClient(_time.Loop, new() { Servers = ServerRole.ExternalForwarder }, _sink);
        EndSystemServer[] servers = [client.AddServer("tor1"), client.AddServer("tor2")];
        client.Join(new("blue-web", 317));
        foreach (EndSystemServer server in servers)
        {
            FakeChannel channel = Open(server, $"{server.Name}.dc1.example.net");
            XElement iq = channel.Take();
            Assert.Equal("317", iq.Descendants(XName.Get("value", "jabber:x:data")).Single().Value);
            Assert.DoesNotContain(iq.Descendants(), static element => element.Name.LocalName == "settled");
        }
    }

    [Fact]
    public void AFullChannelIsWaitedFor()
    {
        FakeChannel first = Open(_first, "sg1.dc1.example.net");
        first.Room = 1;
        _client.Join(new("blue-web"));
        _client.Publish(Publication());
        Assert.Equal(["subscribe"], Taken(first));
        first.Room = null;
        _first.Drained(first);
        Assert.Equal(["publish", "collection"], Taken(first));
    }

    private static Publication Publication() => new()
    {
        Leaf = "02aa10c0ffee:198.51.100.25/32",
        Vpn = "blue-web",
        Prefix = IpPrefix.Parse("198.51.100.25/32"),
        NextHop = IpAddress.Parse("203.0.113.17"),
        Label = new(52013),
        Version = 7,
    };

    private static string Item(string vpn, string token, string prefix, string nextHop, uint label, uint version) =>
        $"<items node='{vpn}'><item id='{token}'><entry xmlns='http://ietf.org/protocol/bgpvpn'><nlri af='1'>{prefix}</nlri>"
        + $"<next-hop af='1'>{nextHop}</next-hop><version id='{version}'/><label>{label}</label></entry></item></items>";

    private static FakeChannel Open(EndSystemServer server, string name)
    {
        var channel = new FakeChannel(Own, name);
        server.Opened(channel);
        return channel;
    }

    private static void Tell(EndSystemServer server, FakeChannel channel, string items) => Event(server, channel, items);

    private static void Event(EndSystemServer server, FakeChannel channel, string content) => server.Received(channel, FakeChannel.Parse(
        $"<message from='{channel.Peer}' to='{Own}'><event xmlns='http://jabber.org/protocol/pubsub#event'>{content}</event></message>"));

    private static void Settled(EndSystemServer server, FakeChannel channel, string vpn) => server.Received(channel, FakeChannel.Parse(
        $"<message from='{channel.Peer}' to='{Own}'><settled xmlns='urn:dataplane:bgpvpn:0' node='{vpn}'/></message>"));

    private static void Answer(EndSystemServer server, FakeChannel channel, string? error = null)
    {
        while (channel.Sent.Count != 0)
        {
            string id = channel.Take().Attribute("id")!.Value;
            server.Received(channel, FakeChannel.Parse(error is null
                ? $"<iq type='result' id='{id}' from='{channel.Peer}'/>"
                : $"<iq type='error' id='{id}' from='{channel.Peer}'><error type='cancel'><{error} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"));
        }
    }

    private static List<string> Types(FakeChannel channel) =>
        [.. channel.Sent.Select(static iq => iq.Elements().Single().Elements().First().Name.LocalName)];

    private static List<string> Taken(FakeChannel channel)
    {
        List<string> types = Types(channel);
        channel.Sent.Clear();
        return types;
    }
}
