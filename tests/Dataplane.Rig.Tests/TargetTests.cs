using Dataplane.Rig.Reporting;

namespace Dataplane.Rig.Tests;

public sealed class TargetTests
{
    [Fact]
    public void TargetsAreHeldAgainstTheRatioOfMedians()
    {
        TargetResult[] judged = [.. Targets.Judge(Result("encap4-gre", 4096, new(Targets.ToBare, 0.549, 0.9, 0.9, 0.9), new(Targets.ToC, 0.9, 0.1, 0.1, 0.1)))];
        Assert.Equal([false, true], judged.Select(static target => target.Met));
        Assert.Equal([0.55, 0.90], judged.Select(static target => target.Required));
    }

    [Fact]
    public void SomeTargetsAreForOneNumberOfPackets()
    {
        var good = new Ratio(Targets.ToC, 1, 1, 1, 1);
        Assert.Empty(Targets.Judge(Result("vrf10k-routes1m", 4096, good)));
        Assert.Single(Targets.Judge(Result("vrf10k-routes1m", 65536, good)));
        Assert.Empty(Targets.Judge(Result("imix", 4096, good)));
    }

    [Fact]
    public void SomeTargetsAreUpperBounds()
    {
        ScenarioResult result = Result("lookup", 1_000_000, new Ratio(Targets.ToFib, 1.01, 1, 1, 1)) with
        {
            Unit = "ns",
            Series = [new Series(Targets.Hot, 2.9, 2, 4), new Series("rte_fib-hot", 5, 5, 5)],
        };
        TargetResult[] judged = [.. Targets.Judge(result)];
        Assert.Equal([(Targets.ToFib, false), (Targets.Hot, true)], judged.Select(static target => (target.What, target.Met)));
        Assert.Contains("target <= 3.00  pass", Table.Line(result, judged), StringComparison.Ordinal);
    }

    [Fact]
    public void TheTableMarksThem()
    {
        ScenarioResult result = Result("churn", 4096, new Ratio(Targets.WithChurn, 0.96, 0.9, 0.8, 1));
        Assert.Contains("target >= 0.95  pass", Table.Line(result, [.. Targets.Judge(result)]), StringComparison.Ordinal);
        result = Result("churn", 4096, new Ratio(Targets.WithChurn, 0.94, 0.99, 0.8, 1));
        Assert.Contains("target >= 0.95  MISS", Table.Line(result, [.. Targets.Judge(result)]), StringComparison.Ordinal);
    }

    private static ScenarioResult Result(string name, int packets, params Ratio[] ratios) => new()
    {
        Name = name,
        Description = "",
        Packets = packets,
        Series = [],
        Ratios = ratios,
    };
}
