using System.Globalization;

namespace Dataplane.Host.Bench.Report;

/// <summary>From values to coordinates, with round numbers for the grid.</summary>
internal sealed class PlotScale
{
    private readonly double _from;
    private readonly double _to;
    private readonly double _start;
    private readonly double _end;
    private readonly bool _logarithmic;

    private PlotScale(double from, double to, double start, double end, bool logarithmic, IReadOnlyList<double> ticks)
    {
        (_from, _to, _start, _end, _logarithmic, Ticks) = (from, to, start, end, logarithmic, ticks);
    }

    /// <summary>Values for the grid.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>From zero to at least a value.</summary>
    /// <param name="most">Largest value; not negative.</param>
    /// <param name="start">Coordinate of zero.</param>
    /// <param name="end">Coordinate of the end.</param>
    public static PlotScale Linear(double most, double start, double end)
    {
        if (most <= 0)
            most = 1;
        double rough = most / 4;
        double unit = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = new[] { 1, 1.5, 2, 2.5, 5, 10 }.First(factor => factor * unit >= rough) * unit;
        int count = (int)Math.Ceiling(most / step - 1e-9);
        return new PlotScale(0, count * step, start, end, false, [.. Enumerable.Range(0, count + 1).Select(i => i * step)]);
    }

    /// <summary>Whole decades around values.</summary>
    /// <param name="least">Smallest value; what is not above zero counts as 0.001.</param>
    /// <param name="most">Largest value.</param>
    /// <param name="start">Coordinate of the beginning.</param>
    /// <param name="end">Coordinate of the end.</param>
    public static PlotScale Logarithmic(double least, double most, double start, double end)
    {
        const double Smallest = 1e-3;
        int low = (int)Math.Floor(Math.Log10(Math.Max(least, Smallest)));
        int high = Math.Max((int)Math.Ceiling(Math.Log10(Math.Max(most, Smallest))), low + 1);
        return new PlotScale(
            low, high, start, end, true, [.. Enumerable.Range(low, high - low + 1).Select(static power => Math.Pow(10, power))]);
    }

    /// <summary>Where a value is.</summary>
    public double At(double value)
    {
        double position = _logarithmic ? Math.Log10(Math.Max(value, Math.Pow(10, _from))) : value;
        return _start + (position - _from) / (_to - _from) * (_end - _start);
    }

    /// <summary>A tick for people.</summary>
    public static string Label(double tick) => tick >= 1000
        ? (tick / 1000).ToString("0.##", CultureInfo.InvariantCulture) + "k" : tick.ToString("0.###", CultureInfo.InvariantCulture);
}
