using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Dataplane.Host.Bench;
using Dataplane.Host.Bench.Report;
using Dataplane.Host.Bench.Trials;

namespace Dataplane.Host.Tests.Bench;

/// <summary>The page: well-formed, complete in itself, and with the numbers of <c>result.json</c>.</summary>
public sealed partial class ReportTests
{
    private const string Hostile = "<script>alert('&')</script>";

    [Fact]
    public void ThePageIsWellFormedAndNeedsNothingElse()
    {
        string page = ReportPage.Write(Result(complete: true));
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", page, StringComparison.Ordinal);
        XDocument document = Parse(page);
        string[] allowed = ["html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1", "h2", "p", "ul", "li", "div", "figure", "figcaption",
            "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "span", "pre",
            "svg", "desc", "g", "rect", "line", "path", "text", "circle", "polyline"];
        Assert.All(document.Descendants(), element => Assert.Contains(element.Name.LocalName, allowed));
        Assert.DoesNotContain(document.Descendants().Attributes(), static attribute => attribute.Name.LocalName is "href" or "src" or "onclick" or "onload");
        Assert.DoesNotMatch(External(), page);
        // Elements that browsers do not take for empty must not be written as such.
        Assert.All(EmptyElement().Matches(page), static match =>
            Assert.Contains(match.Groups[1].Value, new[] { "meta", "rect", "line", "path", "circle", "polyline" }));
    }

    [Fact]
    public void EveryPlotHasATitleAndADescriptionForThoseWhoDoNotSeeIt()
    {
        XElement[] plots = [.. Parse(ReportPage.Write(Result(complete: true))).Descendants("svg")];
        // Throughput, latency of two sizes, stages.
        Assert.Equal(4, plots.Length);
        Assert.All(plots, static plot =>
        {
            Assert.Equal("img", plot.Attribute("role")!.Value);
            Assert.False(string.IsNullOrWhiteSpace(plot.Element("title")!.Value));
            Assert.False(string.IsNullOrWhiteSpace(plot.Element("desc")!.Value));
        });
        Assert.All(plots.Descendants().Attributes().Where(static attribute => attribute.Name.LocalName is "x" or "y" or "x1" or "y1" or "width" or "height" or "cx" or "cy" or "points" or "d"),
            static attribute => Assert.DoesNotMatch("NaN|Infinity|E[+-]", attribute.Value));
    }

