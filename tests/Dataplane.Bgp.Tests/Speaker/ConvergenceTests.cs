using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Vpn;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>When a speaker knows that its peers have said all they have of a VRF, with virtual time.</summary>
public sealed class ConvergenceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TestNet _net = new();
    private TestNode _one = null!;
    private TestNode _reflector = null!;
    private VrfIndex _blue;
    private VrfIndex _red;

    [Fact, Trait("Requirement", "AGT-09")]
    public void APeerThatIsNotThereIsAwaitedForTheDeferralTime()
    {
        Build(GracefulRestartMode.Full);
        _one.Start();
        _net.Quiet();
        for (var i = 0; i < 36; i++)
        {
            Assert.False(_one.Speaker.HasHeardAll(_blue, Patience));
            _net.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.True(_one.Speaker.HasHeardAll(_blue, Patience));
    }

    [Fact, Trait("Requirement", "AGT-09")]
    public void AllIsSaidWithEndOfRibAndNotBefore()
    {
        Build(GracefulRestartMode.Full);
        _one.Routes.Vrfs!.AddMember(_blue);
        for (var i = 0; i < 3000; i++)
        {
            _reflector.Originate("65000:1", $"10.{i >> 8}.{i & 255}.0/24", 100, "65000:1");
        }

        _net.Nodes.ForEach(static node => node.Start());
        _net.Until(
            () =>
            {
                var heard = _one.Speaker.HasHeardAll(_blue, Patience);
                var routes = _one.Routes.Vrfs.RouteCount(RouteFamily.VpnIpv4);
                Assert.True(!heard || routes == 3000, $"it is said that all is there with {routes} routes");
                return heard;
            },
            "the end");
    }

    [Fact, Trait("Requirement", "AGT-09"), Trait("Requirement", "SIG-05")]
    public void WhatIsAskedForLaterHasATime()
    {
        Build(GracefulRestartMode.Full);
        _one.Routes.Vrfs!.AddMember(_blue);
        _net.Nodes.ForEach(static node => node.Start());
        _net.Until(() => _one.Speaker.HasHeardAll(_blue, Patience), "the end");
        Assert.True(_one.Speaker.HasHeardAll(_red, Patience)); // nobody has asked yet
        _net.Advance(TimeSpan.FromSeconds(1));
        _one.Routes.Vrfs.AddMember(_red);
        Assert.False(_one.Speaker.HasHeardAll(_red, Patience));
        Assert.True(_one.Speaker.HasHeardAll(_blue, Patience));
        _net.Advance(TimeSpan.FromSeconds(9));
        Assert.False(_one.Speaker.HasHeardAll(_red, Patience));
        _net.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_one.Speaker.HasHeardAll(_red, Patience));
    }

    [Fact, Trait("Requirement", "AGT-09")]
    public void APeerWithoutGracefulRestartHasATime()
    {
        Build(GracefulRestartMode.Disabled);
        _net.Nodes.ForEach(static node => node.Start());
        _net.Until(() => _one.Of(_reflector).State == SessionState.Established, "the session");
        Assert.False(_one.Speaker.HasHeardAll(_blue, Patience));
        _net.Advance(TimeSpan.FromSeconds(11));
        Assert.True(_one.Speaker.HasHeardAll(_blue, Patience));
    }

    [Fact, Trait("Requirement", "AGT-09")]
    public void APeerThatWasLostIsAwaitedAgain()
    {
        Build(GracefulRestartMode.Full);
        _one.Routes.Vrfs!.AddMember(_blue);
        _net.Nodes.ForEach(static node => node.Start());
        _net.Until(() => _one.Speaker.HasHeardAll(_blue, Patience), "the end");
        Assert.True(_reflector.Speaker.Disable(_one.Address, "for a while"));
        _net.Until(() => _one.Of(_reflector).State != SessionState.Established, "the end of the session");
        Assert.False(_one.Speaker.HasHeardAll(_blue, Patience));
        Assert.True(_reflector.Speaker.Enable(_one.Address));
        for (var i = 0; i < 60 && _one.Of(_reflector).State != SessionState.Established; i++)
        {
            _net.Advance(TimeSpan.FromSeconds(2));
        }

        _net.Until(() => _one.Speaker.HasHeardAll(_blue, Patience), "the end in the next session");
    }

    private void Build(GracefulRestartMode mode)
    {
        PeerSettings Peer(string address) => new()
        {
            Address = IpAddress.Parse(address),
            As = new(65000),
            Families = [RouteFamily.VpnIpv4, RouteFamily.RouteTargetConstraint],
            RouteReflectorClient = true,
            GracefulRestart = mode,
            Timers = new() { HoldTime = TimeSpan.Zero },
        };
        _reflector = _net.Add("10.0.0.9", 65000, settings => settings with { Peers = [Peer("10.0.0.1")] });
        _one = _net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Peer("10.0.0.9")] });
        VrfTable vrfs = _one.Routes.AddVrfs(new() { As = new(65000), RouterId = 1, NextHop = new Ipv4Address(0x0A000001) });
        _blue = vrfs.Add(new() { Name = "blue", ImportTargets = [ExtendedCommunity.ParseRouteTarget("65000:1")] });
        _red = vrfs.Add(new() { Name = "red", ImportTargets = [ExtendedCommunity.ParseRouteTarget("65000:2")] });
    }
}
