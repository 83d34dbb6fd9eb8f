using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Dataplane.Host.Bench;
using Dataplane.Host.Bench.Report;
using Dataplane.Host.Configuration;
using Dataplane.Host.Replay;

namespace Dataplane.Host.Commands;

/// <summary><c>dataplane bench</c>.</summary>
internal static partial class BenchCommand
{
    /// <summary>What <c>--help</c> adds.</summary>
    public const string Details = """
        Three arrangements:
          --config F            self-contained: a generator feeds the datapath's own ports through rings
                                in memory; needs no device and no root, runs anywhere
          --config F --tx-port D --rx-port E
                                the datapath on its configured devices, the generator on ports of its own
                                that lead there: NICs, net_af_packet, net_tap, net_memif, ...
          --tx-port D --rx-port E
                                the device under test is elsewhere

        Rates: 'original' (the capture's own times), x2 (twice as fast), 1.5mpps, 3gbps (bits of frames
        with FCS), max. Without --rate the non-drop rate is searched for (RFC 2544 section 26.1), --trials
        times per frame size; then latency at --latency-at of that rate, and cycles per packet by stage.

        Frame sizes include the FCS of 4 octets, as in RFC 2544: 64,128,256,512,1024,1280,1518,imix
        rebuilds the capture's frames (lengths and checksums); without, they stay as they were captured.
        Frames carry a mark in the last 14 octets of their UDP or TCP payload; those without such room
        are counted, but have no latency.

        Loss is counted where frames come out and held against the datapath's counters. What the
        configuration does not forward (no route, TTL expired, ...) is told and does not count as lost.
        A generator that did not reach 99 % of a rate says so, and the trial is not counted. Ctrl-C
        writes what there is.

        On a machine that others use, too, allow a little loss (--loss 0.01%) or lengthen --ring: a worker
        that waits for its CPU loses frames at any rate. The report says how long workers waited.

        The report: DIR/index.html, one page that needs nothing else, and DIR/result.json with every trial.

        Examples:
          dataplane bench --config lab.yaml --in acc0=guests.pcap --frame-size 64,512,1518 --report report
          dataplane bench --config lab.yaml --in acc0.pcap --rate original --trials 1 --report report
          dataplane bench --tx-port 0000:03:00.0 --rx-port 0000:03:00.1 --in guests.pcap --report report
        """;

    private const int DefaultTrials = 5;
    private const int DefaultRing = 1024;

