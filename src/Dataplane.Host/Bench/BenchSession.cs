using System.Globalization;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Bench.Traffic;
using Dataplane.Host.Bench.Trials;

namespace Dataplane.Host.Bench;

/// <summary>
/// Measures what a request asks for, frame size by frame size: ramp-up, the most that can be offered, searches or trials,
/// latency by load, cycles by stage. What has been measured stays when it is cancelled. Owner thread: the generator's.
/// </summary>
internal sealed class BenchSession(BenchRequest request, BenchLab lab, BenchProgress progress, Action<string> warn, CancellationToken cancellation)
{
    private const double PreflightPps = 100_000;
    private const ulong PreflightFrames = 65_536;
    private const int Verifications = 1;
    private const double StartBelowMaximum = 0.9;
    private const int WarmUpRounds = 6;
    private static readonly TimeSpan WarmUpBusy = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WarmUpPause = TimeSpan.FromMilliseconds(120);
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(1);
    private readonly List<SizeResult> _results = [];
    private TrialRunner _runner = null!;
    private string _size = "";

    /// <summary>What has been measured.</summary>
    public IReadOnlyList<SizeResult> Results => _results;

    /// <summary>Whether that is all.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Measures. Call it on the thread that is to generate.</summary>
    /// <param name="mixes">The frames by size, with the outlets of the lab.</param>
    /// <param name="core">CPU of generator and analyser; null leaves the thread where it is.</param>
    /// <exception cref="BenchException">The device under test forwards nothing of it.</exception>
    public void Run(IReadOnlyList<TrafficMix> mixes, int? core)
    {
        using var thread = PacketThread.Enter(core);
        var engine = new TrafficEngine(lab.Pool, lab.Outlets, lab.Inlets, lab.ClockHz, cancellation);
        _runner = new TrialRunner(lab, engine, request.AllowedLoss, core);
        try
        {
            WarmUp(mixes[0]);
            foreach (TrafficMix mix in mixes)
                TryOut(mix);
            foreach (TrafficMix mix in mixes)
                Measure(mix);
            IsComplete = true;
        }
        catch (OperationCanceledException)
        {
            // What there is, is kept.
        }
    }

    // The generator's code is compiled anew while it runs, on a thread that needs this CPU; the first figures would be its.
    private void WarmUp(TrafficMix mix)
    {
        _size = mix.Size.Name;
        for (int round = 0; round < WarmUpRounds; round++)
        {
            _ = Try("warm-up", mix, RateRequest.Max, WarmUpBusy);
            Thread.Sleep(WarmUpPause);
        }
    }

    // Every frame once, slowly: wrong configurations are told before anything is measured.
    private void TryOut(TrafficMix mix)
    {
        _size = mix.Size.Name;
        ulong most = Math.Min((ulong)mix.Templates.Length, PreflightFrames);
        TrialResult trial = Try("preflight", mix, RateRequest.Packets(PreflightPps), TimeSpan.FromSeconds(10), most);
        string place = mix.Size == FrameSize.Captured ? "--in" : $"--frame-size {mix.Size.Name}";
        if (trial.Received == 0)
        {
            string why = trial.Datapath is not { } ledger
                ? "check that the device under test forwards between the two ports"
                : ledger.Rx == 0 ? "none of them reached the datapath" : $"its reasons: {ledger.ReasonsText}";
            throw new BenchException(place, $"none of {trial.Offered} frames came out of the device under test; {why}");
        }
        if (trial.Datapath is { NotForwarded: > 0 } partly)
            warn($"{place}: {partly.NotForwarded} of {trial.Offered} different frames are not forwarded by this configuration ({partly.ReasonsText}); they are sent all the same, and do not count as lost.");
        if (mix.LeftOut > 0)
            warn($"{place}: {mix.LeftOut} frames of the capture cannot be resized and are left out.");
        if (mix.Stamped == 0)
            warn($"{place}: no frame has the {Stamp.Bytes} octets of UDP or TCP payload that a time stamp takes; there will be no latency.");
        else if (mix.Stamped < mix.Templates.Length)
            warn($"{place}: {mix.Templates.Length - mix.Stamped} of {mix.Templates.Length} frames have no room for a time stamp; latency is that of the others, and loss is counted from totals.");
        if (trial is { Lost: > 0, Verdict: TrialVerdict.Lost })
            warn($"{place}: {trial.Lost} of {trial.Offered} frames were lost even when sent slowly.");
    }

