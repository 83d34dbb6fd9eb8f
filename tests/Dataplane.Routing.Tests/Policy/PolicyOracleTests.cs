using Dataplane.Routing.Policy;

namespace Dataplane.Routing.Tests.Policy;

/// <summary>The engine on octets against the plain evaluation of the same policies on routes as people think of them.</summary>
public sealed class PolicyOracleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AgreesWithTheNaiveEvaluation(int seed)
    {
        var maker = new PolicyMaker(new Random(seed));
        var results = new int[3];
        for (var round = 0; round < 1500; round++)
        {
            NaivePolicy called = maker.Policy("called", []);
            NaivePolicy caller = maker.Policy("caller", [called]);
            var set = new PolicySet([caller.Definition, called.Definition]);
            RoutePolicy policy = set.Find("caller")!;
            for (var i = 0; i < 12; i++)
            {
                SampleRoute route = maker.Route();
                (PolicyResult result, SampleRoute changed) = route.Through(policy);
                (bool accepted, SampleRoute expected, string by) = caller.Evaluate(route);
                results[(int)result]++;
                (string name, string? term) = set.Describe(policy.DecidingTerm);
                Assert.Equal(by, $"{name}/{term}");
                Assert.Equal(accepted, result != PolicyResult.Rejected);
                if (accepted)
                {
                    Assert.Equal(Convert.ToHexString(expected.ToBlock()), Convert.ToHexString(changed.ToBlock()));
                    Assert.True(result == PolicyResult.Changed || expected.ToBlock().AsSpan().SequenceEqual(route.ToBlock()));
                }
            }
        }

        Assert.All(results, static count => Assert.InRange(count, 1000, 17000));
    }
}
