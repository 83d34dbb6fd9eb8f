using System.Globalization;
using System.Xml.Linq;
using Dataplane.Host.Bench.Trials;
using static Dataplane.Host.Bench.Report.Html;

namespace Dataplane.Host.Bench.Report;

/// <summary>The report as one page that needs nothing beside itself. It is well-formed XML as well as HTML.</summary>
internal static class ReportPage
{
    /// <summary>Writes the page.</summary>
    public static string Write(BenchResult result)
    {
        bool isSearch = result.Circumstances.Method == "search";
        XElement page = E("html", A("lang", "en"),
            E("head",
                E("meta", A("charset", "utf-8")),
                E("meta", A("name", "viewport"), A("content", "width=device-width, initial-scale=1")),
                E("title", "Dataplane bench"),
                E("style", ReportStyle.Text)),
            E("body", E("main",
                Heading(result, isSearch),
                result.Sizes.Any(static size => size.Throughput is not null) ? ThroughputSection(result, isSearch) : null,
                LatencySection(result),
                StagesSection(result),
                TrialsSection(result),
                E("section", E("h2", "How it was made"),
                    E("p", Class("dim"), "The exact command:"),
                    E("pre", result.Circumstances.Command),
                    ReportTables.Circumstances(result.Circumstances)),
                Method(result, isSearch))));
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static XElement Heading(BenchResult result, bool isSearch)
    {
        BenchCircumstances made = result.Circumstances;
        return E("header",
            E("h1", "Dataplane bench"),
            E("p", Class("dim"), $"{made.Cpu}; dataplane {made.Version} {(made.Commit.Length > 12 ? made.Commit[..12] : made.Commit)}; {made.Dpdk}; "
                + made.Started.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            E("ul", Class("badges"),
                E("li", isSearch ? "non-drop rate search" : $"rate {made.Rate}"),
                E("li", made.Arrangement),
                made.VirtualDevices ? E("li", Class("warn"), "virtual devices: no NIC and no wire was involved") : null,
                made.VirtualMachine ? E("li", "virtual machine") : null,
                result.Complete ? null : E("li", Class("warn"), "partial: ended before everything was measured"),
                AllReconciled(result) is { } agrees
                    ? E("li", agrees ? null : Class("warn"), agrees ? "generator, datapath and analyser agree to the frame" : "generator, datapath and analyser do not agree") : null),
            result.Warnings.Count == 0 ? null : E("div", Class("note"), A("role", "note"),
                E("ul", result.Warnings.Select(static warning => E("li", warning)))));
    }

    private static bool? AllReconciled(BenchResult result)
    {
        bool?[] all = [.. result.Sizes.SelectMany(static size => size.Searches.SelectMany(static search => search.Trials)
            .Concat(size.Trials).Concat(size.Latency.Select(static row => row.Trial)).Append(size.Maximum)).OfType<TrialResult>().Select(static trial => trial.Reconciled)];
        return all.Length == 0 || all.Contains(null) ? null : !all.Contains(false);
    }

    private static XElement ThroughputSection(BenchResult result, bool isSearch) => E("section",
        E("h2", isSearch ? "Throughput: non-drop rate by frame size" : "Throughput by frame size"),
        E("figure", ThroughputPlot.Draw(result.Sizes, isSearch),
            E("figcaption", isSearch
                ? "Bar: median of the searches; whisker: lowest to highest; dots: single searches. Dashed: a lower bound. Nothing was lost at the highest rate that could be tried, because generator or machine allowed no more."
                : "Bar: median of the trials; whisker: lowest to highest; dots: single trials.")),
        ReportTables.Throughput(result.Sizes, isSearch));

    private static XElement? LatencySection(BenchResult result)
    {
        XElement[] plots = [.. LatencyPlot.Draw(result.Sizes)];
        if (plots.Length == 0)
            return null;
        string[] loads = [.. result.Sizes.OrderByDescending(static size => size.Latency.Count).First().Latency.Select(LatencyPlot.NameOf)];
        return E("section", E("h2", "Latency"),
            E("ul", Class("legend"), loads.Select(static (load, i) => E("li", E("span", Class($"s{i % 8}"), A("aria-hidden", "true"), "●■▲"[i % 3].ToString()), load))),
            E("figure", E("div", Class("grid2"), plots),
                E("figcaption", "Percentiles of the time in the device under test and in its queues; the scale is logarithmic and the same for all frame sizes.")),
            ReportTables.Latency(result.Sizes));
    }

    private static XElement? StagesSection(BenchResult result)
    {
        if (StagesPlot.Draw(result.Sizes) is not { } plot)
            return null;
        IEnumerable<string> names = result.Sizes.Where(static size => size.Stages is not null).MaxBy(static size => size.Stages!.Stages.Count)!
            .Stages!.Stages.Select(static stage => stage.Stage);
        return E("section", E("h2", "Cycles per packet by stage"),
            E("ul", Class("legend"), names.Select(static (name, i) => E("li", E("span", Class($"s{i}"), A("aria-hidden", "true"), "■"), name))),
            E("figure", plot, E("figcaption",
                "Measured in a trial of its own, with the clock read once per stage and burst and the cost of the reading subtracted; polls that found nothing are not part of it.")),
            ReportTables.Stages(result.Sizes));
    }

    private static XElement TrialsSection(BenchResult result) => E("section", E("h2", "Trials and what the datapath counted"),
        E("p", "Loss is counted where frames come out, and held against the counters of the datapath: received = sent + punted + dropped, to the frame."),
        ReasonsTable(result),
        result.Sizes.Select(ReportTables.Trials));

    private static XElement? ReasonsTable(BenchResult result)
    {
        (string Size, string Reason, ulong Count)[] reasons =
        [
            .. from size in result.Sizes
               from trial in size.Searches.SelectMany(static search => search.Trials).Concat(size.Trials).Append(size.Maximum).OfType<TrialResult>()
               where trial.Datapath is not null
               from reason in trial.Datapath!.Drops.Select(static drop => ("dropped: " + drop.Key, drop.Value))
                   .Concat(trial.Datapath.Punts.Select(static punt => ("punted: " + punt.Key, punt.Value)))
               group reason.Value by (size.Size, Reason: reason.Item1) into all
               select (all.Key.Size, all.Key.Reason, all.Aggregate(0UL, static (sum, one) => sum + one)),
        ];
        return reasons.Length == 0 ? null : Table("Frames that the datapath did not send, over all trials, by reason", ["frame size", "reason", "frames"],
            reasons.Select(static reason => E("tr", E("th", A("scope", "row"), reason.Size), Cell(reason.Reason), Cell(Count(reason.Count), "n"))));
    }

    private static XElement Method(BenchResult result, bool isSearch) => E("section", E("h2", "What the figures mean"),
        E("p", isSearch
            ? "The non-drop rate is the highest rate at which no more than the allowed share of frames was lost (RFC 2544 section 26.1). Each search is repeated from the start; a loss counts when a second trial at the same rate loses frames too."
            : "Frames were offered at the rate given; what came out is shown. Trials in which the generator did not reach 99 % of the rate are not counted."),
        E("p", $"A generator that is kept from its CPU does not make up for more than {Pacer.LargestBacklog.TotalMicroseconds} µs; it says that it was short, and the trial says nothing about the device. A trial that lost frames while the kernel or the hypervisor ran something else on a worker's CPU is repeated; when that does not help, a search leaves such rates alone, and its result is a lower bound. What the generator alone is kept from does no harm where rings connect it, and does elsewhere."),
        E("p", $"Frame sizes include the frame check sequence of {FrameSize.Fcs} octets; Gbit/s are those of frames, ‘on the line’ adds preamble and gap of 20 octets. Latency needs {Traffic.Stamp.Bytes} octets of UDP or TCP payload for the mark. The clock is read once per burst of at most {TrafficEngine.Burst} frames on either side, so that a latency is rather too long than too short, by no more than a burst takes to build."),
        result.Circumstances.VirtualDevices
            ? E("p", "Virtual devices: packets passed through memory and not through a NIC. The figures compare versions and configurations of the software; they promise no rate on hardware.") : null,
        result.Circumstances.Arrangement == "self-contained"
            ? E("p", "Generator and analyser share one CPU. Where a bar is dashed, that CPU was the limit; ‘fills a worker at’ beside the cycles tells what the worker's own time would allow.") : null,
        E("p", Class("dim"), "All numbers, each trial included, are in result.json beside this page."));
}
