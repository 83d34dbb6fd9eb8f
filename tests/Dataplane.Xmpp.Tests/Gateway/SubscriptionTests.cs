using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>What subscribers hear.</summary>
public sealed class SubscriptionTests : IDisposable
{
    private readonly GatewayRig _rig = new(new SignalingGatewaySettings { SettleTime = TimeSpan.FromSeconds(20) });

    public void Dispose() => _rig.Dispose();

    /// <summary>All routes that there are, unasked; then each change once; the publisher hears its own too.</summary>
    [Fact]
    [Trait("Requirement", "XMP-06")]
    [Trait("Requirement", "XMP-07")]
    [Trait("Requirement", "SIG-13")]
    [Trait("Requirement", "SIG-18")]
    [Trait("Requirement", "SIG-19")]
    public void ASubscriberHearsEverythingAndThenChanges()
    {
        _rig.Announce("198.51.100.40/32", "65000:1", "203.0.113.44", 61200, "65000:1", version: 3);
        _rig.Announce("2001:db8::40/128", "65000:1", "203.0.113.44", 61201, "65000:1");
        _rig.Announce("198.51.100.41/32", "65000:1", "203.0.113.44", 61202, "65000:2");
        EndSystemModel host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Do(new SubscribeRequest("blue", host.Jid.ToString())));
        Assert.Equal(
            ["198.51.100.40/32 via 203.0.113.44:61200 v3", "2001:db8::40/128 via 203.0.113.44:61201 v0"], host.RoutesOf("blue"));

        host.Events.Clear();
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        Assert.Equal("198.51.100.25/32 via 203.0.113.17:52013 v7", EndSystemModel.TextOf(
            Assert.IsType<RouteChangedEvent>(Assert.Single(host.Read().Events)).Entry));

        host.Events.Clear();
        _rig.Announce("198.51.100.40/32", "65000:1", "203.0.113.44", 61209, "65000:1", version: 4);
        Assert.Equal("198.51.100.40/32 via 203.0.113.44:61209 v4", EndSystemModel.TextOf(
            Assert.IsType<RouteChangedEvent>(Assert.Single(host.Read().Events)).Entry));

        host.Events.Clear();
        _rig.Withdraw("198.51.100.40/32", "65000:1");
        Assert.Collection(
            host.Read().Events,
            static first => Assert.IsType<RouteDisassociatedEvent>(first),
            static second => Assert.IsType<NodeDeletedEvent>(second));
        Assert.Equal(2, host.RoutesOf("blue").Count());

