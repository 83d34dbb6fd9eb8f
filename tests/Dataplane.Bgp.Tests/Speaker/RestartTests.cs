using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>Graceful restart (RFC 4724, 8538), its long-lived form (RFC 9494) and enhanced route refresh (RFC 7313), with virtual time.</summary>
public sealed class RestartTests
{
    private readonly TestNet _net = new();
    private TestNode _helper = null!;
    private TestNode _peer = null!;

    [Fact]
    public void RoutesOfALostSessionStayForTheRestartTime()
    {
        Build();
        LoseThePeer();
        Assert.Equal((2, PathState.Stale), Kept());
        _net.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal((2, PathState.Stale), Kept());
        _net.Advance(TimeSpan.FromSeconds(2));
        _net.Until(() => Kept().Count == 0, "the end of the restart time");
    }

    [Fact]
    public void WhatIsNotAnnouncedAgainGoesWithEndOfRib()
    {
        Build();
        LoseThePeer();
        TestNode again = Return(isRestart: true);
        again.Originate("65000:1", "10.1.0.0/24", 100, "65000:1");
        _net.Until(() => State() == SessionState.Established && Kept() == (1, PathState.None), "one route, fresh");
        Assert.True(_helper.Of(_peer).Session!.GracefulRestart!.Restarting);
        Assert.False(_helper.Of(_peer).Families.Single().IsStale);
    }

    [Fact]
    public void APeerThatKeptNothingLosesItsStaleRoutesAtOnce()
    {
        Build();
        LoseThePeer();
        Return(isRestart: false); // F is clear: it does not know of an earlier life
        _net.Until(() => State() == SessionState.Established && Kept().Count == 0, "no stale route");
    }

    [Fact]
    public void AnAdministrativeShutdownKeepsNothing()
    {
        Build();
        Assert.True(_peer.Speaker.Disable(_helper.Address, "for good"));
        _net.Until(() => Kept().Count == 0 && State() != SessionState.Established, "no route");
        Assert.Contains("for good", _helper.Of(_peer).LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void LongLivedRoutesAreLeastPreferredAndGoAfterTheirTime()
    {
        Build(llgr: true);
        _peer.Routes.Sources.Add(new() { Kind = SourceKind.Local, Name = "spare" });
        LoseThePeer();
        _net.Advance(TimeSpan.FromSeconds(121));
        _net.Until(() => Kept() == (2, PathState.Stale | PathState.LlgrStale), "long-lived stale routes");
        _net.Advance(TimeSpan.FromSeconds(3500));
        Assert.Equal(2, Kept().Count);
        _net.Advance(TimeSpan.FromSeconds(101));
        _net.Until(() => Kept().Count == 0, "the end of the long-lived stale time");
    }

    /// <summary>Who does not keep our routes is not awaited, whether there or not: selection must not stand still for it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ARestartedSpeakerWaitsForNobodyWhomItDidNotAskToKeepItsRoutes(bool hasHelper)
    {
        PeerSettings[] peers = hasHelper ? [Peer("10.0.0.1") with { GracefulRestart = GracefulRestartMode.Helper }] : [];
        TestNode reflector = _net.Add("10.0.0.9", 65000, settings => settings with { Peers = peers }, new() { IsRestart = true });
        reflector.Start();
        _net.Quiet();
        Assert.True(reflector.Speaker.HasRestarted);
        Assert.False(reflector.Speaker.IsRestarting);
    }

    [Fact]
    public void ARestartedSpeakerSendsNothingBeforeItHasHeardEverybody()
    {
        TestNode reflector = _net.Add(
            "10.0.0.9",
            65000,
            settings => settings with { Peers = [Peer("10.0.0.1"), Peer("10.0.0.2")] },
            new() { IsRestart = true });
        TestNode one = _net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Peer("10.0.0.9")] });
        TestNode two = _net.Add("10.0.0.2", 65000, settings => settings with { Peers = [Peer("10.0.0.9")] });
        reflector.Originate("65000:9", "10.9.0.0/24", 9, "65000:1");
        reflector.Start();
        one.Start();
        _net.Until(() => reflector.Of(one).Families.Any(family => family.EndOfRib.Received), "the first peer's End-of-RIB");
        _net.Quiet();
        Assert.True(reflector.Speaker.IsRestarting);
        Assert.Empty(one.From(reflector));
        Assert.True(one.Of(reflector).Session!.GracefulRestart is { Restarting: true, ForwardingKept.Count: 1 });
        two.Start();
        for (var i = 0; i < 30 && reflector.Speaker.IsRestarting; i++)
        {
            _net.Advance(TimeSpan.FromSeconds(1));
        }

