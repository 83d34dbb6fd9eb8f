using System.Globalization;
using System.Xml.Linq;
using Dataplane.Host.Bench.Trials;
using static Dataplane.Host.Bench.Report.Html;

namespace Dataplane.Host.Bench.Report;

/// <summary>Throughput by frame size: a bar for the median, a whisker from lowest to highest, a dot per search or trial.</summary>
internal static class ThroughputPlot
{
    private const double Height = 300;
    private const double Top = 26;
    private const double Bottom = 44;
    private const double Left = 56;
    private const double Slot = 92;
    private const double Bar = 44;

    /// <summary>Draws it.</summary>
    public static XElement Draw(IReadOnlyList<SizeResult> sizes, bool isSearch)
    {
        SizeResult[] shown = [.. sizes.Where(static size => size.Throughput is { Count: > 0 })];
        double width = Left + Math.Max(shown.Length, 3) * Slot + 12;
        double most = shown.Select(static size => size.Throughput!.MaxPps / 1e6).DefaultIfEmpty(1).Max();
        PlotScale y = PlotScale.Linear(most, Height - Bottom, Top);
        string description = string.Join("; ", shown.Select(static size =>
            $"{size.Size}: {Mega(size.Throughput!.MedianPps)} Mpps, {Mega(size.Throughput.MinPps)} to {Mega(size.Throughput.MaxPps)}"));
        var plot = E("svg", A("viewBox", $"0 0 {N(width)} {N(Height)}"), A("role", "img"), A("style", $"max-width:{N(width * 1.15)}px"),
            E("title", isSearch ? "Non-drop rate by frame size" : "Throughput by frame size"),
            E("desc", description),
            E("text", Class("axis"), A("x", 4), A("y", 14), "Mpps"));
        foreach (double tick in y.Ticks)
        {
            plot.Add(
                E("line", Class("grid"), A("x1", Left), A("x2", width - 8), A("y1", y.At(tick)), A("y2", y.At(tick))),
                E("text", Class("tick end"), A("x", Left - 8), A("y", y.At(tick) + 4), PlotScale.Label(tick)));
        }
        for (int i = 0; i < shown.Length; i++)
            plot.Add(DrawSize(shown[i], Left + (i + 0.5) * Slot, y));
        plot.Add(E("text", Class("axis mid"), A("x", (Left + width) / 2), A("y", Height - 6), "frame size in octets, frame check sequence included"));
        return plot;
    }

    private static XElement DrawSize(SizeResult size, double middle, PlotScale y)
    {
        ThroughputResult rate = size.Throughput!;
        double top = y.At(rate.MedianPps / 1e6), floor = y.At(0);
        double high = y.At(rate.MaxPps / 1e6), low = y.At(rate.MinPps / 1e6);
        bool atLeast = rate.Bound == NdrBound.AtLeast;
        var group = E("g",
            E("title", $"{size.Size}: median {Mega(rate.MedianPps)} Mpps, lowest {Mega(rate.MinPps)}, highest {Mega(rate.MaxPps)}"),
            E("rect", Class(atLeast ? "bar atleast" : "bar"), A("x", middle - Bar / 2), A("y", top), A("width", Bar), A("height", Math.Max(floor - top, 0)), A("rx", 3)),
            E("path", Class("whisker"), A("d", string.Create(
                CultureInfo.InvariantCulture, $"M{middle:0.##} {high:0.##}V{low:0.##}M{middle - 8:0.##} {high:0.##}h16M{middle - 8:0.##} {low:0.##}h16"))),
            E("text", Class("value mid"), A("x", middle), A("y", Math.Min(high, top) - 8), (atLeast ? "≥ " : "") + Mega(rate.MedianPps)),
            E("text", Class("tick mid"), A("x", middle), A("y", floor + 18), size.Size));
        double[] single = size.Searches.Count > 0
            ? [.. size.Searches.Select(static search => search.Pps)]
            : [.. size.Trials.Where(static trial => trial.Verdict is TrialVerdict.Passed or TrialVerdict.Lost).Select(static trial => trial.ReceivedPps)];
        for (int i = 0; i < single.Length; i++)
        {
            double x = middle + (single.Length == 1 ? 0 : (i / (double)(single.Length - 1) - 0.5) * (Bar - 12));
            group.Add(E("circle", Class("dot"), A("cx", x), A("cy", y.At(single[i] / 1e6)), A("r", 2.6)));
        }
        return group;
    }
}
