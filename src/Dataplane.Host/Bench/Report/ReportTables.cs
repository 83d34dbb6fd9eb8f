using System.Globalization;
using System.Xml.Linq;
using Dataplane.Host.Bench.Trials;
using static Dataplane.Host.Bench.Report.Html;

namespace Dataplane.Host.Bench.Report;

/// <summary>The tables of the page; every figure carries its value as <c>result.json</c> has it.</summary>
internal static class ReportTables
{
    /// <summary>Throughput by frame size.</summary>
    public static XElement Throughput(IReadOnlyList<SizeResult> sizes, bool isSearch) => Table(
        isSearch ? "Non-drop rate over all searches" : "What came out, over all trials",
        ["frame size", "median Mpps", "lowest", "highest", "Gbit/s", "Gbit/s on the line", isSearch ? "searches" : "trials",
            isSearch ? "offered as fast as possible: came out, Mpps" : "worst loss", "not counted"],
        sizes.Where(static size => size.Throughput is not null).Select(size =>
        {
            ThroughputResult rate = size.Throughput!;
            string key = $"sizes.{size.Size}.throughput";
            return E("tr",
                E("th", A("scope", "row"), size.Size, size.Size == "captured" || size.Size == "imix" ? $" (mean {Digits(size.MeanOctets)})" : ""),
                Number(key + ".medianPps", rate.MedianPps, (rate.Bound == NdrBound.AtLeast ? "≥ " : "") + Mega(rate.MedianPps)),
                Number(key + ".minPps", rate.MinPps, Mega(rate.MinPps)),
                Number(key + ".maxPps", rate.MaxPps, Mega(rate.MaxPps)),
                Number(key + ".medianGbps", rate.MedianGbps, Digits(rate.MedianGbps)),
                Number(key + ".lineGbps", rate.LineGbps, Digits(rate.LineGbps)),
                Number(key + ".count", rate.Count, rate.Count.ToString(CultureInfo.InvariantCulture)),
                size.Maximum is { } most ? Number($"sizes.{size.Size}.maximum.receivedPps", most.ReceivedPps, $"{Mega(most.ReceivedPps)} of {Mega(most.OfferedPps)}")
                    : rate.WorstLossShare is { } loss ? Number(key + ".worstLossShare", loss, Percent(loss)) : Cell("–"),
                Number(key + ".notCounted", rate.NotCounted, rate.NotCounted.ToString(CultureInfo.InvariantCulture)));
        }));

    /// <summary>Latency by frame size and load.</summary>
    public static XElement Latency(IReadOnlyList<SizeResult> sizes) => Table(
        "Latency in microseconds, from before the generator's burst was built to when the analyser took the frame",
        ["frame size", "load", "offered Mpps", "lost", "shortest", "50 %", "90 %", "99 %", "99.9 %", "longest", "frames"],
        sizes.SelectMany(static size => size.Latency.Select((row, i) => (size, row, i))).Where(static one => one.row.Trial.Latency is not null).Select(static one =>
        {
            (SizeResult size, LatencyResult row, int i) = one;
            LatencySummary latency = row.Trial.Latency!;
            string key = $"sizes.{size.Size}.latency.{i}.trial.latency";
            return E("tr",
                E("th", A("scope", "row"), size.Size),
                Cell(LatencyPlot.NameOf(row)),
                Cell(Mega(row.Trial.OfferedPps) + (row.Trial.Verdict == TrialVerdict.GeneratorShort ? " (short)" : ""), "n"),
                Cell(Percent(row.Trial.LossShare), "n"),
                Number(key + ".min", latency.Min, Digits(latency.Min)),
                Number(key + ".p50", latency.P50, Digits(latency.P50)),
                Number(key + ".p90", latency.P90, Digits(latency.P90)),
                Number(key + ".p99", latency.P99, Digits(latency.P99)),
                Number(key + ".p999", latency.P999, Digits(latency.P999)),
                Number(key + ".max", latency.Max, Digits(latency.Max)),
                Cell(Count(latency.Frames), "n"));
        }));

    /// <summary>Cycles by frame size and stage.</summary>
    public static XElement Stages(IReadOnlyList<SizeResult> sizes)
    {
        SizeResult[] shown = [.. sizes.Where(static size => size.Stages is not null)];
        string[] names = [.. shown.SelectMany(static size => size.Stages!.Stages).Select(static stage => stage.Stage).Distinct()];
        return Table(
            "Cycles per packet received",
            ["frame size", .. names, "together", "packets per burst", "fills a worker at, Mpps"],
            shown.Select(size => E("tr",
                E("th", A("scope", "row"), size.Size),
                names.Select(name => size.Stages!.Stages.FirstOrDefault(stage => stage.Stage == name) is { } stage
                    ? Number($"sizes.{size.Size}.stages.{name}", stage.CyclesPerPacket, Digits(stage.CyclesPerPacket)) : Cell("–")),
                Number($"sizes.{size.Size}.stages.cyclesPerPacket", size.Stages!.CyclesPerPacket, Digits(size.Stages.CyclesPerPacket)),
                Number($"sizes.{size.Size}.stages.packetsPerBurst", size.Stages.PacketsPerBurst, Digits(size.Stages.PacketsPerBurst)),
                Number($"sizes.{size.Size}.stages.capacityPps", size.Stages.CapacityPps, Mega(size.Stages.CapacityPps)))));
    }