    /// <summary>Describes the command.</summary>
    public static Command Create()
    {
        var configuration = new Option<string?>("--config", "-c")
        {
            Description = "The configuration file (YAML) of the datapath under test.",
            HelpName = "FILE",
        };
        var inputs = new Option<string[]>("--in", "-i")
        {
            Description = "Capture to send, as PORT=FILE or a FILE named like its port; classic pcap, Ethernet. Several are merged by time.",
            HelpName = "[PORT=]FILE",
            Required = true,
        };
        var sizes = new Option<string[]>("--frame-size") { Description = "Frame sizes with FCS, and 'imix'. Default: as captured.", HelpName = "N,..." };
        var rate = new Option<string?>("--rate") { Description = "original, xN, Nkpps, Nmpps, Nmbps, Ngbps or max.", HelpName = "RATE" };
        var search = new Option<string?>("--search") { Description = "'ndr' searches for the non-drop rate; the default without --rate.", HelpName = "ndr" };
        var trials = new Option<int>("--trials") { Description = "Searches, or trials at the rate, per frame size.", DefaultValueFactory = static _ => DefaultTrials };
        var duration = new Option<string?>("--duration") { Description = "Length of a trial: 200ms, 2s. Default 1s; one pass for original and xN.", HelpName = "TIME" };
        var rampUp = new Option<string>("--ramp-up") { Description = "Traffic before the trials of a frame size.", HelpName = "TIME", DefaultValueFactory = static _ => "500ms" };
        var loss = new Option<string>("--loss") { Description = "Share of frames that a trial may lose and still pass.", HelpName = "PERCENT", DefaultValueFactory = static _ => "0%" };
        var resolution = new Option<string>("--resolution") { Description = "Share of the rate at which a search stops.", HelpName = "PERCENT", DefaultValueFactory = static _ => "1%" };
        var maxRate = new Option<string?>("--max-rate") { Description = "No search goes above it, for instance the speed of the link.", HelpName = "RATE" };
        var latency = new Option<string>("--latency-at") { Description = "Loads for latency, in percent of the non-drop rate.", HelpName = "P,...", DefaultValueFactory = static _ => "50,90,100" };
        var txPort = new Option<string?>("--tx-port") { Description = "DPDK device that the generator sends on.", HelpName = "DEVICE" };
        var rxPort = new Option<string?>("--rx-port") { Description = "DPDK device that frames come back on. Default: the same.", HelpName = "DEVICE" };
        var core = new Option<int?>("--generator-core") { Description = "CPU of generator and analyser. Default: the last that is no worker's.", HelpName = "N" };
        var ring = new Option<int>("--ring") { Description = "Frames that a receive queue holds when self-contained.", HelpName = "N", DefaultValueFactory = static _ => DefaultRing };
        var report = new Option<string>("--report") { Description = "Directory for index.html and result.json. Made when missing.", HelpName = "DIR", Required = true };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No progress, no summary." };
        var command = new Command("bench", "Measures throughput, latency and cycles with captures, and writes a report.")
        {
            configuration, inputs, sizes, rate, search, trials, duration, rampUp, loss, resolution, maxRate, latency, txPort, rxPort, core, ring, report, quiet,
        };
        command.SetAction(parsed =>
        {
            TextWriter errors = parsed.InvocationConfiguration.Error;
            var captures = new BenchCaptures();
            try
            {
                var txDevice = Device(parsed.GetValue(txPort), "--tx-port");
                var rxDevice = Device(parsed.GetValue(rxPort), "--rx-port");
                string? file = parsed.GetValue(configuration);
                if (file is null && txDevice is null)
                    throw new BenchException("bench", "give --config for a datapath in this process, or --tx-port and --rx-port for one elsewhere");
                if (rxDevice is not null && txDevice is null)
                    throw new BenchException("--rx-port", "it needs --tx-port as well");
                if (parsed.GetValue(search) is { } kind && (kind != "ndr" || parsed.GetValue(rate) is not null))
                    throw new BenchException("--search", kind == "ndr" ? "either --search or --rate, not both" : $"'{kind}' is unknown; there is 'ndr'");
                DataplaneConfiguration? loaded = null;
                if (file is not null)
                {
                    loaded = ConfigurationArgument.Load(file, txDevice is null ? ConfigurationPurpose.Replay : ConfigurationPurpose.Run, errors);
                    if (loaded is null)
                        return ExitCode.Usage;
                }
                captures.Open(parsed.GetRequiredValue(inputs), txDevice is null ? loaded : null);
                string[] sizeTexts = parsed.GetValue(sizes) ?? [];
                var request = new BenchRequest
                {
                    Arrangement = txDevice is null ? Arrangement.SelfContained : loaded is null ? Arrangement.External : Arrangement.PortPair,
                    Configuration = loaded,
                    Frames = captures.Read(),
                    Sizes = sizeTexts.Length == 0 ? [FrameSize.Captured] : FrameSize.ParseList(sizeTexts),
                    Rate = parsed.GetValue(rate) is { } text ? RateRequest.Parse(text, "--rate") : null,
                    Trials = InRange(parsed.GetValue(trials), 1, 1000, "--trials"),
                    Duration = parsed.GetValue(duration) is { } length ? Time(length, "--duration", TimeSpan.FromMilliseconds(10)) : null,
                    RampUp = Time(parsed.GetRequiredValue(rampUp), "--ramp-up", TimeSpan.Zero),
                    AllowedLoss = Percent(parsed.GetRequiredValue(loss), "--loss", 0, 50),
                    Resolution = Percent(parsed.GetRequiredValue(resolution), "--resolution", 0.01, 50),
                    MaxRate = parsed.GetValue(maxRate) is { } most ? FixedRate(most) : null,
                    LatencyLoads = [.. parsed.GetRequiredValue(latency).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static one => Percent(one, "--latency-at", 1, 100)).Distinct()],
                    TxPort = txDevice,
                    RxPort = rxDevice,
                    GeneratorCore = parsed.GetValue(core),
                    RingFrames = InRange(parsed.GetValue(ring), 64, 65536, "--ring"),
                };
                return Execute(request, file, captures.Files, parsed.GetRequiredValue(report), parsed.GetValue(quiet), parsed.InvocationConfiguration.Output, errors);
            }
            catch (Exception problem) when (problem is BenchException or CaptureException)
            {
                errors.WriteLine(problem.Message);
                return ExitCode.Usage;
            }
            finally
            {
                captures.Dispose();
            }
        });
        return command;
    }

    private static int Execute(
        BenchRequest request, string? file, IEnumerable<string> captures, string directory, bool quiet, TextWriter output, TextWriter errors)
    {
        using var signals = new StopSignals();
        try
        {
            ReportFiles files = ReportFiles.Open(directory);
            BenchResult? result;
            using (var progress = new BenchProgress(errors, !Console.IsErrorRedirected, quiet))
                result = BenchRun.Run(request, file, captures, files, progress, signals.Token);
            if (result is null)
            {
                errors.WriteLine("dataplane: ended before anything was measured; no report was written");
                return ExitCode.Failure;
            }
            foreach (string warning in result.Warnings)
                errors.WriteLine($"dataplane: warning: {warning}");
            if (!quiet)
            {
                foreach (string line in BenchRun.Summarize(result))
                    output.WriteLine(line);
                output.WriteLine($"{(result.Complete ? "report" : "partial report")}: {Path.Combine(directory, ReportFiles.Page)}");
            }
            return result.Complete ? ExitCode.Success : ExitCode.Failure;
        }
        catch (Exception problem) when (Failure.IsOperational(problem))
        {
            Failure.Report(errors, problem);
            return ExitCode.Failure;
        }
    }

    private static PortDevice? Device(string? text, string place)
    {
        if (text is null)
            return null;
        return PortDevice.TryParse(text, out PortDevice? device) ? device
            : throw new BenchException(place, $"'{text}' is no device; write a PCI address like 0000:03:00.0 or a driver with arguments like net_af_packet0,iface=eth0");
    }

    private static int InRange(int value, int least, int most, string place) => value >= least && value <= most ? value
        : throw new BenchException(place, $"{value} is out of range: {least} to {most}");

    private static RateRequest FixedRate(string text)
    {
        RateRequest rate = RateRequest.Parse(text, "--max-rate");
        return rate.Kind is RateKind.PacketsPerSecond or RateKind.BitsPerSecond ? rate
            : throw new BenchException("--max-rate", $"'{text}' is no bound; write for instance 10gbps or 5mpps");
    }

    private static double Percent(string text, string place, double least, double most)
    {
        string number = text.Trim().TrimEnd('%').TrimEnd();
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) || value < least || value > most)
            throw new BenchException(place, string.Create(CultureInfo.InvariantCulture, $"'{text}' is no percentage from {least} to {most}"));
        return value / 100;
    }

    private static TimeSpan Time(string text, string place, TimeSpan least)
    {
        Match match = TimeForm().Match(text.Trim().ToLowerInvariant());
        if (!match.Success)
            throw new BenchException(place, $"'{text}' is no time; write 200ms, 2s or 1m");
        double seconds = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { "ms" => 1e-3, "m" => 60, _ => 1 };
        TimeSpan time = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(1).TotalSeconds));
        return time >= least ? time : throw new BenchException(place, $"'{text}' is too short: at least {least.TotalMilliseconds} ms");
    }

    [GeneratedRegex(@"^(\d{1,9}(?:\.\d{1,6})?) ?(ms|s|m)?\z")]
    private static partial Regex TimeForm();
}
