using Dataplane.Net;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>Sessions that end and come back, and provisioning that changes under them.</summary>
public sealed class SessionTests
{
    /// <summary>A lost session's routes stay for the time that is configured, and go then.</summary>
    [Theory]
    [InlineData(60)]
    [InlineData(10)]
    [Trait("Requirement", "SIG-14")]
    [Trait("Requirement", "SCL-12")]
    public void RoutesOfALostSessionGoAfterTheTime(int seconds)
    {
        using var rig = new GatewayRig(seconds == 60 ? null : new SignalingGatewaySettings { StaleTime = TimeSpan.FromSeconds(seconds) });
        EndSystemModel host = rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        host.Lose();
        rig.Pass(TimeSpan.FromSeconds(seconds - 1));
        _ = Assert.Single(rig.Exported());
        _ = Assert.Single(rig.Vrfs.Membership.Targets);
        Assert.True(Assert.Single(rig.Gateway.Clients).IsStaleTimerRunning);
        rig.Pass(TimeSpan.FromSeconds(2));
        Assert.Empty(rig.Exported());
        Assert.Empty(rig.Vrfs.Membership.Targets);
        Assert.Empty(rig.Gateway.Clients);
        Assert.Equal(1, rig.Gateway.Counters.StaleSwept);
    }

    /// <summary>Who comes back in time and says the same again changes nothing for anybody; what it does not say again goes.</summary>
    [Fact]
    [Trait("Requirement", "SIG-14")]
    [Trait("Requirement", "XMP-07")]
    public void WhoComesBackInTimeKeepsItsRoutes()
    {
        using var rig = new GatewayRig();
        EndSystemModel subscriber = rig.Host("02aa10c0aaaa", "203.0.113.99");
        EndSystemModel host = rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(subscriber.Do(new SubscribeRequest("blue", null)));
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        Assert.Null(host.Publish("blue", "198.51.100.26/32", "203.0.113.17", 52014, 7));
        subscriber.Read().Events.Clear();
        host.Lose();
        rig.Pass(TimeSpan.FromSeconds(30));
        host.Routes.Clear();
        host.Connect();
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        Assert.Equal(2, host.RoutesOf("blue").Count()); // told everything again
        Assert.Null(host.Do(new PublishRequest("02aa10c0ffee:blue:198.51.100.25/32", [new(null, EndSystemModel.Entry("198.51.100.25/32", "203.0.113.17", 52013, 7))])));
        Assert.Null(host.Do(new AssociateRequest("blue", "02aa10c0ffee:blue:198.51.100.25/32")));
        Assert.Empty(subscriber.Read().Events);
        rig.Pass(TimeSpan.FromSeconds(31));
        Assert.Equal(["198.51.100.25/32 via 203.0.113.17:52013 v7"], subscriber.RoutesOf("blue"));
        rig.Pass(TimeSpan.FromSeconds(300));
        _ = Assert.Single(rig.Exported());
        _ = Assert.Single(rig.Vrfs.Membership.Targets);
    }

    /// <summary>Who closes its stream in order is gone at once.</summary>
    [Fact]
    [Trait("Requirement", "SIG-14")]
    public void AnOrderlyCloseWithdrawsAtOnce()
    {
        using var rig = new GatewayRig();
        EndSystemModel host = rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        host.Lose(SessionEndReason.PeerClosed);
        Assert.Empty(rig.Exported());
        Assert.Empty(rig.Vrfs.Membership.Targets);
        Assert.Empty(rig.Gateway.Clients);
    }

    /// <summary>The newer session has the address; the older one ends with conflict and can do nothing any more.</summary>
    [Fact]
    [Trait("Requirement", "XMP-03")]
    public void ANewerSessionDisplacesTheOlder()
    {
        using var rig = new GatewayRig();
        EndSystemModel older = rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(older.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        EndSystemModel newer = rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Equal(StreamErrorCondition.Conflict, older.Channel.Error);
        Assert.Equal(1, rig.Gateway.Counters.Displaced);
        rig.Gateway.Closed(older.Channel, new(SessionEndReason.LocalClose));
        _ = Assert.Single(rig.Exported());
        Assert.Null(newer.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52014, 8));
        rig.Pass(TimeSpan.FromSeconds(61));
        Assert.EndsWith(":52014 v8", Assert.Single(rig.Exported()), StringComparison.Ordinal);
        Assert.Equal(1, rig.Gateway.SessionCount);
    }