    /// <summary>All trials of a frame size.</summary>
    public static XElement Trials(SizeResult size)
    {
        IEnumerable<TrialResult> all = new[] { size.Maximum }.OfType<TrialResult>()
            .Concat(size.Searches.SelectMany(static search => search.Trials))
            .Concat(size.Trials)
            .Concat(size.Searches.Count > 0 ? size.Latency.Select(static row => row.Trial) : [])
            .Concat(new[] { size.Stages?.Trial }.OfType<TrialResult>());
        return E("details", E("summary", $"All trials with frames of {size.Size}"), Table(
            "In the order in which they were made",
            ["for", "asked, Mpps", "offered, Mpps", "came out, Mpps", "offered", "lost", "of these refused by the receive queue", "verdict",
                "datapath: received = sent + punted + dropped", "agrees", "longest absence, µs: generator, worker", "remarks"],
            all.Select(static trial => E("tr",
                Cell(trial.Purpose),
                Cell(trial.RequestedPps is { } asked ? Mega(asked) : "–", "n"),
                Cell(Mega(trial.OfferedPps), "n"),
                Cell(Mega(trial.ReceivedPps), "n"),
                Cell(Count(trial.Offered), "n"),
                Cell(trial.Lost == 0 ? "0" : $"{Count(trial.Lost)} ({Percent(trial.LossShare)})", "n"),
                Cell(Count(trial.Refused), "n"),
                Cell(Words(trial.Verdict), "word"),
                Cell(trial.Datapath is { } ledger ? $"{Count(ledger.Rx)} = {Count(ledger.Tx)} + {Count(ledger.Punted)} + {Count(ledger.Dropped)}" : "–", "n"),
                Cell(trial.Reconciled is { } agrees ? agrees ? "yes" : "no" : "–"),
                Cell($"{Digits(trial.GeneratorAway)}, {(trial.WorkerAway is { } away ? Digits(away) : "–")}", "n"),
                Cell(trial.Remarks.Count == 0 ? "–" : string.Join("; ", trial.Remarks), "wide")))));
    }

    /// <summary>What it was measured on and how.</summary>
    public static XElement Circumstances(BenchCircumstances made)
    {
        static XElement Row(string name, object value) => E("tr", E("th", A("scope", "row"), name), E("td", value));
        var rows = new List<XElement>
        {
            Row("Arrangement", made.Arrangement switch
            {
                "self-contained" => "self-contained: generator and analyser feed the datapath's own ports through rings in memory, one process, no network",
                "port-pair" => "port pair: the datapath of this process on its configured devices, the generator on ports of its own",
                _ => "external: the device under test is elsewhere, between the generator's ports",
            }),
            Row("Devices and drivers", string.Join("; ", made.Devices.Select(static device => $"{device.Role}: {device.Device} ({device.Driver})"))),
            Row("CPU", $"{made.Cpu}, {made.Cpus} CPUs{(made.VirtualMachine ? ", virtual machine" : "")}, time stamp counter {Digits(made.ClockMhz)} MHz"),
            Row("CPUs in use", $"generator and analyser: {(made.GeneratorCore is { } core ? core.ToString(CultureInfo.InvariantCulture) : "not pinned")}; workers: {(made.WorkerCores.Count == 0 ? "elsewhere" : string.Join(", ", made.WorkerCores))}"),
            Row("Workers", made.Workers ?? "elsewhere"),
            Row("Program", $"dataplane {made.Version}, commit {(made.Commit.Length == 0 ? "unknown" : made.Commit)}"),
            Row("DPDK", $"{made.Dpdk}, packets on {(made.HugePages ? "huge" : "ordinary")} pages"),
            Row("Kernel", made.Kernel),
            Row("Begun", made.Started.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)),
        };
        if (made.Configuration is { } configuration)
            rows.Add(Row("Configuration", E("span", Class("digest"), $"{configuration.File}, SHA-256 {configuration.Sha256}")));
        rows.AddRange(made.Captures.Select(static capture =>
            Row("Capture", E("span", Class("digest"), $"{capture.File}, SHA-256 {capture.Sha256}"))));
        rows.Add(Row("Trials", string.Create(CultureInfo.InvariantCulture,
            $"{(made.TrialSeconds is { } seconds ? Digits(seconds) + " s" : "a second, or one pass over the capture")} each, after {Digits(made.RampUpSeconds)} s of ramp-up per frame size; allowed loss {Percent(made.AllowedLoss)}")
            + (made.Method == "search" ? $"; a search stops at a resolution of {Percent(made.Resolution)}" : $"; rate {made.Rate}")));
        if (made.RingFrames is { } frames)
            rows.Add(Row("Receive queues", $"{frames} frames each"));
        return E("div", Class("scroll"), E("table", E("tbody", rows)));
    }

    private static string Words(TrialVerdict verdict) => verdict switch
    {
        TrialVerdict.GeneratorShort => "not counted: generator too slow",
        TrialVerdict.Disturbed => "not counted: machine busy",
        _ => verdict.ToString().ToLowerInvariant(),
    };
}
