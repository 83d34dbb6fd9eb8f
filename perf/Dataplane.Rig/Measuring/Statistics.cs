namespace Dataplane.Rig.Measuring;

/// <summary>The few numbers the rig makes of many.</summary>
internal static class Statistics
{
    /// <summary>Middle value, or the mean of the two in the middle; not a number when there is none.</summary>
    internal static double Median(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            return double.NaN;
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 != 0 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /// <summary>Ratios of two series, round by round.</summary>
    internal static double[] Ratios(IReadOnlyList<double> numerators, IReadOnlyList<double> denominators)
    {
        if (numerators.Count != denominators.Count)
            throw new ArgumentException("series of rounds differ in length");
        var ratios = new double[numerators.Count];
        for (int i = 0; i < ratios.Length; i++)
            ratios[i] = numerators[i] / denominators[i];
        return ratios;
    }

    /// <summary>Whether a value is no further than a share of the median from the median of all.</summary>
    internal static bool IsNear(double value, IReadOnlyCollection<double> all, double share) =>
        Math.Abs(value - Median(all)) <= share * Median(all);
}