    private void Measure(TrafficMix mix)
    {
        _size = mix.Size.Name;
        var result = new SizeResult
        {
            Size = mix.Size.Name,
            MeanOctets = Math.Round(mix.MeanOctets, 2),
            Frames = mix.Templates.Length,
            StampedFrames = mix.Stamped,
            LeftOut = mix.LeftOut,
            Maximum = null,
            Searches = [],
            Trials = [],
            Throughput = null,
            Latency = [],
            Stages = null,
        };
        _results.Add(result);
        void Keep(SizeResult next) => _results[^1] = result = next;
        if (request.Rate is { } rate)
        {
            RampUp(mix, rate);
            for (int i = 0; i < request.Trials; i++)
            {
                TrialResult trial = Try("rate", mix, rate, Duration(mix, rate), label: $"trial {i + 1} of {request.Trials}");
                IReadOnlyList<TrialResult> trials = [.. result.Trials, trial];
                Keep(result with
                {
                    Trials = trials,
                    Throughput = Throughputs.OfTrials(trials, mix.MeanOctets),
                    Latency = trials.Any(static one => one.Latency is not null) ? [new LatencyResult(null, Typical(trials))] : [],
                });
            }
            Keep(result with { Stages = MeasureStages(mix, rate) });
            return;
        }
        RampUp(mix, RateRequest.Max);
        Keep(result with { Maximum = Try("maximum", mix, RateRequest.Max, Duration(mix, RateRequest.Max)) });
        double ceiling = Math.Min(result.Maximum!.OfferedPps, request.MaxRate?.PacketsPerSecond(mix.MeanOctets) ?? double.MaxValue);
        double start = result.Maximum.LossShare <= request.AllowedLoss ? ceiling : result.Maximum.ReceivedPps * StartBelowMaximum;
        for (int i = 0; i < request.Trials; i++)
        {
            SearchResult search = Search(mix, start, ceiling, i + 1);
            Keep(result with { Searches = [.. result.Searches, search] });
            Keep(result with { Throughput = Throughputs.OfSearches(result.Searches, mix.MeanOctets) });
            if (search.Pps > 0)
                start = search.Pps;
        }
        if (result.Throughput!.MedianPps > 0 && mix.Stamped > 0)
        {
            foreach (double load in request.LatencyLoads)
            {
                TrialResult trial = Try(
                    "latency", mix, RateRequest.Packets(result.Throughput.MedianPps * load), Duration(mix, RateRequest.Max),
                    label: string.Create(CultureInfo.InvariantCulture, $"latency at {load:P0}"));
                Keep(result with { Latency = [.. result.Latency, new LatencyResult(load, trial)] });
            }
        }
        Keep(result with { Stages = MeasureStages(mix, RateRequest.Max) });
    }

    private static TrialResult Typical(IEnumerable<TrialResult> trials)
    {
        TrialResult[] ordered = [.. trials.Where(static trial => trial.Latency is not null).OrderBy(static trial => trial.Latency!.P99)];
        return ordered[ordered.Length / 2];
    }

    private TimeSpan Duration(TrafficMix mix, RateRequest rate) => request.Duration
        ?? (rate.Kind == RateKind.Captured ? TimeSpan.FromSeconds(mix.SpanNanoseconds / 1e9 / rate.Value) : DefaultDuration);

    private void RampUp(TrafficMix mix, RateRequest rate)
    {
        if (request.RampUp > TimeSpan.Zero)
            _ = Try("ramp-up", mix, rate, request.RampUp);
    }

    private SearchResult Search(TrafficMix mix, double start, double ceiling, int number)
    {
        var search = new NdrSearch(start, ceiling, request.Resolution, Verifications);
        var trials = new List<TrialResult>();
        while (search.Next is { } rate)
        {
            TrialResult trial = Try(
                "search", mix, RateRequest.Packets(rate), Duration(mix, RateRequest.Max), label: $"search {number} of {request.Trials}, trial {trials.Count + 1}");
            trials.Add(trial);
            search.Report(trial.Verdict, trial.OfferedPps);
        }
        return new SearchResult(Math.Round(search.Rate, 1), search.Bound, trials);
    }

    private StagesResult? MeasureStages(TrafficMix mix, RateRequest rate)
    {
        if (lab.Forwarder is not { } forwarder)
            return null;
        foreach (WorkerHandle worker in forwarder.Workers)
            worker.MeasureStages(true);
        StageCount[] before = StageReading.Sum(forwarder.Workers);
        try
        {
            TrialResult trial = Try("stages", mix, rate, Duration(mix, rate), label: "cycles by stage");
            return StageReading.Between(before, StageReading.Sum(forwarder.Workers), lab.ClockHz, trial);
        }
        finally
        {
            foreach (WorkerHandle worker in forwarder.Workers)
                worker.MeasureStages(false);
        }
    }

    private TrialResult Try(string purpose, TrafficMix mix, RateRequest rate, TimeSpan duration, ulong? most = null, string? label = null)
    {
        cancellation.ThrowIfCancellationRequested();
        progress.Say(string.Create(CultureInfo.InvariantCulture, $"{_size}: {label ?? purpose}, {Throughputs.Describe(rate)}"));
        TrialResult trial = _runner.Run(purpose, mix, rate, duration, most);
        progress.Say(string.Create(CultureInfo.InvariantCulture,
            $"{_size}: {label ?? purpose}, {Throughputs.Describe(rate)}: {trial.ReceivedPps / 1e6:F3} Mpps came out, {trial.Lost} lost"));
        cancellation.ThrowIfCancellationRequested();
        return trial;
    }
}
