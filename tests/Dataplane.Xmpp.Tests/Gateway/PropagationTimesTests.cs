using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Propagation;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>What the gateway counts of how long its news takes.</summary>
[Trait("Requirement", "MGT-09")]
public sealed class PropagationTimesTests : IDisposable
{
    private readonly GatewayRig _rig = new();
    private readonly List<(PropagationHistogram Into, long At)> _toPeers = [];
    private readonly EndSystemModel _one;
    private readonly EndSystemModel _other;
    private readonly EndSystemModel _host;

    public PropagationTimesTests()
    {
        _one = _rig.Host("02aa10c0aaaa", "203.0.113.98");
        _other = _rig.Host("02aa10c0bbbb", "203.0.113.99");
        _host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(_one.Do(new SubscribeRequest("blue", null)));
        Assert.Null(_other.Do(new SubscribeRequest("blue", null)));
        _rig.Gateway.Times.TimeToPeers = (into, at) => _toPeers.Add((into, at));
    }

    [Fact]
    public void APublicationIsTimedUntilTheLastSubscriberWasTold()
    {
        _other.Channel.IsFull = true;
        var start = _rig.Time.GetTimestamp();
        SendPublication(7);
        _rig.Pass(TimeSpan.FromMilliseconds(15));
        Assert.Equal(["198.51.100.25/32 via 203.0.113.17:52013 v7"], _one.RoutesOf("blue"));
        Assert.Equal([], Told(PropagationCause.Published));
        Assert.Equal([(_rig.Gateway.Times.ToPeers(PropagationCause.Published), start)], _toPeers);

        _rig.Time.Advance(TimeSpan.FromMilliseconds(30));
        _other.Channel.IsFull = false;
        _rig.Gateway.Drained(_other.Channel);
        _rig.Run();
        Assert.Equal([0.05], Told(PropagationCause.Published));
        Assert.Equal(0.045, _rig.Gateway.Times.ToSubscribers(PropagationCause.Published).Read().Seconds, 6);
    }

    [Fact]
    public void WhatIsPublishedAgainAndChangesNothingIsNotTimed()
    {
        SendPublication(7);
        _rig.Run();
        Assert.Equal([0.0001], Told(PropagationCause.Published));
        SendPublication(7);
        _rig.Run();

        // What makes the next change, a minute later, is another.
        _rig.Pass(TimeSpan.FromSeconds(60));
        Assert.Null(_host.Do(new DeleteRequest("vm")));
        Assert.Equal([0.0001], Told(PropagationCause.Published));
        Assert.Equal([0.0001], Told(PropagationCause.Withdrawn));
    }

    [Fact]
    public void TheEndOfASessionIsTimedFromItsEnd()
    {
        SendPublication(7);
        _rig.Run();
        _host.Channel.Close();
        _rig.Gateway.Closed(_host.Channel, new(SessionEndReason.PeerClosed));
        _rig.Pass(TimeSpan.FromMilliseconds(2));
        Assert.Equal([0.002], Told(PropagationCause.Closed));
        Assert.Empty(_one.RoutesOf("blue"));

        _host.Connect();
        SendPublication(8);
        _rig.Run();
        _host.Lose();
        _rig.Pass(TimeSpan.FromSeconds(59));
        Assert.Equal([], Told(PropagationCause.Lost));
        _rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal([100], Told(PropagationCause.Lost));
        Assert.Equal(60, _rig.Gateway.Times.ToSubscribers(PropagationCause.Lost).Read().Seconds, 3);
        Assert.Contains(_toPeers, one => one.Into == _rig.Gateway.Times.ToPeers(PropagationCause.Lost));
    }

    public void Dispose() => _rig.Dispose();

    private void SendPublication(uint version)
    {
        Assert.Null(_host.Send(new PublishRequest("vm", [new(null, EndSystemModel.Entry("198.51.100.25/32", "203.0.113.17", 52013, version))])));
        Assert.Null(_host.Send(new AssociateRequest("blue", "vm")));
    }

    // The ends of the classes that were counted in.
    private double[] Told(PropagationCause cause) =>
    [
        .. _rig.Gateway.Times.ToSubscribers(cause).Read().Counts.Index()
            .SelectMany(static entry => Enumerable.Repeat(entry.Index, (int)entry.Item)).Select(static index => PropagationHistogram.Bounds[index]),
    ];
}
