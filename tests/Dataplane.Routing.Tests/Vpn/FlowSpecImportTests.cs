using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class FlowSpecImportTests
{
    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void ARuleAppearsInTheVrfsOfItsTargetsOnly()
    {
        var rig = new VpnRig();
        VrfIndex blue = rig.AddVrf("blue", ["65000:1"], []);
        VrfIndex red = rig.AddVrf("red", ["65000:2"], []);
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(0);
        builder.SetAsPath();
        builder.SetExtendedCommunities(VpnRig.Targets("65000:1"));
        AttributeSetId set = rig.Routing.Attributes.Intern(builder.Block);
        rig.Routing.Attributes.Acquire(set);
        var nlri = new Nlri(RouteDistinguisher.Parse("10.0.0.1:1"), 0, 1, 0);
        rig.Routing[RouteFamily.VpnIpv6FlowSpec].Announce(nlri, rig.Peer, 0, set, set, 0);
        rig.Settle();
        Assert.Equal("blue rule via 0.0.0.0/0", rig.Events.Take());
        Assert.Equal(1, rig.Vrfs.RoutesOf(blue, RouteFamily.VpnIpv6FlowSpec).Count);
        Assert.Equal(0, rig.Vrfs.RoutesOf(blue, RouteFamily.VpnIpv4FlowSpec).Count);
        Assert.Equal(0, rig.Vrfs.RoutesOf(red, RouteFamily.VpnIpv6FlowSpec).Count);
        Assert.True(rig.Vrfs.TryFindRoute(blue, RouteFamily.VpnIpv6FlowSpec, nlri, out VrfRouteView rule));
        Assert.Equal(1u, rule.Nlri.Low);
        Assert.Null(rule.Best.NextHop);
        rig.Vrfs.Remove(blue);
        Assert.Equal("blue rule gone", rig.Events.Take());
    }
}
