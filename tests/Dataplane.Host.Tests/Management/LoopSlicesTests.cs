using Dataplane.Host.Management;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Tests.Management;

/// <summary>Questions about everything hold the routing thread for a slice at a time; counted, not timed.</summary>
public sealed class LoopSlicesTests
{
    [Fact]
    public async Task TheLoopTurnsBetweenSlices()
    {
        using var loop = new RoutingLoop();
        loop.Start();
        var perTurn = new Dictionary<long, int>();
        long turn = 0;

        // A piece of work that is always there: it counts the loop's turns.
        var work = new Turning(() => turn++);
        await loop.InvokeAsync(() => loop.AddWork(work));
        List<string> items = await LoopSlices.ReadAsync<int, string>(loop, () => [.. Enumerable.Range(0, 10_000)], LoopSlices.Vrfs, number =>
        {
            Assert.True(loop.IsCurrent);
            perTurn[turn] = perTurn.GetValueOrDefault(turn) + 1;
            return number % 2 == 0 ? $"{number}" : null;
        });
        Assert.Equal(5000, items.Count);
        Assert.Equal("9998", items[^1]);
        Assert.InRange(perTurn.Count, 10_000 / LoopSlices.Vrfs / 2, int.MaxValue);

        // Of whole slices; two share a turn when the asker comes back before the turn is over, which is the scheduler's matter.
        Assert.All(perTurn.Values, static count => Assert.Contains(count % LoopSlices.Vrfs, new[] { 0, 10_000 % LoopSlices.Vrfs }));
        await loop.InvokeAsync(() => loop.RemoveWork(work));
    }

    [Fact]
    [Trait("Requirement", "SIG-18")]
    public async Task AllMembershipsAndAllVrfsAreListed()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        lab.On(() =>
        {
            RoutingBase routes = lab.Access.Routes;
            for (var i = 0; i < 3000; i++)
            {
                var builder = new AttributeBlockBuilder();
                builder.SetOrigin(0);
                AttributeSetId set = routes.Attributes.Intern(builder.Block);
                routes.Attributes.Acquire(set);
                Assert.Null(NlriText.TryParse(RouteFamily.RouteTargetConstraint, $"65000:rt:65000:{i}", routes.FlowSpecs, out Nlri nlri));
                _ = routes[RouteFamily.RouteTargetConstraint].Announce(nlri, lab.Access.Speaker.Peers[0].Source, 0, set, set, 0);
            }

            for (var i = 0; i < 400; i++)
            {
                _ = routes.Vrfs!.Add(new() { Name = $"vrf{i}", ImportTargets = [ExtendedCommunity.ParseRouteTarget($"65000:{i + 2}")], AlwaysMember = true });
            }
        });
        System.Text.Json.JsonElement constraint = await lab.GetAsync("/v1/bgp/rt-constraint");
        Assert.Equal([3000, 0], constraint.GetProperty("neighbors").EnumerateArray().Select(static row => row.GetProperty("memberships").GetArrayLength()));
        Assert.Equal(401, constraint.GetProperty("wanted").GetArrayLength());
        Assert.Equal(401, (await lab.GetAsync("/v1/vrfs")).GetProperty("vrfs").GetArrayLength());
        Assert.Equal(2, (await lab.GetAsync("/v1/bgp/summary")).GetProperty("neighbors").GetArrayLength());
        Assert.Equal(2, (await lab.GetAsync("/v1/bgp/neighbors")).GetProperty("neighbors").GetArrayLength());
    }

    private sealed class Turning(Action turned) : IWorkSource
    {
        public bool Work(WorkTurn turn)
        {
            turned();
            return true;
        }
    }
}
