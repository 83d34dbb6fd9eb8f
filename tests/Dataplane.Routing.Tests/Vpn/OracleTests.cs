namespace Dataplane.Routing.Tests.Vpn;

/// <summary>
/// The oracle: after a million random operations, and at a thousand points on the way, every table of VRFs equals the one that is worked out
/// from scratch.
/// </summary>
public sealed class OracleTests
{
    private const int Operations = 333_334;
    private const int CheckEvery = 1000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Requirement", "ARC-08")]
    [Trait("Requirement", "SIG-09")]
    [Trait("Requirement", "SIG-10")]
    [Trait("Requirement", "INT-05")]
    [Trait("Requirement", "AMB-30")]
    public void TablesEqualThoseWorkedOutFromScratch(int seed)
    {
        var world = new RandomVpn(seed);
        for (var step = 1; step <= Operations; step++)
        {
            world.Step();
            if (step % CheckEvery == 0)
            {
                world.Rig.Settle();
                VpnComparison.AssertEqual(world);
            }
        }

        world.RemoveAll();
        Assert.Equal(0, world.Rig.Routing.Attributes.Count);
        Assert.Equal(0, world.Rig.Routing.RouteTargets.Count);
        Assert.Equal(0, world.Rig.Routing.NextHops.Count);
        foreach (RouteFamily family in RouteFamilies.All)
        {
            Assert.Equal(0, world.Rig.Routing[family].DestinationCount);
            Assert.Equal(0, world.Rig.Vrfs.LinkCount(family));
            Assert.Equal(0, world.Rig.Vrfs.RouteCount(family));
        }

        Assert.Equal(0, world.Rig.Vrfs.LocalRouteCount);
        Assert.Empty(world.Follower.Routes);
        Assert.Empty(world.Follower.Suppressed);
        Assert.Empty(world.Rig.Vrfs.Membership.Targets);
        Assert.Equal(0, world.Rig.Vrfs.Labels.InUse);
    }
}
