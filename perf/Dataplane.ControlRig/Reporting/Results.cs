using System.Text.Json.Serialization;
using Dataplane.ControlRig.Runs;
using Dataplane.Rig.Measuring;

namespace Dataplane.ControlRig.Reporting;

/// <summary>What is written with <c>--json</c>. Names and units stay; new ones may be added.</summary>
internal sealed record RunResult
{
    /// <summary>Raised when a name or a unit changes.</summary>
    public int Schema { get; init; } = 1;

    public required string Date { get; init; }

    public required string Command { get; init; }

    public required string Commit { get; init; }

    public required string Machine { get; init; }

    public required IReadOnlyDictionary<string, string> Packages { get; init; }

    public required string LoadAverageBefore { get; init; }

    public required string LoadAverageAfter { get; init; }

    public required IReadOnlyList<ScenarioResult> Scenarios { get; init; }
}

/// <summary>A scenario with all that were measured in it.</summary>
internal sealed record ScenarioResult(string Name, string Description, IReadOnlyList<ContenderResult> Contenders);

/// <summary>One contender in one scenario.</summary>
/// <param name="Name">Who.</param>
/// <param name="Rounds">What each round found.</param>
/// <param name="Fault">Why there are fewer rounds than wanted.</param>
internal sealed record ContenderResult(string Name, IReadOnlyList<Figures> Rounds, string? Fault)
{
    [JsonIgnore]
    internal string Main => Rounds[0].Keys.First();

    internal double Median(string figure) => Statistics.Median([.. Rounds.Select(round => round.GetValueOrDefault(figure, double.NaN))]);
}
