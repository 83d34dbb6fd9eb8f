using Dataplane.Host.EndSystem;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem;

namespace Dataplane.Host.Tests.EndSystem;

/// <summary>What is behind a forwarder, told to the gateway in the same process.</summary>
public sealed class VrfUplinkTests
{
    [Fact]
    [Trait("Requirement", "MGT-09")]
    public void EveryChangeOfARouteIsToldWithTheLeafThatMakesIt()
    {
        RoutingBase routes = new(TimeProvider.System);
        VrfTable vrfs = routes.AddVrfs(new() { As = new(65000), RouterId = 1, NextHop = new Ipv4Address(0xCB007101) });
        VrfIndex blue = vrfs.Add(new() { Name = "blue" });
        List<string> changes = [];
        var uplink = new VrfUplink(vrfs) { Changed = (leaf, vrf, prefix) => changes.Add($"{leaf} {vrf == blue} {prefix}") };
        Publication first = new()
        {
            Leaf = "a",
            Vpn = "blue",
            Prefix = IpPrefix.Parse("10.0.0.1/32"),
            NextHop = IpAddress.Parse("203.0.113.17"),
            Label = new Label20(1000),
            Version = 1,
        };
        uplink.Publish(first);
        uplink.Publish(first);
        Assert.Equal(["a True 10.0.0.1/32"], changes);

        // It has moved between two hosts here: the old one withdraws what is no longer its.
        uplink.Publish(first with { Leaf = "b", Version = 2 });
        uplink.Withdraw("a");
        uplink.Withdraw("b");
        uplink.Withdraw("b");
        Assert.Equal(["a True 10.0.0.1/32", "b True 10.0.0.1/32", "b True 10.0.0.1/32"], changes);
        uplink.Publish(first with { Vpn = "red" });
        Assert.Equal(3, changes.Count);
    }
}
