using Dataplane.Rig.Measuring;

namespace Dataplane.Rig.Reporting;

/// <summary>What is written with <c>--json</c>. Names and units stay; new ones may be added.</summary>
internal sealed record RunResult
{
    /// <summary>Raised when a name or a unit changes.</summary>
    public int Schema { get; init; } = 1;

    public required string Date { get; init; }

    public required string Command { get; init; }

    public required string Commit { get; init; }

    public required string Devices { get; init; }

    public required MachineFacts Machine { get; init; }

    public required IReadOnlyDictionary<string, string> Packages { get; init; }

    public required LoadFacts Load { get; init; }

    public required IReadOnlyList<ScenarioResult> Scenarios { get; init; }

    public required IReadOnlyList<TargetResult> Targets { get; init; }
}

/// <summary>The machine.</summary>
internal sealed record MachineFacts
{
    public required string Cpu { get; init; }

    public required int Cpus { get; init; }

    public required double TscGigahertz { get; init; }

    public required int WorkerCpu { get; init; }

    public required bool HugePages { get; init; }

    public required string WorkerRuntime { get; init; }

    public required int WorkerVectorBits { get; init; }

    public required string Kernel { get; init; }
}

/// <summary>How busy the machine was, and how steady its core.</summary>
internal sealed record LoadFacts
{
    public required string LoadAverageBefore { get; init; }

    public required string LoadAverageAfter { get; init; }

    /// <summary>By CPU, shares of the run: not idle (the rig's own threads included), and taken by the hypervisor.</summary>
    public required IReadOnlyDictionary<int, double> Busy { get; init; }

    public required IReadOnlyDictionary<int, double> Stolen { get; init; }

    /// <summary>Core speed over the rounds, in MHz by a chain of dependent operations.</summary>
    public required double MegahertzMedian { get; init; }

    public required double MegahertzMin { get; init; }

    public required double MegahertzMax { get; init; }

    public required int RejectedRounds { get; init; }

    public required int RejectedWindows { get; init; }
}

/// <summary>A scenario with a number of packets.</summary>
internal sealed record ScenarioResult
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>Different packets in the loop, or addresses looked up.</summary>
    public required int Packets { get; init; }

    /// <summary>Mean length of the frames received, FCS included; 0 where there are none.</summary>
    public double FrameBytes { get; init; }

    /// <summary>Unit of the series: "packets/s" or "ns".</summary>
    public string Unit { get; init; } = "packets/s";

    public required IReadOnlyList<Series> Series { get; init; }

    public required IReadOnlyList<Ratio> Ratios { get; init; }

    /// <summary>Further findings, such as changes per second or the C peer's lookup.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    public int RejectedRounds { get; init; }

    public int RejectedWindows { get; init; }

    /// <summary>False when too few rounds were undisturbed.</summary>
    public bool Quiet { get; init; } = true;

    public IReadOnlyList<RoundRecord> Rounds { get; init; } = [];
}

/// <summary>One contender over all rounds.</summary>
internal sealed record Series(string Name, double Median, double Min, double Max)
{
    internal static Series Of(string name, IReadOnlyCollection<double> values) => new(name, Statistics.Median(values), values.Min(), values.Max());
}

/// <summary>One contender against another.</summary>
/// <param name="Name">Such as "dataplane/bare".</param>
/// <param name="OfMedians">Ratio of the medians; targets are held against this one.</param>
/// <param name="MedianOfRounds">Median of the ratios within a round.</param>
/// <param name="Min">Lowest ratio within a round.</param>
/// <param name="Max">Highest.</param>
internal sealed record Ratio(string Name, double OfMedians, double MedianOfRounds, double Min, double Max)
{
    internal static Ratio Of(string name, IReadOnlyList<double> numerators, IReadOnlyList<double> denominators)
    {
        double[] byRound = Statistics.Ratios(numerators, denominators);
        return new Ratio(name, Statistics.Median(numerators) / Statistics.Median(denominators), Statistics.Median(byRound), byRound.Min(), byRound.Max());
    }
}

/// <summary>A round as it was measured.</summary>
internal sealed record RoundRecord(double Megahertz, IReadOnlyDictionary<string, double> Rates, IReadOnlyDictionary<string, double> Waited);

/// <summary>A target and whether it was met.</summary>
internal sealed record TargetResult(string Scenario, int Packets, string What, double Required, double Measured, bool AtLeast, bool Met);