        Assert.Null(host.Do(new UnsubscribeRequest("blue", host.Jid.ToString())));
        host.Events.Clear();
        _rig.Announce("198.51.100.42/32", "65000:1", "203.0.113.44", 61209, "65000:1");
        Assert.Empty(host.Read().Events);
        Assert.Equal(StanzaErrorCondition.UnexpectedRequest, host.Do(new UnsubscribeRequest("blue", null))!.Condition);
    }

    /// <summary>Nothing in what subscribers get tells who published, nor how the network distinguishes it.</summary>
    [Fact]
    [Trait("Requirement", "XMP-12")]
    [Trait("Requirement", "SIG-12")]
    public void NothingTellsWhoPublished()
    {
        EndSystemModel publisher = _rig.Host("02aa10c0ffee", "203.0.113.17");
        EndSystemModel subscriber = _rig.Host("02aa10c0ffff", "203.0.113.18");
        Assert.Null(publisher.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        Assert.Null(subscriber.Do(new SubscribeRequest("blue", null)));
        Assert.Null(publisher.Publish("blue", "198.51.100.26/32", "203.0.113.17", 52014, 7));
        Assert.Equal(2, subscriber.RoutesOf("blue").Count());
        var wire = subscriber.Wire.ToString();
        Assert.DoesNotContain("c0ffee", wire, StringComparison.Ordinal);
        Assert.DoesNotContain("65000", wire, StringComparison.Ordinal);
        Assert.All(subscriber.Routes.Keys, static key => Assert.Matches("^[0-9a-f]{32}$", key.Token));
    }

    /// <summary>A token names a prefix in a VRF, whoever publishes it and however often, in one VRF only, and to all gateways' sessions alike.</summary>
    [Fact]
    [Trait("Requirement", "XMP-12")]
    public void TokensStayAndDiffer()
    {
        EndSystemModel host = _rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        Assert.Null(host.Do(new SubscribeRequest("red", null)));
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013));
        Assert.Null(host.Publish("red", "198.51.100.25/32", "203.0.113.17", 52014));
        Assert.Null(host.Publish("blue", "c633:6419::/32", "203.0.113.17", 52015));
        (string Vpn, string Token)[] before = [.. host.Read().Routes.Keys];
        Assert.Equal(3, before.Select(static key => key.Token).Distinct().Count());
        Assert.Null(host.Do(new DeleteRequest("02aa10c0ffee:blue:198.51.100.25/32")));
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52016));
        Assert.Equal(before.Order(), host.Read().Routes.Keys.Order());
    }

    /// <summary>First member: the import targets are wanted; last one gone: they are not; a target of two VRFs until both are empty.</summary>
    [Fact]
    [Trait("Requirement", "SIG-05")]
    [Trait("Requirement", "SIG-06")]
    public void MembershipFollowsSubscriptions()
    {
        EndSystemModel one = _rig.Host("02aa10c0ffee", "203.0.113.17");
        EndSystemModel other = _rig.Host("02aa10c0ffff", "203.0.113.18");
        Assert.Empty(_rig.Vrfs.Membership.Targets);
        Assert.Null(one.Do(new SubscribeRequest("blue", null)));
        Assert.Equal([GatewayRig.Target("65000:1")], _rig.Vrfs.Membership.Targets);
        Assert.Null(other.Do(new SubscribeRequest("blue", null)));
        Assert.Null(other.Do(new SubscribeRequest("shared", null)));
        Assert.Null(one.Do(new SubscribeRequest("blue", null))); // once more changes nothing
        Assert.Null(one.Do(new UnsubscribeRequest("blue", null)));
        Assert.Null(other.Do(new UnsubscribeRequest("blue", null)));
        Assert.Equal(2, _rig.Vrfs.Membership.Targets.Count);
        Assert.Null(other.Do(new UnsubscribeRequest("shared", null)));
        Assert.Empty(_rig.Vrfs.Membership.Targets);
    }

    /// <summary>Each in its profile, of the same VRF.</summary>
    [Fact]
    [Trait("Requirement", "XMP-10")]
    [Trait("Requirement", "XMP-13")]
    public void EachClientIsSpokenToInItsProfile()
    {
        using var rig = new GatewayRig(provisioning: new Provisioning(
        [
            new EndSystemGrant { Pattern = "hv12", Profile = WireProfile.EndSystem06 },
            .. GatewayRig.Everybody().Grants,
        ]));
        EndSystemModel old = rig.Host("02aa10c0ffee", "203.0.113.17");
        EndSystemModel later = new(rig, "hv12@dc1.example.net", "203.0.113.18", WireProfile.EndSystem06);
        Assert.Null(old.Do(new SubscribeRequest("blue", null)));
        Assert.Null(later.Do(new SubscribeRequest("blue", null) { InstanceId = 4 }));
        Assert.Null(later.Do(new PublishRequest("blue", [new("203.0.113.18:4:198.51.100.25/32", EndSystemModel.Entry("198.51.100.25/32", "203.0.113.18", 52013, 7))])));
        Assert.Equal(["203.0.113.18:4 198.51.100.25/32 via 203.0.113.18:52013 v7"], rig.Exported());
        Assert.Equal(old.RoutesOf("blue"), later.RoutesOf("blue"));
        Assert.Contains("<entry xmlns='http://ietf.org/protocol/bgpvpn'><nlri af='1'>", old.Wire.ToString(), StringComparison.Ordinal);
        Assert.Contains("<entry xmlns='urn:ietf:params:xml:ns:bgp:l3vpn:unicast'><nlri><af>1</af>", later.Wire.ToString(), StringComparison.Ordinal);
        Assert.Null(later.Do(new RetractRequest("blue", ["203.0.113.18:4:198.51.100.25/32"])));
        Assert.Empty(old.RoutesOf("blue"));
        Assert.Empty(later.RoutesOf("blue"));
        Assert.Contains(later.Events, static told => told is RouteRetractedEvent);
        Assert.DoesNotContain(old.Events, static told => told is RouteRetractedEvent);
    }

    /// <summary>Who asks for it is told that the snapshot is whole: after the snapshot, and not while the gateway itself is new.</summary>
    [Fact]
    [Trait("Requirement", "AGT-09")]
    public void TheEndOfTheSnapshotIsToldToThoseWhoAsk()
    {
        for (var i = 0; i < 300; i++)
        {
            _rig.Announce($"10.0.{i >> 8}.{i & 255}/32", "65000:1", "203.0.113.44", 61200, "65000:1");
        }

        EndSystemModel asking = _rig.Host("02aa10c0ffee", "203.0.113.17");
        EndSystemModel other = _rig.Host("02aa10c0ffff", "203.0.113.18");
        HashSet<string> converged = [];
        _rig.Gateway.IsConverged = vrf => converged.Contains(_rig.Vrfs[vrf].Name);
        Assert.Null(asking.Do(new SubscribeRequest("blue", null) { WantsSettled = true }));
        Assert.Null(asking.Do(new SubscribeRequest("red", null) { WantsSettled = true }));
        Assert.Null(other.Do(new SubscribeRequest("blue", null)));
        _rig.Pass(TimeSpan.FromSeconds(19));
        Assert.DoesNotContain(asking.Read().Events, static told => told is SettledEvent);
        _rig.Pass(TimeSpan.FromSeconds(2));
        Assert.DoesNotContain(asking.Read().Events, static told => told is SettledEvent);
        _ = converged.Add("blue");
        _rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(new SettledEvent("blue"), asking.Read().Events[^1]);
        Assert.Equal(301, asking.Events.Count);
        Assert.Equal(300, other.Read().Events.Count);
        _rig.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(301, asking.Read().Events.Count);
        _ = converged.Add("red");
        _rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(new SettledEvent("red"), asking.Read().Events[^1]);
        Assert.Equal(302, asking.Events.Count);
    }

    /// <summary>A thousand subscribers of a VPN: one encoding for a change, and the same octets but for the address.</summary>
    [Fact]
    [Trait("Requirement", "SIG-19")]
    public void AChangeIsEncodedOnceForAll()
    {
        EndSystemModel[] hosts = [.. Enumerable.Range(0, 1000).Select(i => _rig.Host($"02aa10c0{i:x4}", $"203.0.{i >> 8}.{i & 255}"))];
        foreach (EndSystemModel host in hosts)
        {
            Assert.Null(host.Send(new SubscribeRequest("blue", null)));
        }

        _rig.Run();
        var before = _rig.Gateway.Counters.Encodings;
        _rig.Announce("198.51.100.40/32", "65000:1", "203.0.113.44", 61200, "65000:1");
        Assert.Equal(before + 1, _rig.Gateway.Counters.Encodings);
        Assert.All(hosts, static host => Assert.Equal(["198.51.100.40/32 via 203.0.113.44:61200 v0"], host.RoutesOf("blue")));
        _rig.Withdraw("198.51.100.40/32", "65000:1");
        Assert.Equal(before + 2, _rig.Gateway.Counters.Encodings);
        Assert.All(hosts, static host => Assert.Empty(host.RoutesOf("blue")));

        // Many changes at once go into few messages.
        for (var i = 0; i < 64; i++)
        {
            Assert.Null(hosts[0].Send(new PublishRequest($"l{i}", [new(null, EndSystemModel.Entry($"10.0.0.{i}/32", "203.0.0.0", 1000))])));
            Assert.Null(hosts[0].Send(new AssociateRequest("blue", $"l{i}")));
        }

        before = _rig.Gateway.Counters.Encodings;
        hosts[1].Read();
        _rig.Run();
        Assert.InRange(_rig.Gateway.Counters.Encodings - before, 1, 2);
        Assert.InRange(hosts[1].Channel.Sent.Count, 1, 2);
        Assert.Equal(64, hosts[1].RoutesOf("blue").Count());
    }

    /// <summary>A client that takes nothing misses nothing but what is past, holds nobody up, and is cut when it stays so.</summary>
    [Fact]
    [Trait("Requirement", "SIG-19")]
    public void AStalledClientCoalescesAndIsCut()
    {
        EndSystemModel stalled = _rig.Host("02aa10c0ffee", "203.0.113.17");
        EndSystemModel other = _rig.Host("02aa10c0ffff", "203.0.113.18");
        Assert.Null(stalled.Do(new SubscribeRequest("blue", null)));
        Assert.Null(other.Do(new SubscribeRequest("blue", null)));
        _rig.Announce("198.51.100.39/32", "65000:1", "203.0.113.44", 1000, "65000:1");
        stalled.Read().Events.Clear();
        stalled.Channel.IsFull = true;
        for (var i = 0; i < 50; i++)
        {
            _rig.Announce("198.51.100.40/32", "65000:1", "203.0.113.44", 1000 + (uint)i, "65000:1");
        }

        _rig.Withdraw("198.51.100.39/32", "65000:1");
        Assert.Equal(["198.51.100.40/32 via 203.0.113.44:1049 v0"], other.RoutesOf("blue"));
        _rig.Pass(TimeSpan.FromSeconds(20));
        Assert.False(stalled.Channel.IsClosed);
        stalled.Channel.IsFull = false;
        _rig.Gateway.Drained(stalled.Channel);
        _rig.Run();
        Assert.Equal(["198.51.100.40/32 via 203.0.113.44:1049 v0"], stalled.RoutesOf("blue"));
        Assert.InRange(stalled.Events.Count, 3, 4); // the last state, and one withdrawal in two messages

        stalled.Channel.IsFull = true;
        _rig.Withdraw("198.51.100.40/32", "65000:1");
        _rig.Pass(TimeSpan.FromSeconds(29));
        Assert.False(stalled.Channel.IsClosed);
        _rig.Pass(TimeSpan.FromSeconds(2));
        Assert.True(stalled.Channel.IsClosed);
        Assert.Equal(1, _rig.Gateway.Counters.Cut);
        Assert.Empty(other.RoutesOf("blue"));
    }
}
