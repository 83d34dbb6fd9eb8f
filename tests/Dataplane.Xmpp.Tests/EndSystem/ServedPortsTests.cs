using Dataplane.Net;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>What is behind ports of which another forwarder may be elected: made known while we serve them, and for a while after.</summary>
[Trait("Requirement", "EXT-10")]
public sealed class ServedPortsTests
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(3);
    private readonly StillTime _time = new();
    private readonly FakeUplink _uplink = new();
    private readonly HashSet<(string Port, AddressFamily Family)> _served = [];
    private readonly ServedPorts _ports;

    public ServedPortsTests() =>
        _ports = new(_time.Loop, _uplink, (port, family) => _served.Contains((port, family)), Linger);

    [Fact]
    [Trait("Requirement", "EXT-12")]
    public void WhatIsBehindAPortOfAnotherIsHeldUntilWeServeIt()
    {
        _ports.Join(new("red"));
        Publish("a", "10.0.0.1/32");
        Publish("b", "fd00::1/128");
        Publish("c", "10.0.0.3/32", port: null); // behind no port of ours
        Assert.Equal(["join red", "publish c 16 v1"], _uplink.Log);
        Assert.Equal(2, _ports.HeldBack);
        Serve(("access", AddressFamily.Ipv4));
        Assert.Equal(["a", "c"], _uplink.Publications.Keys.Order());
        Serve(("access", AddressFamily.Ipv4), ("access", AddressFamily.Ipv6));
        Assert.Equal(["a", "b", "c"], _uplink.Publications.Keys.Order());
        Assert.Equal(0, _ports.HeldBack);
        _ports.Leave(new("red"));
        Assert.Empty(_uplink.Memberships);
    }

    [Fact]
    public void WhatIsNoLongerServedIsKnownForAWhile()
    {
        Serve(("access", AddressFamily.Ipv4));
        Publish("a", "10.0.0.1/32");
        Serve();
        Publish("a", "10.0.0.1/32", version: 2); // it is told as it is, as long as it is told
        _time.Advance(Linger - TimeSpan.FromSeconds(1));
        Assert.Equal(2u, _uplink.Publications["a"].Version);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(_uplink.Publications);
        Assert.Equal(1, _ports.HeldBack);
        Publish("a", "10.0.0.1/32", version: 3);
        Assert.Empty(_uplink.Publications);
        Serve(("access", AddressFamily.Ipv4));
        Assert.Equal(3u, _uplink.Publications["a"].Version);
    }

    [Fact]
    public void APortThatIsServedAgainInTimeIsNotForgotten()
    {
        Serve(("access", AddressFamily.Ipv4));
        Publish("a", "10.0.0.1/32");
        Serve();
        _time.Advance(Linger - TimeSpan.FromSeconds(1));
        Serve(("access", AddressFamily.Ipv4));
        _time.Advance(3 * Linger);
        Assert.Equal(["publish a 16 v1"], _uplink.Log);
    }

    /// <summary>A host that moves behind a port of another, on our forwarder: no port changes hands, and what we told goes all the same.</summary>
    [Fact]
    public void AHostThatMovesBehindAPortOfAnotherIsForgotten()
    {
        Serve(("access", AddressFamily.Ipv4));
        Publish("a", "10.0.0.1/32");
        Publish("a", "10.0.0.1/32", version: 2, port: "other");
        Assert.Equal(2u, _uplink.Publications["a"].Version);
        _time.Advance(2 * Linger);
        Assert.Empty(_uplink.Publications);
        Assert.Equal(1, _ports.HeldBack);
    }

    [Fact]
    public void AWithdrawalIsToldWhereThePublicationWas()
    {
        Publish("held", "10.0.0.1/32");
        _ports.Withdraw("held");
        Assert.Empty(_uplink.Log);
        Serve(("access", AddressFamily.Ipv4));
        Assert.Empty(_uplink.Log);
        Publish("told", "10.0.0.2/32");
        _ports.Withdraw("told");
        Assert.Equal(["publish told 16 v1", "withdraw told"], _uplink.Log);
        Assert.Equal(0, _ports.HeldBack);
    }

    private void Serve(params (string Port, AddressFamily Family)[] served)
    {
        _served.Clear();
        _served.UnionWith(served);
        _ports.Changed();
    }

    private void Publish(string leaf, string prefix, uint version = 1, string? port = "access") => _ports.Publish(new()
    {
        Leaf = leaf,
        Vpn = "red",
        Prefix = IpPrefix.Parse(prefix),
        Label = new Label20(16),
        Version = version,
        Port = port,
    });
}
