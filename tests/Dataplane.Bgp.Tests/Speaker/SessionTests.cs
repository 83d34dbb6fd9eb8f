using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Transport;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Speaker;

public sealed class SessionTests
{
    [Fact, Trait("Requirement", "SIG-15")]
    public void AReflectorPassesVpnRoutesOnBetweenItsClients()
    {
        var net = new TestNet();
        TestNode reflector = net.Add("10.0.0.9", 65000, settings => settings with
        {
            Peers = [Client("10.0.0.1"), Client("10.0.0.2")],
        });
        TestNode one = net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Internal("10.0.0.9")] });
        TestNode two = net.Add("10.0.0.2", 65000, settings => settings with { Peers = [Internal("10.0.0.9")] });
        net.Nodes.ForEach(node => node.Start());
        net.UntilEstablished();

        one.Originate("65000:1", "10.1.0.0/24", 52013, "65000:1");
        net.Until(() => two.From(reflector).SetEquals(["65000:1 10.1.0.0/24 52013"]), "the route at the second client");
        Assert.Empty(one.From(reflector));

        one.Originate("65000:1", "10.1.0.0/24", 17, "65000:1");
        net.Until(() => two.From(reflector).SetEquals(["65000:1 10.1.0.0/24 17"]), "the other label");
        one.Withdraw("65000:1", "10.1.0.0/24");
        net.Until(() => two.From(reflector).Count == 0, "the withdrawal");
        Assert.Equal(1, two.Of(reflector).Families.Single().EndOfRib.Received ? 1 : 0);
    }

    [Fact]
    public void APeerWithTooManyPrefixesIsWarnedOfAndThenEnded()
    {
        var net = new TestNet();
        FamilySettings limited = new() { Family = RouteFamily.VpnIpv4, MaxPrefixes = 10, MaxPrefixAction = MaxPrefixAction.RestartAfter };
        TestNode speaker = net.Add("10.0.0.9", 65000, settings => settings with { Peers = [Internal("10.0.0.1") with { Families = [limited] }] });
        TestNode peer = net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Internal("10.0.0.9")] });
        var warnings = new Warnings();
        speaker.Speaker.Observers.Add(warnings);
        net.Nodes.ForEach(node => node.Start());
        net.UntilEstablished();
        for (var i = 0; i < 8; i++)
        {
            peer.Originate("65000:1", $"10.1.{i}.0/24");
        }

        net.Until(() => speaker.From(peer).Count == 8, "routes below the limit");
        Assert.Single(warnings.Texts);
        for (var i = 8; i < 12; i++)
        {
            peer.Originate("65000:1", $"10.1.{i}.0/24");
        }

        net.Until(() => speaker.Of(peer).State != SessionState.Established && speaker.From(peer).Count == 0, "the end");
        net.Until(() => peer.Of(speaker).LastError is not null, "the reason at the other end");
        Assert.Contains("MaximumPrefixes", speaker.Of(peer).LastError, StringComparison.Ordinal);
        Assert.Contains("MaximumPrefixes", peer.Of(speaker).LastError, StringComparison.Ordinal);
        for (var i = 8; i < 12; i++)
        {
            peer.Withdraw("65000:1", $"10.1.{i}.0/24");
        }

        for (var i = 0; i < 40 && speaker.Of(peer).State != SessionState.Established; i++)
        {
            net.Advance(TimeSpan.FromSeconds(15));
        }

        net.Until(() => speaker.From(peer).Count == 8, "the routes after the time");
    }

    [Fact, Trait("Requirement", "SIG-20")]
    public void FlowSpecificationsAreHeldPassedOnAndForgotten()
    {
        var net = new TestNet();
        FamilySettings[] families = [RouteFamily.Ipv4FlowSpec, RouteFamily.VpnIpv4FlowSpec];
        TestNode reflector = net.Add("10.0.0.9", 65000, settings => settings with
        {
            Peers = [Client("10.0.0.1") with { Families = families }, Client("10.0.0.2") with { Families = families }],
        });
        TestNode one = net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Internal("10.0.0.9") with { Families = families }] });
        TestNode two = net.Add("10.0.0.2", 65000, settings => settings with { Peers = [Internal("10.0.0.9") with { Families = families }] });
        net.Nodes.ForEach(node => node.Start());
        net.UntilEstablished();
        byte[] rule = [0x01, 24, 10, 1, 1, 0x03, 0x81, 17]; // to 10.1.1.0/24, UDP
        var number = one.Routes.FlowSpecs.Intern(rule);
        var nlri = new Nlri(RouteDistinguisher.Parse("65000:1"), 0, number, 0);
        SourceId own = one.Routes.Sources.Add(new() { Kind = Routing.Rib.SourceKind.Local, Name = "rules" });
        one.Originate(own, RouteFamily.VpnIpv4FlowSpec, nlri, 0, ["65000:1"]);
        one.Originate(own, RouteFamily.Ipv4FlowSpec, nlri with { Distinguisher = default }, 0, []);
        one.Routes.FlowSpecs.Release(number);
        net.Until(() => two.Of(reflector).Families.All(family => family.Received == 1), "both rules");
        Assert.True(two.Routes.FlowSpecs.TryFind(rule, out _));
        Assert.Equal(1, reflector.Routes.FlowSpecs.Count);
        one.Speaker.Stop();
        net.Nodes.Remove(one);
        net.Until(() => two.Of(reflector).Families.All(family => family.Received == 0) && two.Routes.FlowSpecs.Count == 0, "no rule");
        net.Until(() => reflector.Routes.FlowSpecs.Count == 0, "no rule at the reflector");
    }

    [Fact]
    public void PeersOfARangeComeAndAreForgotten()
    {
        var net = new TestNet();
        TestNode speaker = net.Add("10.0.0.9", 65000, settings => settings with
        {
            Ranges = [new() { Range = IpPrefix.Parse("10.0.1.0/24"), Template = Client("0.0.0.0"), MaxPeers = 2 }],
        });
        TestNode[] peers =
        [
            .. Enumerable.Range(1, 3).Select(i => net.Add($"10.0.1.{i}", 65000, settings => settings with { Peers = [Internal("10.0.0.9")] })),
        ];
        TestNode stranger = net.Add("10.0.2.1", 65000, settings => settings with { Peers = [Internal("10.0.0.9")] });
        speaker.Start();
        peers[0].Start();
        peers[1].Start();
        net.Until(() => speaker.Speaker.Peers.Count(peer => peer.State == SessionState.Established) == 2, "two peers");
        peers[2].Start();
        stranger.Start();
        net.Quiet();
        Assert.Equal(2, speaker.Speaker.Peers.Count);
        Assert.Equal((1, 1), (speaker.Speaker.ListenerCounters.Refused(RefusalReason.RangeFull), speaker.Speaker.ListenerCounters.Refused(RefusalReason.UnknownPeer)));
        peers[0].Speaker.Stop();
        net.Nodes.Remove(peers[0]);
        net.Until(() => speaker.Speaker.Peers.Count(peer => peer.State == SessionState.Established) == 1, "one peer");
        net.Advance(TimeSpan.FromSeconds(61));
        net.Until(() => !speaker.Speaker.Peers.Any(peer => peer.Address == peers[0].Address), "it is forgotten");
    }

    [Fact]
    public void NewSettingsResetOnlyWhatMustBe()
    {
        var net = new TestNet();
        TestNode speaker = net.Add("10.0.0.9", 65000, settings => settings with { Peers = [Client("10.0.0.1"), Client("10.0.0.2")] });
        TestNode one = net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Internal("10.0.0.9")] });
        TestNode two = net.Add("10.0.0.2", 65000, settings => settings with { Peers = [Internal("10.0.0.9")] });
        one.Originate("65000:1", "10.1.0.0/24");
        net.Nodes.ForEach(node => node.Start());
        net.Until(() => two.From(speaker).Count == 1, "the route");
        SpeakerSettings now = speaker.Speaker.Settings;
        Assert.Empty(speaker.Speaker.Apply(now with { Peers = [now.Peers[0], now.Peers[1] with { ExportPolicy = "missing", Description = "two" }] }));
        net.Until(() => two.From(speaker).Count == 0, "a policy that is not there lets nothing pass");
        Assert.Empty(speaker.Speaker.Apply(now));
        net.Until(() => two.From(speaker).Count == 1, "the route again");
        Assert.Equal(1, speaker.Of(two).Sessions.Established);
        Assert.Equal([two.Address], speaker.Speaker.Apply(now with
        {
            Peers = [now.Peers[0], now.Peers[1] with { Timers = new() { HoldTime = TimeSpan.FromSeconds(30) } }],
        }));
        Assert.Equal(1, speaker.Of(one).Sessions.Established);
        _ = speaker.Speaker.Apply(now with { Peers = [now.Peers[1]] });
        net.Until(() => two.From(speaker).Count == 0, "the routes of a peer that is no more go");
        Assert.Single(speaker.Speaker.Peers);
    }

    [Fact, Trait("Requirement", "SIG-15")]
    public void RoutesThatComeBackAreRefusedAndCounted()
    {
        var net = new TestNet();
        TestNode one = net.Add("10.0.0.1", 65000, settings => settings with { Peers = [External("10.0.0.2", 65002)] });
        TestNode two = net.Add("10.0.0.2", 65002, settings => settings with { Peers = [External("10.0.0.1", 65000), External("10.0.0.3", 65003)] });
        TestNode three = net.Add("10.0.0.3", 65003, settings => settings with
        {
            Peers = [External("10.0.0.2", 65002), External("10.0.0.4", 65000)],
        });
        TestNode four = net.Add("10.0.0.4", 65000, settings => settings with { Peers = [External("10.0.0.3", 65003)] });
        one.Originate("65000:1", "10.1.0.0/24");
        net.Nodes.ForEach(node => node.Start());
        net.Until(() => four.Of(three).Refused[RouteRefusal.AsLoop] == 1, "the loop is counted");
        Assert.Empty(four.From(three));
        SpeakerSettings now = four.Speaker.Settings;
        Assert.Empty(four.Speaker.Apply(now with { Peers = [now.Peers[0] with { AllowAsIn = 1 }] }));
        net.Until(() => four.From(three).Count == 1, "it is asked for again and taken");
    }

    private static PeerSettings External(string address, uint number) => Internal(address) with { As = new(number) };

    private static PeerSettings Internal(string address) => new()
    {
        Address = IpAddress.Parse(address),
        As = new(65000),
        Families = [RouteFamily.VpnIpv4],
    };

    private static PeerSettings Client(string address) => Internal(address) with { RouteReflectorClient = true };

    private sealed class Warnings : ISpeakerObserver
    {
        public List<string> Texts { get; } = [];

        public void Warning(IPeerView? peer, string text) => Texts.Add(text);
    }
}
