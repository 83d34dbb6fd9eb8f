using System.Globalization;
using System.Xml.Linq;
using Dataplane.Host.Bench.Trials;
using static Dataplane.Host.Bench.Report.Html;

namespace Dataplane.Host.Bench.Report;

/// <summary>Latency percentiles of one frame size, a line per load, on a logarithmic scale that all sizes share.</summary>
internal static class LatencyPlot
{
    private const double Width = 330;
    private const double Height = 220;
    private const double Left = 52;
    private const double Right = 14;
    private const double Top = 30;
    private const double Bottom = 28;
    private static readonly string[] Names = ["50 %", "90 %", "99 %", "99.9 %", "max"];

    /// <summary>Draws one plot per frame size that has latencies; none when none has.</summary>
    public static IEnumerable<XElement> Draw(IReadOnlyList<SizeResult> sizes)
    {
        double[] all = [.. sizes.SelectMany(static size => size.Latency).Select(static row => row.Trial.Latency).OfType<LatencySummary>().SelectMany(Values)];
        return all.Length == 0 ? [] : sizes.Where(static size => size.Latency.Any(static row => row.Trial.Latency is not null))
            .Select(size => DrawSize(size, PlotScale.Logarithmic(all.Min(), all.Max(), Height - Bottom, Top)));
    }

    /// <summary>What a load is called.</summary>
    public static string NameOf(LatencyResult row) => row.Load is { } load ? string.Create(CultureInfo.InvariantCulture, $"{load * 100:0.##} % of NDR") : "the rate given";

    private static double[] Values(LatencySummary latency) => [latency.P50, latency.P90, latency.P99, latency.P999, latency.Max];

    private static XElement DrawSize(SizeResult size, PlotScale y)
    {
        string description = string.Join("; ", size.Latency.Where(static row => row.Trial.Latency is not null).Select(static row =>
            $"at {NameOf(row)}: median {Digits(row.Trial.Latency!.P50)}, 99 % {Digits(row.Trial.Latency.P99)}, longest {Digits(row.Trial.Latency.Max)} microseconds"));
        var plot = E("svg", A("viewBox", $"0 0 {N(Width)} {N(Height)}"), A("role", "img"),
            E("title", $"Latency of frames of {size.Size}"),
            E("desc", description),
            E("text", Class("value"), A("x", Left), A("y", 16), size.Size),
            E("text", Class("axis"), A("x", 4), A("y", 16), "µs"));
        foreach (double tick in y.Ticks)
        {
            plot.Add(
                E("line", Class("grid"), A("x1", Left), A("x2", Width - Right), A("y1", y.At(tick)), A("y2", y.At(tick))),
                E("text", Class("tick end"), A("x", Left - 6), A("y", y.At(tick) + 4), PlotScale.Label(tick)));
        }
        for (int i = 0; i < Names.Length; i++)
            plot.Add(E("text", Class("tick mid"), A("x", X(i)), A("y", Height - 8), Names[i]));
        int series = 0;
        foreach (LatencyResult row in size.Latency)
        {
            if (row.Trial.Latency is { } latency)
                plot.Add(DrawLine(latency, series, NameOf(row), y));
            series++;
        }
        return plot;
    }

    private static double X(int i) => Left + 18 + i * (Width - Left - Right - 36) / (Names.Length - 1);

    private static XElement DrawLine(LatencySummary latency, int series, string name, PlotScale y)
    {
        double[] values = Values(latency);
        string points = string.Join(' ', values.Select((value, i) => string.Create(CultureInfo.InvariantCulture, $"{X(i):0.##},{y.At(value):0.##}")));
        var group = E("g", Class($"series s{series % 8}"), E("title", name), E("polyline", A("points", points)));
        for (int i = 0; i < values.Length; i++)
        {
            // Shapes tell the lines apart where colours do not.
            double x = X(i), at = y.At(values[i]);
            group.Add((series % 3) switch
            {
                0 => E("circle", A("cx", x), A("cy", at), A("r", 3.4)),
                1 => E("rect", A("x", x - 3), A("y", at - 3), A("width", 6), A("height", 6)),
                _ => E("path", A("d", string.Create(CultureInfo.InvariantCulture, $"M{x:0.##} {at - 4:0.##}l4 7h-8z"))),
            });
        }
        return group;
    }
}