    /// <summary>Names are 12 hexadecimal digits unless provisioned or configured otherwise.</summary>
    [Theory]
    [InlineData("02aa10c0ffee@dc1.example.net", true)]
    [InlineData("02aa10c0ffe@dc1.example.net", false)]
    [InlineData("hv12@dc1.example.net", false)]
    [InlineData("hv13@dc1.example.net", true)]
    [InlineData("tor7.dc1.example.net", true)]
    [InlineData("tor8.dc1.example.net", false)]
    [InlineData("tor7.dc1.example.net@dc1.example.net", false)]
    [Trait("Requirement", "XMP-03")]
    public void NamesAreSystemIds(string jid, bool isAllowed)
    {
        using var rig = new GatewayRig(provisioning: new Provisioning(
            [new EndSystemGrant { Pattern = "hv13" }, new EndSystemGrant { Pattern = "tor7.dc1.example.net" }, .. GatewayRig.Everybody().Grants]));
        Assert.Equal(!isAllowed, new EndSystemModel(rig, jid).Channel.IsClosed);
        Assert.Equal(isAllowed ? 1 : 0, rig.Gateway.SessionCount);
    }

    /// <summary>Provisioning that comes, goes and moves takes effect in running sessions.</summary>
    [Fact]
    [Trait("Requirement", "SIG-11")]
    [Trait("Requirement", "SEC-06")]
    public void ProvisioningChangesUnderRunningSessions()
    {
        using var rig = new GatewayRig(provisioning: Provisioning.Empty);
        EndSystemModel host = rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Equal(StanzaErrorCondition.Forbidden, host.Do(new SubscribeRequest("blue", null))!.Condition);
        rig.Gateway.Apply(GatewayRig.Everybody());
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        string[] before = [.. rig.Exported()];
        host.Read().Events.Clear();
        rig.Gateway.Apply(GatewayRig.Everybody("02aa10c0ff*"));
        rig.Run();
        Assert.Empty(host.Read().Events);
        Assert.Equal(before, rig.Exported());

        // The VPN of this name is another VRF now.
        rig.Announce("198.51.100.40/32", "65000:1", "203.0.113.44", 61200, "65000:2");
        rig.Gateway.Apply(new Provisioning([new EndSystemGrant { Pattern = "*", Vpns = [new() { Vpn = "blue", Vrf = "red", Prefixes = [IpPrefix.Parse("198.51.100.0/24")] }] }]));
        rig.Run();
        Assert.Equal(["198.51.100.25/32 via 203.0.113.17:52013 v7", "198.51.100.40/32 via 203.0.113.44:61200 v0"], host.RoutesOf("blue"));
        Assert.Equal([GatewayRig.Target("65000:2")], rig.Vrfs.Membership.Targets);

        // And is nobody's.
        rig.Gateway.Apply(Provisioning.Empty);
        rig.Run();
        Assert.Empty(host.RoutesOf("blue"));
        Assert.Empty(rig.Vrfs.Membership.Targets);
        Assert.Equal(2, rig.Gateway.Counters.Revoked);
        Assert.Equal(["65000:1 198.51.100.40/32 via 203.0.113.44:61200 v0"], rig.Exported());
        Assert.False(host.Channel.IsClosed);
    }

    /// <summary>A VRF that goes takes subscriptions and publications along; what is left goes on.</summary>
    [Fact]
    [Trait("Requirement", "SIG-11")]
    public void AVrfMayGo()
    {
        using var rig = new GatewayRig();
        EndSystemModel host = rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        Assert.Null(host.Do(new SubscribeRequest("red", null)));
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        Assert.Null(host.Publish("red", "198.51.100.25/32", "203.0.113.17", 52014, 7));
        Assert.True(rig.Vrfs.TryFind("blue", out Routing.VrfIndex blue));
        rig.Vrfs.Remove(blue);
        rig.Gateway.VrfRemoved(blue);
        rig.Run();
        Assert.Empty(host.RoutesOf("blue"));
        _ = Assert.Single(host.RoutesOf("red"));
        Assert.Equal(StanzaErrorCondition.ItemNotFound, host.Do(new SubscribeRequest("blue", null))!.Condition);
        _ = rig.Vrfs.Add(new() { Name = "blue", ImportTargets = [GatewayRig.Target("65000:1")], ExportTargets = [GatewayRig.Target("65000:1")] });
        Assert.Null(host.Do(new SubscribeRequest("blue", null)));
        Assert.Null(host.Publish("blue", "198.51.100.25/32", "203.0.113.17", 52013, 7));
        _ = Assert.Single(host.RoutesOf("blue"));
        host.Lose(SessionEndReason.PeerClosed);
        Assert.Empty(rig.Exported());
    }
}