    [Fact]
    public void TheNumbersOfThePageAreThoseOfTheFile()
    {
        BenchResult result = Result(complete: true);
        using JsonDocument numbers = JsonDocument.Parse(ReportFiles.ToJson(result));
        XElement[] cells = [.. Parse(ReportPage.Write(result)).Descendants("td").Where(static cell => cell.Attribute("data-key") is not null)];
        Assert.True(cells.Length > 40, $"{cells.Length}");
        foreach (XElement cell in cells)
        {
            string[] path = cell.Attribute("data-key")!.Value.Split('.');
            JsonElement at = numbers.RootElement.GetProperty("sizes").EnumerateArray().Single(size => size.GetProperty("size").GetString() == path[1]);
            foreach (string step in path[2..])
            {
                at = at.ValueKind == JsonValueKind.Array ? at[int.Parse(step, CultureInfo.InvariantCulture)]
                    : at.TryGetProperty(step, out JsonElement found) ? found
                    : at.GetProperty("stages").EnumerateArray().Single(stage => stage.GetProperty("stage").GetString() == step).GetProperty("cyclesPerPacket");
            }
            Assert.Equal(at.GetDouble(), double.Parse(cell.Attribute("data-value")!.Value, CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void ThePageTellsWhatItDependsOn()
    {
        BenchResult result = Result(complete: false);
        string text = Parse(ReportPage.Write(result)).Root!.Value;
        BenchCircumstances made = result.Circumstances;
        foreach (string fact in new[] { made.Command, made.Cpu, made.Commit, made.Dpdk, made.Kernel, "net_ring_bench0 (net_ring)", made.Configuration!.Sha256, made.Captures[0].Sha256,
            "virtual devices", "partial", "a warning", "no-route", "2026-11-21 10:00:00 UTC" })
        {
            Assert.Contains(fact, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void APageWithoutAnyMeasurementIsSoundToo()
    {
        BenchResult full = Result(complete: false);
        SizeResult size = full.Sizes[0] with { Maximum = null, Searches = [], Throughput = null, Latency = [], Stages = null };
        foreach (IReadOnlyList<SizeResult> sizes in new IReadOnlyList<SizeResult>[] { [], [size], [size with { Throughput = new ThroughputResult(0, 0, 0, 0, 0, null, 0, 3, null) }] })
            Assert.NotNull(Parse(ReportPage.Write(full with { Sizes = sizes })).Root);
    }

    [Fact]
    public void NothingIsWrittenWhereNothingCanBe()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("taken", "");
        Assert.Contains("cannot be written", Assert.Throws<BenchException>(() => ReportFiles.Open(file)).Message, StringComparison.Ordinal);
        ReportFiles.Open(folder["report"]).Write(Result(complete: true));
        Assert.Equal([folder["report/index.html"], folder["report/result.json"]], Directory.GetFiles(folder["report"]).Order(StringComparer.Ordinal));
    }

    private static XDocument Parse(string page) => XDocument.Parse(page["<!DOCTYPE html>\n".Length..], LoadOptions.PreserveWhitespace);

    private static BenchResult Result(bool complete) => new()
    {
        Complete = complete,
        Warnings = ["a warning " + Hostile],
        Sizes = [Size("64", 4.5e6, NdrBound.Found), Size("imix", 3.25e6, NdrBound.AtLeast)],
        Circumstances = new BenchCircumstances
        {
            Command = "dataplane bench " + Hostile,
            Started = new DateTime(2026, 11, 21, 10, 0, 0, DateTimeKind.Utc),
            Version = "0.1.0",
            Commit = "0123456789abcdef0123456789abcdef01234567",
            Dpdk = "DPDK 22.11.4",
            Devices = [new DeviceResult("port core0", "net_ring_bench0", "net_ring")],
            VirtualDevices = true,
            Arrangement = "self-contained",
            Cpu = "A CPU & more",
            Cpus = 2,
            ClockMhz = 2450,
            Kernel = "Linux 6.1",
            VirtualMachine = true,
            HugePages = true,
            GeneratorCore = 0,
            WorkerCores = [1],
            Workers = "isolated",
            Configuration = new FileResult("a.yaml", new string('a', 64)),
            Captures = [new FileResult("a.pcap", new string('b', 64))],
            Method = "search",
            Rate = null,
            TrialSeconds = 1,
            RampUpSeconds = 0.5,
            AllowedLoss = 0,
            Resolution = 0.01,
            RingFrames = 1024,
        },
    };

    private static SizeResult Size(string name, double pps, NdrBound bound)
    {
        SearchResult[] searches = [.. new[] { 0.98, 1, 1.03 }.Select(factor => new SearchResult(pps * factor, bound, [Trial(pps)]))];
        return new SizeResult
        {
            Size = name,
            MeanOctets = 64,
            Frames = 100,
            StampedFrames = 100,
            LeftOut = 0,
            Maximum = Trial(pps * 3),
            Searches = searches,
            Trials = [],
            Throughput = Throughputs.OfSearches(searches, 64),
            Latency = [new LatencyResult(0.5, Trial(pps / 2)), new LatencyResult(1, Trial(pps))],
            Stages = new StagesResult(100.25, 31.5, 40, 24.4e6, [new StageResult("receive", 10.25, 1000), new StageResult("input", 90, 1000)], Trial(pps)),
        };
    }

    private static TrialResult Trial(double pps) => new()
    {
        Purpose = "search",
        RequestedPps = pps,
        OfferedPps = pps,
        ReceivedPps = pps * 0.9,
        Seconds = 1,
        Offered = (ulong)pps,
        Received = (ulong)(pps * 0.9),
        Lost = (ulong)(pps * 0.1),
        Refused = 0,
        LossShare = 0.1,
        Reordered = 0,
        OtherFrames = 0,
        Verdict = TrialVerdict.Lost,
        Remarks = ["<b>remark</b>"],
        GeneratorAway = 12.5,
        WorkerAway = 33,
        WorkerWaited = 0,
        GeneratorWaited = 0,
        Stolen = 0,
        Datapath = new DatapathLedger(100, 90, 0, 10, 0, new Dictionary<string, ulong> { ["no-route"] = 10 }, new Dictionary<string, ulong>()),
        Reconciled = true,
        Latency = new LatencySummary(100, 0.5, 1.25, 1, 2, 3.5, 10, 123.456),
    };

    [GeneratedRegex("https?:|url\\(|@import|<script|<link|<img|<iframe", RegexOptions.IgnoreCase)]
    private static partial Regex External();

    [GeneratedRegex("<([a-z0-9]+)(?: [^<>]*)? ?/>")]
    private static partial Regex EmptyElement();
}
