using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dataplane.Forwarding.Workers;
using Dataplane.Rig.Contenders;
using Dataplane.Rig.Measuring;
using Dataplane.Rig.Reporting;

namespace Dataplane.Rig.Commands;

/// <summary>What the command line says about every run.</summary>
/// <param name="Cpu">CPU to measure on.</param>
/// <param name="Rounds">How to measure.</param>
/// <param name="InProcess">Run workers in this process's runtime.</param>
/// <param name="WorkerLibrary">The isolated worker library, or a directory of them.</param>
/// <param name="Peer">Tables of the C forwarder.</param>
/// <param name="Json">Where to write results for machines.</param>
/// <param name="Baseline">Name of a baseline to write.</param>
/// <param name="Gate">Fail when a target is missed.</param>
/// <param name="CommandLine">As typed, for the record.</param>
internal sealed record SessionOptions(int Cpu, RoundSettings Rounds, bool InProcess, string WorkerLibrary, PeerLibrary.LookupKind Peer, string? Json, string? Baseline, bool Gate, string CommandLine);

/// <summary>One run of the rig: devices, the runtime of the workers, and the results so far.</summary>
internal sealed class Session : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly MachineLoad _load = new();
    private readonly string _loadBefore = MachineLoad.LoadAverage;
    private readonly List<ScenarioResult> _results = [];
    private readonly List<double> _clocks = [];

    internal Session(SessionOptions options, int capturedPackets, bool timesLookups = false)
    {
        Options = options;
        PeerLibrary.EnsureLoaded();
        Runtime = options.InProcess ? new InProcessWorkers() : LoadWorkers(options.WorkerLibrary);
        Devices = new Devices(capturedPackets, options.Cpu, timesLookups);
        Say(Table.Heading(Result()));
        Say("");
    }

    internal SessionOptions Options { get; }

    internal Devices Devices { get; }

    internal IWorkerRuntime Runtime { get; }

    /// <summary>Measures contenders in rounds and adds the result to the run.</summary>
    /// <param name="scenario">What is known before.</param>
    /// <param name="contenders">Who.</param>
    /// <param name="ratios">Whom to compare, by place.</param>
    /// <param name="notes">Further findings, made when all is measured.</param>
    /// <param name="more">Further series: name, contender, name of the measurement.</param>
    /// <param name="mostWaited">Another bound for waiting than the usual one.</param>
    internal void Measure(ScenarioResult scenario, IReadOnlyList<IContender> contenders, IReadOnlyList<(string Name, int Numerator, int Denominator)> ratios,
        Func<Dictionary<string, string>>? notes = null, IReadOnlyList<(string Name, int Contender, string Measurement)>? more = null,
        double? mostWaited = null)
    {
        RoundSettings settings = Options.Rounds with { MostWaited = mostWaited ?? Options.Rounds.MostWaited };
        Rounds rounds = Rounds.Measure(contenders, settings, () => CoreClock.Measure(Options.Cpu), _clocks);
        Add(scenario with
        {
            Series =
            [
                .. contenders.Select((contender, i) => Series.Of(contender.Name, rounds.Rates(i))),
                .. (more ?? []).Select(one => Series.Of(one.Name, rounds.More(one.Contender, one.Measurement))),
            ],
            Ratios = [.. ratios.Select(ratio => Ratio.Of(ratio.Name, rounds.Rates(ratio.Numerator), rounds.Rates(ratio.Denominator)))],
            Notes = notes?.Invoke() ?? scenario.Notes,
            RejectedRounds = rounds.RejectedRounds,
            RejectedWindows = rounds.RejectedWindows,
            Quiet = rounds.Quiet,
            Rounds = [.. rounds.Accepted.Select(round => new RoundRecord(
                round.Megahertz,
                contenders.Select((contender, i) => (contender.Name, round.Windows[i].Rate)).ToDictionary(),
                contenders.Select((contender, i) => (contender.Name, round.Windows[i].Waited)).ToDictionary()))],
        });
    }

    /// <summary>Adds a result and prints it.</summary>
    internal void Add(ScenarioResult scenario)
    {
        _results.Add(scenario);
        Console.Write(Table.Line(scenario, [.. Targets.Judge(scenario)]));
    }

    /// <summary>Writes the files that were asked for and the last lines; the exit code.</summary>
    internal int Finish()
    {
        RunResult result = Result();
        Say("");
        if (_results.Count > 1)
            Say($"targets: {result.Targets.Count(static target => target.Met)} of {result.Targets.Count} met");
        Say(Table.Footing(result));
        if (Options.Json is { } path)
            File.WriteAllText(path, JsonSerializer.Serialize(result, Json) + "\n");
        if (Options.Baseline is { } name)
        {
            string stem = Path.Combine("perf", "baselines", name);
            File.WriteAllText($"{stem}.json", JsonSerializer.Serialize(result, Json) + "\n");
            File.WriteAllText($"{stem}.txt", $"{Table.Heading(result)}\n\n{Table.Body(result)}{Table.Footing(result)}\n");
        }
        return Options.Gate && result.Targets.Any(static target => !target.Met) ? 1 : 0;
    }

    public void Dispose() => Devices.Dispose();

    internal static void Say(string line) => Console.WriteLine(line);

    // A library file stands two directories below the directory of libraries, in that of its instruction-set level.
    private static IsolatedWorkers LoadWorkers(string path) =>
        IsolatedWorkers.Load([File.Exists(path) ? Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(path)))! : path]);

    private RunResult Result()
    {
        IReadOnlyDictionary<int, (double Busy, double Stolen)> shares = _load.Shares();
        return new RunResult
        {
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Command = Options.CommandLine,
            Commit = Facts.Commit(),
            Devices = Table.Virtual,
            Machine = Facts.Machine(Devices.Eal, Runtime, Options.Cpu),
            Packages = Facts.Packages(Devices.Eal),
            Load = new LoadFacts
            {
                LoadAverageBefore = _loadBefore,
                LoadAverageAfter = MachineLoad.LoadAverage,
                Busy = shares.ToDictionary(static cpu => cpu.Key, static cpu => Math.Round(cpu.Value.Busy, 4)),
                Stolen = shares.ToDictionary(static cpu => cpu.Key, static cpu => Math.Round(cpu.Value.Stolen, 4)),
                MegahertzMedian = _clocks.Count == 0 ? 0 : Statistics.Median(_clocks),
                MegahertzMin = _clocks.Count == 0 ? 0 : _clocks.Min(),
                MegahertzMax = _clocks.Count == 0 ? 0 : _clocks.Max(),
                RejectedRounds = _results.Sum(static result => result.RejectedRounds),
                RejectedWindows = _results.Sum(static result => result.RejectedWindows),
            },
            Scenarios = _results,
            Targets = [.. _results.SelectMany(Targets.Judge)],
        };
    }
}
