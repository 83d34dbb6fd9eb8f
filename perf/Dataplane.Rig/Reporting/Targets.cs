namespace Dataplane.Rig.Reporting;

/// <summary>What the data plane is meant to reach, and the marking of results.</summary>
internal static class Targets
{
    internal const string ToBare = "dataplane/bare";
    internal const string ToC = "dataplane/C";
    internal const string WithChurn = "churn/quiet";
    internal const string TwoToOne = "two/one";
    internal const string ToFib = "dataplane/rte_fib";
    internal const string Hot = "hot";

    private static readonly Target[] All =
    [
        new("encap4-gre", ToBare, 0.55),
        new("encap4-gre", ToC, 0.90),
        new("encap4-udp", ToBare, 0.50),
        new("encap4-udp", ToC, 0.90),
        new("encap6-gre", ToBare, 0.45),
        new("encap6-gre", ToC, 0.90),
        new("decap4-gre", ToBare, 0.55),
        new("decap4-gre", ToC, 0.90),
        new("ecmp512", ToBare, 0.45),
        new("ecmp512", ToC, 0.85),
        new("vrf10k-routes1m", ToBare, 0.25, Packets: 65536),
        new("vrf10k-routes1m", ToC, 0.85, Packets: 65536),
        new("churn", WithChurn, 0.95),
        new("two-workers", TwoToOne, 1.9),
        new("lookup", ToFib, 1.0, AtLeast: false),
        new("lookup", Hot, 3.0, AtLeast: false),
    ];

    /// <summary>Holds ratios, or medians of series, against their targets: a target without a number of packets counts for each.</summary>
    internal static IEnumerable<TargetResult> Judge(ScenarioResult scenario)
    {
        foreach (Target target in All)
        {
            if (target.Scenario != scenario.Name || (target.Packets is { } packets && packets != scenario.Packets))
                continue;
            double? measured = scenario.Ratios.FirstOrDefault(ratio => ratio.Name == target.What)?.OfMedians
                ?? scenario.Series.FirstOrDefault(series => series.Name == target.What)?.Median;
            if (measured is not { } value)
                continue;
            bool met = target.AtLeast ? value >= target.Bound : value <= target.Bound;
            yield return new TargetResult(scenario.Name, scenario.Packets, target.What, target.Bound, value, target.AtLeast, met);
        }
    }

    private sealed record Target(string Scenario, string What, double Bound, int? Packets = null, bool AtLeast = true);
}
