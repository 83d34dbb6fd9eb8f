using System.Xml.Linq;
using static Dataplane.Host.Bench.Report.Html;

namespace Dataplane.Host.Bench.Report;

/// <summary>Cycles per packet by frame size, a bar each, made of the stages.</summary>
internal static class StagesPlot
{
    private const double Left = 76;
    private const double Width = 720;
    private const double RowHeight = 34;
    private const double Bar = 22;
    private const double Top = 8;
    private const double Room = 76;
    private const double LeastLabelled = 30;

    /// <summary>Draws it; null when no stages were measured.</summary>
    public static XElement? Draw(IReadOnlyList<SizeResult> sizes)
    {
        SizeResult[] shown = [.. sizes.Where(static size => size.Stages is not null)];
        if (shown.Length == 0)
            return null;
        double floor = Top + shown.Length * RowHeight;
        PlotScale x = PlotScale.Linear(shown.Max(static size => size.Stages!.CyclesPerPacket), Left, Width - Room);
        string description = string.Join("; ", shown.Select(static size => $"{size.Size}: {Digits(size.Stages!.CyclesPerPacket)} cycles, of these "
            + string.Join(", ", size.Stages.Stages.Select(static stage => $"{stage.Stage} {Digits(stage.CyclesPerPacket)}"))));
        var plot = E("svg", A("viewBox", $"0 0 {N(Width)} {N(floor + 40)}"), A("role", "img"),
            E("title", "Cycles per packet by stage"), E("desc", description));
        foreach (double tick in x.Ticks)
        {
            plot.Add(
                E("line", Class("grid"), A("x1", x.At(tick)), A("x2", x.At(tick)), A("y1", Top), A("y2", floor)),
                E("text", Class("tick mid"), A("x", x.At(tick)), A("y", floor + 16), PlotScale.Label(tick)));
        }
        for (int row = 0; row < shown.Length; row++)
            plot.Add(DrawSize(shown[row], Top + row * RowHeight + (RowHeight - Bar) / 2, x));
        plot.Add(E("text", Class("axis mid"), A("x", (Left + Width - Room) / 2), A("y", floor + 34), "cycles of the time stamp counter per packet received"));
        return plot;
    }

    private static XElement DrawSize(SizeResult size, double top, PlotScale x)
    {
        var group = E("g", E("text", Class("tick end"), A("x", Left - 8), A("y", top + Bar / 2 + 4), size.Size));
        double from = 0;
        for (int i = 0; i < size.Stages!.Stages.Count; i++)
        {
            StageResult stage = size.Stages.Stages[i];
            double left = x.At(from), right = x.At(from += stage.CyclesPerPacket);
            group.Add(E("g", Class($"stage s{i}"),
                E("title", $"{size.Size}, {stage.Stage}: {Digits(stage.CyclesPerPacket)} cycles per packet"),
                E("rect", A("x", left), A("y", top), A("width", Math.Max(right - left, 0)), A("height", Bar)),
                right - left >= LeastLabelled
                    ? E("text", Class("on mid"), A("x", (left + right) / 2), A("y", top + Bar / 2 + 4), Digits(stage.CyclesPerPacket)) : null));
        }
        group.Add(E("text", Class("value"), A("x", x.At(from) + 6), A("y", top + Bar / 2 + 4), Digits(size.Stages.CyclesPerPacket)));
        return group;
    }
}
