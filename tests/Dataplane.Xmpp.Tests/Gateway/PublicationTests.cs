using Dataplane.Net;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>What becomes of publications.</summary>
public sealed class PublicationTests : IDisposable
{
    private readonly GatewayRig _rig = new();

    public void Dispose() => _rig.Dispose();

    /// <summary>Distinguisher of the host, next hop of the forwarder, label, version: without any subscription.</summary>
    [Fact]
    [Trait("Requirement", "SIG-02")]
    [Trait("Requirement", "SIG-08")]
    [Trait("Requirement", "XMP-05")]
    [Trait("Requirement", "XMP-09")]
    [Trait("Requirement", "AMB-05")]
    public void APublicationBecomesARouteOfTheVpn()
    {
        EndSystemModel host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Do(new PublishRequest("leaf", [new(null, EndSystemModel.Entry("198.51.100.25/32", "203.0.113.17", 52013, 7))])));
        Assert.Empty(_rig.Exported()); // the VPN is not known yet
        Assert.Null(host.Do(new AssociateRequest("blue", "leaf")));
        var before = Assert.Single(_rig.Exported());
        Assert.Matches(@"^203\.0\.113\.17:\d+ 198\.51\.100\.25/32 via 203\.0\.113\.17:52013 v7$", before);

        // Published anew: another label in its place, under the same distinguisher.
        Assert.Null(host.Do(new PublishRequest("leaf", [new(null, EndSystemModel.Entry("198.51.100.25/32", "203.0.113.17", 52014, 8))])));
        Assert.Equal(before.Replace("52013 v7", "52014 v8", StringComparison.Ordinal), Assert.Single(_rig.Exported()));

