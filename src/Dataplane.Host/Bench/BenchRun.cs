using System.Globalization;
using Dataplane.Dpdk;
using Dataplane.Host.Bench.Report;
using Dataplane.Host.Bench.Traffic;
using Dataplane.Host.Bench.Trials;
using Dataplane.Host.Configuration;
using Dataplane.Host.Metrics;

namespace Dataplane.Host.Bench;

/// <summary>A bench from request to report: sets the lab up, measures on a thread of its own, writes what there is.</summary>
internal static class BenchRun
{
    /// <summary>Runs it.</summary>
    /// <param name="request">What to measure.</param>
    /// <param name="configurationFile">File of the configuration; null when there is none.</param>
    /// <param name="captures">Files of the captures.</param>
    /// <param name="files">Where the report goes.</param>
    /// <param name="progress">Where to tell how far it is.</param>
    /// <param name="cancellation">Ends it with what there is.</param>
    /// <returns>What was found and written; null when it was ended before there was anything.</returns>
    /// <exception cref="BenchException">It cannot be measured.</exception>
    public static BenchResult? Run(
        BenchRequest request, string? configurationFile, IEnumerable<string> captures, ReportFiles files, BenchProgress progress, CancellationToken cancellation)
    {
        DateTime started = DateTime.UtcNow;
        FileResult? configuration = configurationFile is null ? null : BenchMachine.Digest(configurationFile);
        FileResult[] inputs = [.. captures.Select(BenchMachine.Digest)];
        // Sizes are tried before anything is started; lanes are known only afterwards.
        int longest = request.Sizes.Max(size => TrafficMix.Build(request.Frames, size, static (_, _) => 0).LongestFrame);
        int? core = ChooseCore(request);
        var warnings = new List<string>();
        void Warn(string warning)
        {
            lock (warnings)
                warnings.Add(warning);
        }
        if (core is null)
            Warn("There is no CPU besides the workers': generator and workers take turns, and nothing here says what a worker can do.");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Exception? failure = null;
        using var lab = new BenchLab(request, longest, Warn, problem =>
        {
            failure = problem;
            ended.Cancel();
        });
        TrafficMix[] mixes = [.. request.Sizes.Select(size => TrafficMix.Build(request.Frames, size, lab.LaneOf))];
        var session = new BenchSession(request, lab, progress, Warn, ended.Token);
        Measure(() => session.Run(mixes, core), progress, ref failure);
        if (failure is BenchException or DpdkException)
            throw failure;
        if (failure is not null)
            throw new BenchException("bench", $"it ended by a defect: {failure}");
        if (session.Results.Count == 0)
            return null;
        var result = new BenchResult
        {
            Complete = session.IsComplete,
            Circumstances = Describe(request, lab, core, started, configuration, inputs),
            Sizes = session.Results,
            Warnings = warnings,
        };
        files.Write(result);
        return result;
    }

    /// <summary>The headline of a result: a line per frame size.</summary>
    public static IEnumerable<string> Summarize(BenchResult result) => result.Sizes.Where(static size => size.Throughput is not null).Select(static size =>
        string.Create(CultureInfo.InvariantCulture,
            $"{size.Size,8}: {(size.Throughput!.Bound == NdrBound.AtLeast ? "at least " : "")}{size.Throughput.MedianPps / 1e6:F3} Mpps ({size.Throughput.MinPps / 1e6:F3} to {size.Throughput.MaxPps / 1e6:F3}), {size.Throughput.MedianGbps:F2} Gbit/s")
        + (size.Stages is { } stages ? string.Create(CultureInfo.InvariantCulture, $"; {stages.CyclesPerPacket:F0} cycles per packet") : ""));

    private static void Measure(Action measure, BenchProgress progress, ref Exception? failure)
    {
        Exception? problem = null;
        var thread = new Thread(() =>
        {
            try
            {
                measure();
            }
            catch (Exception caught)
            {
                problem = caught;
            }
        })
        { Name = "bench" };
        thread.Start();
        progress.ShowWhile(() => thread.Join(0));
        failure = problem ?? failure;
    }

    private static int? ChooseCore(BenchRequest request)
    {
        IReadOnlyList<int> workers = request.Configuration?.Workers.Cores ?? [];
        IReadOnlyList<int> allowed = AllowedCpus.Read();
        if (request.GeneratorCore is { } wanted)
        {
            if (workers.Contains(wanted))
                throw new BenchException("--generator-core", $"core {wanted} is a worker's");
            if (!allowed.Contains(wanted))
                throw new BenchException("--generator-core", $"this process may not use core {wanted}, only {string.Join(", ", allowed)}");
            return wanted;
        }
        int[] free = [.. allowed.Except(workers)];
        return free.Length == 0 ? null : free[^1];
    }

    private static BenchCircumstances Describe(
        BenchRequest request, BenchLab lab, int? core, DateTime started, FileResult? configuration, IReadOnlyList<FileResult> captures)
    {
        WorkersConfiguration? workers = request.Configuration?.Workers;
        return new BenchCircumstances
        {
            Command = BenchMachine.CommandLine(),
            Started = started,
            Version = ProgramVersion.Current.Number,
            Commit = ProgramVersion.Current.Commit,
            Dpdk = lab.DpdkVersion,
            Devices = [.. lab.Devices.Select(static device => new DeviceResult(device.Name, device.Device, device.Driver))],
            VirtualDevices = lab.IsVirtual,
            Arrangement = request.Arrangement switch
            {
                Arrangement.SelfContained => "self-contained",
                Arrangement.PortPair => "port-pair",
                _ => "external",
            },
            Cpu = BenchMachine.Cpu(),
            Cpus = Environment.ProcessorCount,
            ClockMhz = Math.Round(lab.ClockHz / 1e6, 3),
            Kernel = BenchMachine.Kernel(),
            VirtualMachine = BenchMachine.IsVirtual(),
            HugePages = lab.UsesHugePages,
            GeneratorCore = core,
            WorkerCores = workers?.Cores ?? [],
            Workers = lab.Forwarder is { } forwarder
                ? $"{forwarder.Runtime.Name} runtime, {forwarder.Runtime.VectorBits}-bit vectors, bursts of {workers!.Burst}, idle: {workers.Idle.Policy.ToString().ToLowerInvariant()}" : null,
            Configuration = configuration,
            Captures = captures,
            Method = request.Rate is null ? "search" : "rate",
            Rate = request.Rate?.ToString(),
            TrialSeconds = request.Duration?.TotalSeconds,
            RampUpSeconds = request.RampUp.TotalSeconds,
            AllowedLoss = request.AllowedLoss,
            Resolution = request.Resolution,
            RingFrames = request.Arrangement == Arrangement.SelfContained ? request.RingFrames : null,
        };
    }
}
