using System.Xml.Linq;
using Dataplane.Net;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.EndSystem.Interfaces;
using Dataplane.Xmpp.ExternalForwarder;
using Dataplane.Xmpp.Propagation;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Tests.EndSystem;

namespace Dataplane.Xmpp.Tests.ExternalForwarder;

/// <summary>What an external forwarder counts of how long what its hosts have takes to two gateways.</summary>
[Trait("Requirement", "MGT-09")]
public sealed class HostTimesTests
{
    private readonly StillTime _time = new();
    private readonly FakeForwarder _forwarder = new();
    private readonly EndSystemClient _client;
    private readonly (EndSystemServer Server, FakeChannel Channel)[] _servers;
    private readonly TaggedHosts _hosts;
    private FakeChannel _channel = null!;
    private int _id;

    public HostTimesTests()
    {
        _client = new(_time.Loop, new(), new RecordingSink());
        _servers = [.. new[] { "sg1", "sg2" }.Select(name => (_client.AddServer(name), new FakeChannel("02aa10c00007@dc1.example.net/f", $"{name}.dc1.example.net")))];
        var interfaces = new ForwardedInterfaces(_time.Loop, _forwarder, new LabelAllocator(1000), new()
        {
            NextHop = IpAddress.Parse("203.0.113.17"),
            IsOwn = static _ => false,
            FindRoute = static (_, _) => null,
        });
        interfaces.Connect(_client);
        _hosts = new(_time.Loop, interfaces, new() { Admit = static _ => new("acc0", null, static _ => true, static (_, _) => true) });
        _client.Acknowledged = _hosts.Times.Acknowledged;
        foreach ((EndSystemServer server, FakeChannel channel) in _servers)
            server.Opened(channel);
        Connect();
        Answer();
    }

    [Fact]
    public void APublicationIsTimedUntilTheLastServerHasAcknowledgedIt()
    {
        Publish("10.0.0.1/32", 1);
        _time.Advance(TimeSpan.FromMilliseconds(15));
        Answer(0);
        Assert.Equal([], Told(PropagationCause.Published));
        _time.Advance(TimeSpan.FromMilliseconds(30));
        Answer(1);
        Assert.Equal([0.05], Told(PropagationCause.Published));
        Assert.Equal(0.045, _hosts.Times.ToServers(PropagationCause.Published).Read().Seconds, 6);

        // The same again is known already; another version is not.
        Publish("10.0.0.1/32", 1);
        Answer();
        Assert.Equal([0.05], Told(PropagationCause.Published));
        Publish("10.0.0.1/32", 2);
        Answer();
        Assert.Equal([0.0001, 0.05], Told(PropagationCause.Published));

        // One without a session is not waited for.
        _servers[1].Server.Closed(_servers[1].Channel, new(SessionEndReason.Lost));
        Ask("<retract node='blue'><item id='10.0.0.1/32'/></retract>");
        _time.Advance(TimeSpan.FromMilliseconds(3));
        Answer(0);
        Assert.Equal([0.005], Told(PropagationCause.Withdrawn));
    }

    [Fact]
    public void WhatEndsWithItsVlanIsWithdrawn()
    {
        Publish("10.0.0.1/32", 1);
        Answer();
        Ask("<unsubscribe node='blue'/>");
        Answer();
        Assert.Equal([0.0001], Told(PropagationCause.Withdrawn));
    }

    [Fact]
    public void TheEndOfASessionIsTimedFromItsEndUntilItsAddressesAreWithdrawn()
    {
        Publish("10.0.0.1/32", 1);
        Publish("10.0.0.2/32", 1);
        Answer();
        _hosts.Closed(_channel, new(SessionEndReason.PeerClosed));
        _forwarder.Work();
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Answer(0);
        Assert.Equal([], Told(PropagationCause.Closed));
        Answer(1);
        Assert.Equal([0.002, 0.002], Told(PropagationCause.Closed));
        Assert.Empty(_client.Desired.Publications);

        Connect();
        Publish("10.0.0.1/32", 2);
        Publish("10.0.0.2/32", 2);
        Answer();
        _hosts.Closed(_channel, new(SessionEndReason.Lost));
        _time.Advance(TimeSpan.FromSeconds(30));
        Connect();
        Publish("10.0.0.1/32", 2);
        _time.Advance(TimeSpan.FromSeconds(29));
        Answer();
        Assert.Equal([], Told(PropagationCause.Lost));

        // What it did not tell again goes, and is timed from when the session was lost.
        _time.Advance(TimeSpan.FromSeconds(2));
        _forwarder.Work();
        Answer();
        Assert.Equal([100], Told(PropagationCause.Lost));
        Assert.Equal(61, _hosts.Times.ToServers(PropagationCause.Lost).Read().Seconds, 1.0);
        Assert.Equal("10.0.0.1/32", Assert.Single(_client.Desired.Publications).Prefix.ToString());
    }

    private void Connect()
    {
        _channel = new("tor7.dc1.example.net", "02aa10c0ffee@dc1.example.net/r");
        _hosts.Opened(_channel);
        Ask("<subscribe node='blue'/><options><x xmlns='jabber:x:data' type='submit'><field var='vpn#vlan_id'><value>317</value></field></x></options>");
    }

    private void Publish(string prefix, uint version) => Ask(
        $"<publish node='blue'><item id='{prefix}'><entry xmlns='urn:ietf:params:xml:ns:bgp:l3vpn:unicast'><nlri><af>1</af><safi>1</safi><address>{prefix}</address></nlri>"
        + $"<sequence-number>{version}</sequence-number></entry></item></publish>");

    private void Ask(string request)
    {
        _hosts.Received(_channel, FakeChannel.Parse(
            $"<iq type='set' id='q{++_id}' from='{_channel.Peer}' to='tor7.dc1.example.net'><pubsub xmlns='http://jabber.org/protocol/pubsub'>{request}</pubsub></iq>"));
        _forwarder.Work();
        XElement answer = _channel.Take();
        Assert.True(answer.Attribute("type")?.Value == "result", answer.ToString());
    }

    private void Answer()
    {
        Answer(0);
        Answer(1);
    }

    private void Answer(int index)
    {
        (EndSystemServer server, FakeChannel channel) = _servers[index];
        while (channel.Sent.Count != 0)
            server.Received(channel, FakeChannel.Parse($"<iq type='result' id='{channel.Take().Attribute("id")!.Value}' from='{channel.Peer}'/>"));
    }

    // The ends of the classes that were counted in.
    private double[] Told(PropagationCause cause) =>
    [
        .. _hosts.Times.ToServers(cause).Read().Counts.Index()
            .SelectMany(static entry => Enumerable.Repeat(entry.Index, (int)entry.Item)).Select(static index => PropagationHistogram.Bounds[index]),
    ];
}
