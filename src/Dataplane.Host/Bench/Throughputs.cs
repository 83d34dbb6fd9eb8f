using System.Globalization;
using Dataplane.Host.Bench.Trials;

namespace Dataplane.Host.Bench;

/// <summary>Sums searches and trials up.</summary>
internal static class Throughputs
{
    /// <summary>Octets that Ethernet adds to a frame on the line: preamble, delimiter and gap.</summary>
    private const int LineOverhead = 20;

    /// <summary>Over searches; those that found nothing count as 0.</summary>
    public static ThroughputResult OfSearches(IReadOnlyList<SearchResult> searches, double meanOctets)
    {
        int notCounted = searches.Sum(static search => search.Trials.Count(static trial =>
            trial.Verdict is TrialVerdict.GeneratorShort or TrialVerdict.Disturbed));
        // One that met a limit of the generator makes the whole no more than a lower bound.
        NdrBound bound = searches.Any(static search => search.Bound == NdrBound.AtLeast) ? NdrBound.AtLeast
            : searches.Any(static search => search.Bound == NdrBound.Found) ? NdrBound.Found : NdrBound.None;
        return Of([.. searches.Select(static search => search.Pps)], meanOctets, bound, notCounted, null);
    }

    /// <summary>Over trials at one rate: what came out.</summary>
    public static ThroughputResult OfTrials(IReadOnlyList<TrialResult> trials, double meanOctets)
    {
        TrialResult[] counted = [.. trials.Where(static trial => trial.Verdict is TrialVerdict.Passed or TrialVerdict.Lost)];
        int notCounted = trials.Count - counted.Length;
        if (counted.Length == 0)
            return new ThroughputResult(0, 0, 0, 0, 0, null, 0, notCounted, null);
        return Of([.. counted.Select(static trial => trial.ReceivedPps)], meanOctets, null, notCounted, counted.Max(static trial => trial.LossShare));
    }

    /// <summary>A rate for people.</summary>
    public static string Describe(RateRequest rate) => rate.Kind == RateKind.PacketsPerSecond
        ? string.Create(CultureInfo.InvariantCulture, $"{rate.Value / 1e6:F3} Mpps") : rate.ToString();

    private static ThroughputResult Of(double[] rates, double meanOctets, NdrBound? bound, int notCounted, double? loss)
    {
        Array.Sort(rates);
        int half = rates.Length / 2;
        double median = rates.Length % 2 == 1 ? rates[half] : (rates[half - 1] + rates[half]) / 2;
        return new ThroughputResult(
            Math.Round(median, 1), rates[0], rates[^1], Math.Round(median * meanOctets * 8 / 1e9, 4),
            Math.Round(median * (meanOctets + LineOverhead) * 8 / 1e9, 4), bound, rates.Length, notCounted, loss);
    }
}
