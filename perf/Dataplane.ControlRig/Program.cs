using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Reporting;
using Dataplane.ControlRig.Runs;

Dictionary<string, (string Description, Func<ContenderKind, bool> Applies, Func<ContenderKind, Figures> Measure)> catalogue = [];
foreach (LoadScenario load in LoadScenario.All)
    catalogue[load.Name] = (load.Description, static _ => true, kind => LoadRun.Measure(kind, load));
catalogue[FlipRun.Name] = (FlipRun.Description, static kind => kind.Constrains, FlipRun.Measure);
catalogue[ManyPeersRun.Name] = (ManyPeersRun.Description, static _ => true, ManyPeersRun.Measure);

// What nobody else does.
foreach ((string name, string description, Func<ContenderKind, Figures> measure) in new (string, string, Func<ContenderKind, Figures>)[]
{
    (WorkerGapRun.Name, WorkerGapRun.Description, WorkerGapRun.Measure),
    (AgentsColdStartRun.Name, AgentsColdStartRun.Description, AgentsColdStartRun.Measure),
    (NotifyRun.Name, NotifyRun.Description, NotifyRun.Measure),
    (IdleAgentsRun.Name, IdleAgentsRun.Description, IdleAgentsRun.Measure),
    (SingleMoveRun.Name, SingleMoveRun.Description, SingleMoveRun.Measure),
    (ManyMovesRun.Name, ManyMovesRun.Description, ManyMovesRun.Measure),
})
{
    catalogue[name] = (description, static kind => kind.Name == "dataplane", measure);
}

var scenarios = new Option<string>("--scenario") { Description = $"names separated by commas: {string.Join(", ", catalogue.Keys)}", DefaultValueFactory = static _ => "all" };
var contenders = new Option<string>("--contender") { Description = $"names separated by commas: {string.Join(", ", ContenderKind.All.Select(static kind => kind.Name))}", DefaultValueFactory = static _ => "all" };
var rounds = new Option<int>("--rounds") { Description = "alternating rounds", DefaultValueFactory = static _ => 3 };
var json = new Option<string?>("--json") { Description = "write the results to this file, for machines" };
var baseline = new Option<string?>("--baseline") { Description = "write the results to perf/baselines/NAME.txt and .json" };

var root = new RootCommand("Control-plane rig: senders -> BGP speaker -> receiver, beside BIRD and GoBGP") { scenarios, contenders, rounds, json, baseline };
root.SetAction(parse =>
{
    string before = Report.LoadAverage;
    ContenderKind[] kinds = [.. Chosen(parse.GetValue(contenders)!, ContenderKind.All, static kind => kind.Name)];
    List<ScenarioResult> results = [];
    Console.WriteLine(Report.Heading(Result()) + "\n");
    foreach ((string name, var scenario) in Chosen(parse.GetValue(scenarios)!, catalogue, static pair => pair.Key))
    {
        ContenderKind[] applicable = [.. kinds.Where(scenario.Applies)];
        results.Add(Measure(name, scenario.Description, applicable, scenario.Measure, parse.GetValue(rounds)));
        Console.WriteLine(Report.Block(results[^1]));
    }

    RunResult result = Result();
    var options = new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
    string document = JsonSerializer.Serialize(result, options) + "\n";
    if (parse.GetValue(json) is { } path)
        File.WriteAllText(path, document);
    if (parse.GetValue(baseline) is { } stem)
    {
        var text = new StringBuilder(Report.Heading(result)).Append("\n\n");
        foreach (ScenarioResult one in results)
            text.Append(Report.Block(one)).Append('\n');
        File.WriteAllText(Path.Combine("perf", "baselines", stem + ".txt"), text.ToString());
        File.WriteAllText(Path.Combine("perf", "baselines", stem + ".json"), document);
    }
    return results.Any(static one => one.Contenders.Any(static contender => contender.Fault is not null)) ? 1 : 0;

    RunResult Result() => new()
    {
        Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Command = $"scripts/bench control {string.Join(' ', WithoutFiles(args))}".TrimEnd(),
        Commit = Report.Commit(),
        Machine = Report.Machine(),
        Packages = Report.Packages(),
        LoadAverageBefore = before,
        LoadAverageAfter = Report.LoadAverage,
        Scenarios = results,
    };
});
return root.Parse(args).Invoke();

// The order rotates from round to round, so that no contender always comes after the same one.
static ScenarioResult Measure(string name, string description, ContenderKind[] kinds, Func<ContenderKind, Figures> measure, int rounds)
{
    var found = kinds.ToDictionary(static kind => kind.Name, static _ => new List<Figures>());
    var faults = new Dictionary<string, string>();
    for (int round = 0; round < rounds; round++)
    {
        for (int i = 0; i < kinds.Length; i++)
        {
            ContenderKind kind = kinds[(i + round) % kinds.Length];
            if (faults.ContainsKey(kind.Name))
                continue;
            try
            {
                Figures figures = measure(kind);
                found[kind.Name].Add(figures);
                Console.Error.WriteLine($"-- {name} round {round + 1} {kind.Name}: {string.Join("; ", figures.Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:#,0.##}")))}");
            }
            catch (Exception e) when (e is TimeoutException or InvalidOperationException or System.Net.Sockets.SocketException or IOException)
            {
                faults[kind.Name] = e.Message.Split('\n')[0];
                Console.Error.WriteLine($"-- {name} round {round + 1} {kind.Name}: {e.Message}");
            }
        }
    }
    return new ScenarioResult(name, description, [.. kinds.Select(kind => new ContenderResult(kind.Name, found[kind.Name], faults.GetValueOrDefault(kind.Name)))]);
}

static IEnumerable<T> Chosen<T>(string names, IEnumerable<T> all, Func<T, string> nameOf) => names == "all"
    ? all
    : names.Split(',').Select(name => all.FirstOrDefault(one => nameOf(one) == name) ?? throw new ArgumentException($"there is no {name}"));

// Where the result goes is not part of how it was made.
static IEnumerable<string> WithoutFiles(string[] words) =>
    words.Where((word, i) => word is not ("--json" or "--baseline") && (i == 0 || words[i - 1] is not ("--json" or "--baseline")));