        _net.Until(() => one.From(reflector).Count == 1 && two.From(reflector).Count == 1, "the route at both");
        Assert.False(reflector.Speaker.IsRestarting);
        Assert.True(one.Of(reflector).Families.Single().EndOfRib.Received);
    }

    [Fact]
    public void ARestartedSpeakerWaitsNoLongerThanItsBound()
    {
        TestNode reflector = _net.Add(
            "10.0.0.9",
            65000,
            settings => settings with { Peers = [Peer("10.0.0.1"), Peer("10.0.0.2")] },
            new() { IsRestart = true });
        TestNode one = _net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Peer("10.0.0.9")] });
        reflector.Originate("65000:9", "10.9.0.0/24", 9, "65000:1");
        reflector.Start();
        one.Start();
        _net.Until(() => one.Of(reflector).State == SessionState.Established, "the session");
        for (var i = 0; i < 18; i++)
        {
            Assert.Empty(one.From(reflector));
            _net.Advance(TimeSpan.FromSeconds(20));
        }

        _net.Advance(TimeSpan.FromSeconds(5));
        _net.Until(() => one.From(reflector).Count == 1, "the route after the bound");
    }

    /// <summary>
    /// What VRFs have of their own reaches who follows them although a peer is dead that kept our routes; peers are sent nothing before the deferral time,
    /// and one that is there is heard out first.
    /// </summary>
    [Theory, Trait("Requirement", "AGT-09"), Trait("Requirement", "SIG-09")]
    [InlineData(false)]
    [InlineData(true)]
    public void ARestartedSpeakerSelectsWithoutPeersThatAreNotThere(bool hasAnother)
    {
        PeerSettings[] peers = hasAnother ? [Peer("10.0.0.1"), Peer("10.0.0.2")] : [Peer("10.0.0.2")];
        TestNode reflector = _net.Add("10.0.0.9", 65000, settings => settings with { Peers = peers }, new() { IsRestart = true });
        TestNode one = _net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Peer("10.0.0.9")] });
        reflector.Originate("65000:9", "10.9.0.0/24", 9, "65000:1");
        reflector.Start();
        one.Start();
        _net.Quiet();
        _net.Advance(TimeSpan.FromSeconds(29));
        Assert.False(reflector.Routes.IsSettled);
        _net.Advance(TimeSpan.FromSeconds(2));
        _net.Until(() => reflector.Routes.IsSettled, "the selection");
        Assert.True(reflector.Speaker.IsRestarting);
        Assert.False(reflector.Speaker.HasHeardAll(default, TimeSpan.Zero));
        Assert.Empty(one.From(reflector));
        reflector.Originate("65000:9", "10.9.1.0/24", 10, "65000:1");
        _net.Until(() => reflector.Routes.IsSettled, "the selection of what is new");
        for (var i = 0; i < 33; i++)
        {
            Assert.Empty(one.From(reflector));
            _net.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.False(reflector.Speaker.IsRestarting);
        if (hasAnother)
        {
            _net.Until(() => one.From(reflector).Count == 2, "the routes after the bound");
        }
    }

    [Fact]
    public void AnEnhancedRefreshIsBetweenItsMarks()
    {
        Build();
        var seen = new Marks();
        _helper.Speaker.Observers.Add(seen);
        Assert.True(_helper.Speaker.RefreshIn(_peer.Address, RouteFamily.VpnIpv4));
        _net.Until(() => seen.Text.EndsWith('E'), () => $"the end of the refresh, seen {seen.Text}");
        Assert.Matches("^BU+E$", seen.Text);
        Assert.Equal((2, PathState.None), Kept());
    }

    private void Build(bool llgr = false)
    {
        PeerSettings Settings(string address) => Peer(address) with { LongLivedGracefulRestart = llgr };
        _helper = _net.Add("10.0.0.9", 65000, settings => settings with { Peers = [Settings("10.0.0.1")] });
        _peer = _net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Settings("10.0.0.9")] });
        _peer.Originate("65000:1", "10.1.0.0/24", 100, "65000:1");
        _peer.Originate("65000:1", "10.2.0.0/24", 100, "65000:2");
        _net.Nodes.ForEach(node => node.Start());
        _net.Until(() => _helper.From(_peer).Count == 2, "two routes");
    }

    private void LoseThePeer()
    {
        _net.Network.Detach(_peer.Address);
        _net.Nodes.Remove(_peer);
        _peer.Speaker.Stop(keepsForwarding: true);
        _net.Network.Cut(_peer.Address, _helper.Address);
        _net.Until(() => State() != SessionState.Established, "the loss of the session");
        _net.Quiet();
    }

    private TestNode Return(bool isRestart)
    {
        TestNode again = _net.Add(
            "10.0.0.1", 65000, settings => settings with { Peers = [Peer("10.0.0.9")] }, new() { IsRestart = isRestart });
        again.Start();
        return again;
    }

    private static PeerSettings Peer(string address) => new()
    {
        Address = IpAddress.Parse(address),
        As = new(65000),
        Families = [RouteFamily.VpnIpv4],
        RouteReflectorClient = true,
        GracefulRestart = GracefulRestartMode.Full,
        Timers = new() { HoldTime = TimeSpan.Zero },
    };

    private SessionState State() => _helper.Of(_peer).State;

    private (int Count, PathState State) Kept()
    {
        FamilyTable table = _helper.Routes[RouteFamily.VpnIpv4];
        SourceId source = _helper.Of(_peer).Source;
        var (count, state) = (0, PathState.None);
        for (var i = 0; i < table.DestinationCapacity; i++)
        {
            if (table.Exists(new(i)) && table.FindPath(new(i), source, 0) is { IsNone: false } path)
            {
                count++;
                state |= table.Row(path).State;
            }
        }

        return (count, state);
    }

    private sealed class Marks : ISpeakerObserver
    {
        public string Text { get; private set; } = "";

        public SpeakerInterest Interest => SpeakerInterest.Received;

        public void MessageReceived(IPeerView peer, MessageType type, ReadOnlySpan<byte> message) => Text += type switch
        {
            MessageType.RouteRefresh => message[21] == 1 ? "B" : "E",
            MessageType.Update => "U",
            _ => "",
        };
    }
}
