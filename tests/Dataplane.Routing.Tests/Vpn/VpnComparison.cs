using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>Compares every table with the model's, row by row in both directions.</summary>
internal static class VpnComparison
{
    private static readonly RouteFamily[] Families = [.. RouteFamilies.All.Where(static family => family.IsVpn)];

    public static void AssertEqual(RandomVpn world)
    {
        var model = new VpnModel(world.Paths.Values, world.Vrfs.Values, world.IsReachable, world.Rig);
        model.Compute();
        CompareRoutes(world, model);
        CompareLinks(world.Rig, model);
        CompareExports(world, model);
        CompareAggregates(world, model);
        CompareMembership(world);
    }

    private static void CompareRoutes(RandomVpn world, VpnModel model)
    {
        VrfTable vrfs = world.Rig.Vrfs;
        foreach (ModelVrf vrf in world.Vrfs.Values)
        {
            Dictionary<ModelPrefix, ModelRoute> expected = model.Routes[vrf.Settings.Name];
            var seen = 0;
            foreach (RouteFamily family in Families)
            {
                var count = 0;
                foreach (VrfRouteView route in vrfs.RoutesOf(vrf.Index, family))
                {
                    Assert.True(expected.TryGetValue(new(family, route.Nlri), out ModelRoute? wanted), $"{vrf.Settings.Name} has {route.Nlri}");
                    CompareRoute(world, route, wanted);
                    count++;
                }

                Assert.Equal(vrfs.RoutesOf(vrf.Index, family).Count, count);
                seen += count;
            }

            Assert.Equal(expected.Count, seen);
        }

        Assert.Equal(model.Routes.Values.Sum(static routes => routes.Count), world.Follower.Routes.Count);
    }

    private static void CompareRoute(RandomVpn world, VrfRouteView route, ModelRoute wanted)
    {
        var hops = new VrfNextHop[route.NextHopCount];
        Assert.Equal(hops.Length, route.CopyNextHops(hops));
        var set = hops.Select(static hop => (hop.Address, hop.Label.Value)).ToHashSet();
        HashSet<(IpAddress, uint)> expected = route.Family.IsFlowSpec
            ? [.. wanted.NextHops.Select(static hop => (hop.Item1, 0u))] : wanted.NextHops;
        Assert.Equal(expected.Order(), set.Order());
        Assert.Equal(set.Order(), world.Follower.Routes[(route.Vrf, new(route.Family, route.Nlri))].Order());
        VrfCandidate best = route.Best;
        PathRow path = world.Rig.Routing[route.Family].Row(best.Path);
        Assert.Equal(wanted.Best.Destination.Nlri, world.Rig.Routing[route.Family].NlriOf(best.Destination));
        Assert.Equal((wanted.Best.Source, wanted.Best.PathIdentifier), (path.Source, path.PathIdentifier));
        Assert.Equal(wanted.Best.LocalPreference, world.Rig.Routing.Attributes.Summary(best.Attributes).LocalPreference);
    }

    private static void CompareLinks(VpnRig rig, VpnModel model)
    {
        Span<VrfIndex> room = stackalloc VrfIndex[16];
        foreach (RouteFamily family in Families)
        {
            var links = 0;
            FamilyTable table = rig.Routing[family];
            for (var id = 0; id < table.DestinationCapacity; id++)
            {
                var count = rig.Vrfs.VrfsOf(family, new(id), room);
                links += count;
                if (!table.Exists(new(id)))
                {
                    Assert.Equal(0, count);
                    continue;
                }

                model.Links.TryGetValue(new(family, table.NlriOf(new(id))), out SortedSet<int>? wanted);
                Assert.Equal(wanted?.ToArray() ?? [], room[..count].ToArray().Select(static vrf => vrf.Value));
            }

            Assert.Equal(model.Links.Where(link => link.Key.Family == family).Sum(static link => link.Value.Count), links);
            Assert.Equal(links, rig.Vrfs.LinkCount(family));
        }
    }

    private static void CompareExports(RandomVpn world, VpnModel model)
    {
        VpnRig rig = world.Rig;
        Assert.Equal(model.Exported.Count, rig.Vrfs.LocalRouteCount);
        Assert.Equal(model.Exported.Count, Families.Sum(family => rig.Routing[family].PathCountOf(rig.Vrfs.Locals.Source)));
        foreach (ModelPath path in model.Exported)
        {
            FamilyTable table = rig.Routing[path.Destination.Family];
            Assert.True(table.TryFind(path.Destination.Nlri, out DestinationId destination));
            PathRow row = table.Row(table.FindPath(destination, path.Source, path.PathIdentifier));
            AttributeSummary summary = rig.Routing.Attributes.Summary(row.Accepted);
            Assert.Equal(path.Targets, rig.Routing.RouteTargets[summary.RouteTargets].ToArray());
            Assert.Equal(path.Targets.Length == 0, summary.Has(AttributeTraits.NoAdvertise));
            Assert.Equal((path.NextHop, path.Label, path.Version), (rig.Routing.NextHops[summary.NextHop], row.Label >> 4, summary.Version));
        }
    }

    private static void CompareAggregates(RandomVpn world, VpnModel model)
    {
        foreach (ModelVrf vrf in world.Vrfs.Values)
        {
            Vrf real = world.Rig.Vrfs[vrf.Index];
            Assert.Equal(vrf.Settings.Aggregates.Count, real.Aggregates.Count);
            foreach (VrfAggregate aggregate in real.Aggregates)
            {
                Assert.Equal(model.Specifics[(real.Name, aggregate.Prefix)], aggregate.Specifics);
                Assert.Equal(model.Active.Contains((real.Name, aggregate.Prefix)), aggregate.IsActive);
            }
        }

        Assert.Subset(model.Suppressed, world.Follower.Suppressed);
        Assert.Equal(model.Suppressed.Count, world.Follower.Suppressed.Count);
        foreach (ModelDestination destination in model.Suppressed)
        {
            Assert.True(world.Rig.Routing[destination.Family].TryFind(destination.Nlri, out DestinationId id));
            Assert.True(world.Rig.Vrfs.IsSuppressed(destination.Family, id));
        }
    }

    private static void CompareMembership(RandomVpn world)
    {
        Dictionary<ExtendedCommunity, int> wanted = world.Vrfs.Values.Where(static vrf => vrf.HasMembers)
            .SelectMany(static vrf => vrf.Settings.ImportTargets.Distinct()).GroupBy(static target => target)
            .ToDictionary(static group => group.Key, static group => group.Count());
        TargetMembership membership = world.Rig.Vrfs.Membership;
        Assert.Equal(wanted.Keys.Order(), membership.Targets.Order());
        Assert.Equal(wanted.Keys.Order(), world.Follower.Wanted.Order());
        Assert.All(wanted, pair => Assert.Equal(pair.Value, membership.CountOf(pair.Key)));
    }
}