        // The other VPN has a distinguisher of its own, and the other gateway would make the same ones.
        Assert.Null(host.Publish("red", "198.51.100.25/32", "203.0.113.17", 52015));
        using var second = new GatewayRig();
        EndSystemModel there = second.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(there.Publish("red", "198.51.100.25/32", "203.0.113.17", 52015));
        Assert.Null(there.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52014, 8));
        Assert.Equal(_rig.Exported().Order(), second.Exported().Order());
        Assert.Equal(2, _rig.Exported().Select(static route => route.Split(' ')[0]).Distinct().Count());
    }

    /// <summary>Dissociate and delete, either order, either alone, retract too; each withdraws at once.</summary>
    [Theory]
    [InlineData("dissociate")]
    [InlineData("delete")]
    [InlineData("dissociate,delete")]
    [InlineData("retract")]
    [Trait("Requirement", "XMP-14")]
    public void WithdrawalsTakeEffectAtOnce(string requests)
    {
        EndSystemModel host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        const string leaf = "02aa10c0ffee:blue:198.51.100.25/32";
        foreach (var request in requests.Split(','))
        {
            Assert.Null(host.Do(request switch
            {
                "dissociate" => new DissociateRequest("blue", leaf),
                "delete" => new DeleteRequest(leaf),
                _ => new RetractRequest("blue", [leaf]),
            }));
            Assert.Empty(_rig.Exported());
        }

        Assert.Equal(StanzaErrorCondition.ItemNotFound, host.Do(new DissociateRequest("blue", leaf))!.Condition);
    }

    /// <summary>A leaf that nobody associates is dropped in time and counted; several may wait.</summary>
    [Fact]
    [Trait("Requirement", "XMP-09")]
    [Trait("Requirement", "AMB-06")]
    public void PendingLeavesAreDroppedAfterAMinute()
    {
        EndSystemModel host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Equal(StanzaErrorCondition.ItemNotFound, host.Do(new AssociateRequest("blue", "a"))!.Condition);
        Assert.Null(host.Do(new PublishRequest("a", [new(null, EndSystemModel.Entry("198.51.100.25/32", "203.0.113.17", 52013))])));
        _rig.Pass(TimeSpan.FromSeconds(40));
        Assert.Null(host.Do(new PublishRequest("b", [new(null, EndSystemModel.Entry("198.51.100.26/32", "203.0.113.17", 52013))])));
        _rig.Pass(TimeSpan.FromSeconds(21));
        Assert.Equal(1, _rig.Gateway.Counters.PendingDropped);
        Assert.Equal(StanzaErrorCondition.ItemNotFound, host.Do(new AssociateRequest("blue", "a"))!.Condition);
        Assert.Null(host.Do(new AssociateRequest("blue", "b")));
        _rig.Pass(TimeSpan.FromSeconds(100));
        _ = Assert.Single(_rig.Exported());
        Assert.Equal(1, _rig.Gateway.Counters.PendingDropped);
    }

    /// <summary>The highest version has the address, whatever comes when; nobody hears of a withdrawal in between.</summary>
    [Fact]
    [Trait("Requirement", "SIG-09")]
    [Trait("Requirement", "SIG-22")]
    [Trait("Requirement", "MOB-06")]
    [Trait("Requirement", "MOB-10")]
    public void TheHighestVersionHasTheAddress()
    {
        EndSystemModel subscriber = _rig.Host("02aa10c0aaaa", "203.0.113.99");
        EndSystemModel from = _rig.Host("02aa10c0ffee", "203.0.113.17");
        EndSystemModel to = _rig.Host("02aa10c0ffff", "203.0.113.18");
        Assert.Null(subscriber.Do(new SubscribeRequest("blue", null)));
        Assert.Null(from.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 3));
        Assert.Null(to.Publish("blue", "198.51.100.25/32", "203.0.113.18", 52014, 4));
        Assert.Equal(["198.51.100.25/32 via 203.0.113.18:52014 v4"], subscriber.RoutesOf("blue"));
        Assert.Equal(2, subscriber.Events.Count);

        Assert.Null(from.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52019, 3));
        _rig.Announce("198.51.100.25/32", "65000:7", "203.0.113.66", 52020, "65000:1", version: 3);
        Assert.Null(from.Do(new DeleteRequest("02aa10c0ffee:blue:198.51.100.25/32")));
        Assert.Equal(2, subscriber.Read().Events.Count);
        Assert.Equal(["198.51.100.25/32 via 203.0.113.18:52014 v4"], subscriber.RoutesOf("blue"));

        _rig.Announce("198.51.100.25/32", "65000:7", "203.0.113.66", 52020, "65000:1", version: 5);
        Assert.Equal(["198.51.100.25/32 via 203.0.113.66:52020 v5"], subscriber.RoutesOf("blue"));
        Assert.All(subscriber.Events, static told => Assert.IsType<RouteChangedEvent>(told));
    }

    /// <summary>Three hundred hosts with one address are one entry with three hundred next hops.</summary>
    [Fact]
    [Trait("Requirement", "SIG-10")]
    public void EqualsAreOneEntryWithManyNextHops()
    {
        EndSystemModel subscriber = _rig.Host("02aa10c0aaaa", "203.0.113.99");
        for (var i = 0; i < 300; i++)
        {
            EndSystemModel host = _rig.Host($"02aa10c1{i:x4}", $"203.0.{i >> 8}.{i & 255}");
            Assert.Null(host.Publish("blue", "198.51.100.25/32", $"203.0.{i >> 8}.{i & 255}", 1000 + (uint)i, 1));
        }

        Assert.Null(subscriber.Do(new SubscribeRequest("blue", null)));
        VpnEntry entry = Assert.Single(subscriber.Read().Routes.Values);
        Assert.Equal(300, entry.NextHops.Distinct().Count());
        Assert.Equal(300, _rig.Exported().Count());
    }

    /// <summary>Encapsulations go into BGP and come back out of it.</summary>
    [Fact]
    [Trait("Requirement", "ARC-18")]
    [Trait("Requirement", "AMB-43")]
    public void EncapsulationsAreCarried()
    {
        EndSystemModel host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        VpnEntry entry = EndSystemModel.Entry("198.51.100.25/32", "203.0.113.17", 52013);
        entry = entry with { NextHops = [entry.NextHops[0] with { Encapsulations = TunnelEncapsulations.Gre | TunnelEncapsulations.Udp }] };
        Assert.Null(host.Send(new PublishRequest("leaf", [new(null, entry)])));
        Assert.Null(host.Do(new AssociateRequest("blue", "leaf")));
        Assert.Equal(TunnelEncapsulations.Gre | TunnelEncapsulations.Udp, Assert.Single(host.Read().Routes.Values).NextHops[0].Encapsulations);
    }

    /// <summary>What nobody may: each is refused by name, moves its counter, and leaves no trace.</summary>
    [Theory]
    [InlineData("next-hop", RefusalReason.ForeignNextHop, StanzaErrorCondition.Forbidden)]
    [InlineData("no-next-hop", RefusalReason.NoNextHop, StanzaErrorCondition.BadRequest)]
    [InlineData("prefix", RefusalReason.ForeignPrefix, StanzaErrorCondition.Forbidden)]
    [InlineData("vpn", RefusalReason.ForeignVpn, StanzaErrorCondition.Forbidden)]
    [InlineData("no-vpn", RefusalReason.UnknownVpn, StanzaErrorCondition.ItemNotFound)]
    [InlineData("leaf", RefusalReason.UnknownLeaf, StanzaErrorCondition.ItemNotFound)]
    [InlineData("subscribe-vpn", RefusalReason.ForeignVpn, StanzaErrorCondition.Forbidden)]
    [InlineData("subscribe-no-vpn", RefusalReason.UnknownVpn, StanzaErrorCondition.ItemNotFound)]
    [InlineData("subscribe-jid", RefusalReason.ForeignJid, StanzaErrorCondition.BadRequest)]
    [InlineData("leaf-of-other", RefusalReason.UnknownLeaf, StanzaErrorCondition.ItemNotFound)]
    [InlineData("move-prefix", RefusalReason.ForeignPrefix, StanzaErrorCondition.Forbidden)]
    [InlineData("preference", null, null)]
    [Trait("Requirement", "SEC-03")]
    [Trait("Requirement", "SEC-06")]
    [Trait("Requirement", "SEC-09")]
    [Trait("Requirement", "SIG-11")]
    [Trait("Requirement", "XMP-15")]
    public void LiesAreRefusedByName(string lie, RefusalReason? reason, StanzaErrorCondition? condition)
    {
        using var rig = new GatewayRig(provisioning: new Provisioning(
        [
            new EndSystemGrant { Pattern = "02aa10c0ffee", Infrastructure = [IpAddress.Parse("203.0.113.17")], Vpns = [new() { Vpn = "blue", Prefixes = [IpPrefix.Parse("198.51.100.0/24")] }] },
            new EndSystemGrant { Pattern = "02aa10c0ffff", Vpns = [new() { Vpn = "red", Prefixes = [IpPrefix.Parse("198.51.100.0/24")] }] },
        ]));
        EndSystemModel honest = new(rig, "02aa10c0ffff@dc1.example.net", "203.0.113.18");
        EndSystemModel liar = new(rig, "02aa10c0ffee@dc1.example.net", profile: lie == "preference" ? WireProfile.EndSystem06 : WireProfile.Esv05);
        Assert.Null(honest.Publish("red", "198.51.100.25/32", "203.0.113.18", 52013, 1));
        Assert.Null(liar.Publish("blue", "198.51.100.9/32", "203.0.113.17", 52099, 1));
        string[] before = [.. rig.Exported()];
        StanzaError? error = lie switch
        {
            "next-hop" => liar.Publish("blue", "198.51.100.25/32", "203.0.113.18", 52014, 9),
            "no-next-hop" => liar.Do(new PublishRequest("l", [new(null, new VpnEntry { Prefix = IpPrefix.Parse("198.51.100.25/32") })])),
            "prefix" => liar.Publish("blue", "198.51.101.25/32", "203.0.113.17", 52014, 9),
            "vpn" => liar.Publish("red", "198.51.100.25/32", "203.0.113.17", 52014, 9),
            "no-vpn" => liar.Publish("green", "198.51.100.25/32", "203.0.113.17", 52014, 9),
            "leaf" => liar.Do(new AssociateRequest("blue", "nothing")),
            "subscribe-vpn" => liar.Do(new SubscribeRequest("red", null)),
            "subscribe-no-vpn" => liar.Do(new SubscribeRequest("green", null)),
            "subscribe-jid" => liar.Do(new SubscribeRequest("blue", "02aa10c0ffff@dc1.example.net")),
            "leaf-of-other" => liar.Do(new DeleteRequest("02aa10c0ffff:red:198.51.100.25/32")),
            "move-prefix" => liar.Do(new PublishRequest("02aa10c0ffee:blue:198.51.100.9/32", [new(null, EndSystemModel.Entry("198.51.101.1/32", "203.0.113.17", 52014, 9))])),
            _ => liar.Do(new PublishRequest("blue", [new("x", EndSystemModel.Entry("198.51.100.9/32", "203.0.113.17", 52099, 1) with { LocalPreference = 500 })])),
        };
        Assert.Equal(condition, error?.Condition);
        foreach (RefusalReason each in Enum.GetValues<RefusalReason>())
        {
            Assert.Equal(each == reason ? 1 : 0, rig.Gateway.Counters.RefusalsOf(each));
        }

        Assert.Equal(before, rig.Exported());
        rig.Pass(TimeSpan.FromSeconds(61));
        Assert.Equal(before, rig.Exported());
    }

    /// <summary>A stanza for another client is not carried on; an IQ of another namespace is answered; presence is not.</summary>
    [Fact]
    [Trait("Requirement", "XMP-15")]
    public void EveryIqIsAnsweredOnce()
    {
        EndSystemModel host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        const string pubsub = "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='blue'/></pubsub>";
        Assert.Equal(StanzaErrorCondition.ServiceUnavailable, host.Ask($"<iq type='set' id='1' to='02aa10c0ffff@dc1.example.net'>{pubsub}</iq>", "1").Error!.Condition);
        Assert.Equal(StanzaErrorCondition.ServiceUnavailable, host.Ask("<iq type='get' id='2'><query xmlns='jabber:iq:roster'/></iq>", "2").Error!.Condition);
        Assert.Equal(StanzaErrorCondition.FeatureNotImplemented, host.Ask($"<iq type='get' id='3'>{pubsub}</iq>", "3").Error!.Condition);
        Stanza done = host.Ask($"<iq type='set' id='4'>{pubsub}</iq>", "4");
        Assert.Null(done.Error);
        Assert.Equal("subscribed", (string?)done.Element.Descendants(PubSubNamespace.PubSub + "subscription").Single().Attribute("subscription"));
        Assert.Equal(1, _rig.Gateway.SubscriptionCount);
    }
}
