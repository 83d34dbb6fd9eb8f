using System.CommandLine;
using System.Globalization;
using Dataplane.Rig.Commands;
using Dataplane.Rig.Contenders;
using Dataplane.Rig.Measuring;
using Dataplane.Rig.Scenarios;

const string ScenarioNames = "all, or names separated by commas";
var cpu = new Option<int>("--cpu") { Description = "CPU of the worker", DefaultValueFactory = static _ => Environment.ProcessorCount - 1 };
var packets = new Option<string>("--packets") { Description = "different packets in the loop; several numbers separated by commas", DefaultValueFactory = static _ => "4096" };
var rounds = new Option<int>("--rounds") { Description = "alternating rounds", DefaultValueFactory = static _ => 5 };
var seconds = new Option<double>("--seconds") { Description = "length of a measurement", DefaultValueFactory = static _ => 0.5 };
var scenario = new Option<string>("--scenario") { Description = $"{ScenarioNames}: {string.Join(", ", Catalogue.All.Select(static w => w.Name))}", DefaultValueFactory = static _ => "encap4-gre" };
var inProcess = new Option<bool>("--in-process") { Description = "run workers in this process's runtime" };
var workers = new Option<string>("--worker-library", "--workers") { Description = "isolated worker library, or directory of them", DefaultValueFactory = static _ => "artifacts/worker" };
var peer = new Option<PeerLibrary.LookupKind>("--peer") { Description = "tables of the C forwarder: Best of all, DPDK's rte_Hash or rte_Fib per VRF, or Exact, its own", DefaultValueFactory = static _ => PeerLibrary.LookupKind.Best };
var json = new Option<string?>("--json") { Description = "write the results to this file, for machines" };
var baseline = new Option<string?>("--baseline") { Description = "write the results to perf/baselines/NAME.txt and .json" };
var gate = new Option<bool>("--gate") { Description = "exit with 1 when a target is missed" };
var quick = new Option<bool>("--quick") { Description = "three short rounds, 4,096 packets only (vrf10k-routes1m: 65,536)" };
Option[] common = [cpu, rounds, seconds, inProcess, workers, peer, json, baseline, gate];

var all = new Command("all", "Everything, one table with targets") { quick };
Add(all, common);
all.SetAction(parse =>
{
    bool isQuick = parse.GetValue(quick);
    SessionOptions options = Options(parse);
    if (isQuick)
        options = options with { Rounds = new RoundSettings(Math.Min(options.Rounds.Count, 3), Math.Min(options.Rounds.Seconds, 0.3)) };
    return WholeRun.Run(options, isQuick);
});

var forward = new Command("forward", "Forwarding scenarios: ours, the C forwarder and a bare C loop in alternation") { scenario, packets };
Add(forward, common);
forward.SetAction(parse =>
{
    int[] counts = Numbers(parse.GetValue(packets)!);
    using var session = new Session(Options(parse), counts.Max());
    foreach (Workload workload in Workloads(parse.GetValue(scenario)!))
    {
        foreach (int count in counts)
            ForwardingRun.Run(session, workload, count);
    }
    return session.Finish();
});

var check = new Command("check", "Only the self-check of each scenario: do ours and the C forwarder send the same?") { scenario, packets };
Add(check, cpu, inProcess, workers, peer);
check.SetAction(parse =>
{
    int[] counts = Numbers(parse.GetValue(packets)!);
    using var session = new Session(Options(parse), counts.Max());
    foreach (Workload workload in Workloads(parse.GetValue(scenario)!))
    {
        foreach (int count in counts)
            ForwardingRun.Check(session, workload, count);
    }
    return 0;
});

var churn = new Command("churn", "Forwarding while the control thread changes a million routes, against the same without") { packets };
Add(churn, common);
churn.SetAction(parse =>
{
    int[] counts = Numbers(parse.GetValue(packets)!);
    using var session = new Session(Options(parse), counts.Max());
    foreach (int count in counts)
        ChurnRun.Run(session, count);
    return session.Finish();
});

var two = new Command("two-workers", "Two workers on two queues against one") { packets };
Add(two, common);
two.SetAction(parse =>
{
    int[] counts = Numbers(parse.GetValue(packets)!);
    using var session = new Session(Options(parse), 2 * counts.Max());
    foreach (int count in counts)
        TwoWorkersRun.Run(session, count);
    return session.Finish();
});

var lookup = new Command("lookup", "Our lookup with 10,000 VRFs against DPDK's with one table");
Add(lookup, common);
lookup.SetAction(parse =>
{
    using var session = new Session(Options(parse), capturedPackets: 1, timesLookups: true);
    LookupRun.Run(session);
    return session.Finish();
});

var run = new Command("run", "Ours alone for some seconds, for a profiler") { scenario, packets };
Add(run, cpu, seconds, inProcess, workers);
run.SetAction(parse =>
{
    int count = Numbers(parse.GetValue(packets)!)[0];
    using var session = new Session(Options(parse), count);
    ForwardingRun.RunAlone(session, Catalogue.Find(parse.GetValue(scenario)!), count, parse.GetValue(seconds));
    return 0;
});

var isolation = new Command("isolation", "Longest gap of a worker while the host's runtime collects garbage") { packets };
Add(isolation, cpu, rounds, seconds, workers);
isolation.SetAction(parse =>
{
    int count = Numbers(parse.GetValue(packets)!)[0];
    using var session = new Session(Options(parse), count);
    IsolationRun.Run(session, count, parse.GetValue(rounds), parse.GetValue(seconds));
    return 0;
});

return new RootCommand("Forwarding rig: pcap -> datapath -> null, pinned cores") { all, forward, check, churn, two, lookup, run, isolation }.Parse(args).Invoke();

SessionOptions Options(ParseResult parse) => new(
    parse.GetValue(cpu),
    new RoundSettings(parse.GetValue(rounds), parse.GetValue(seconds)),
    parse.GetValue(inProcess),
    parse.GetValue(workers)!,
    parse.GetValue(peer),
    parse.GetValue(json),
    parse.GetValue(baseline),
    parse.GetValue(gate),
    $"scripts/bench {string.Join(' ', WithoutFiles(args))}".TrimEnd());

// Where the result goes is not part of how it was made.
static IEnumerable<string> WithoutFiles(string[] words) =>
    words.Where((word, i) => word is not ("--json" or "--baseline") && (i == 0 ? word != "all" : words[i - 1] is not ("--json" or "--baseline")));

static void Add(Command command, params Option[] options)
{
    foreach (Option option in options)
        command.Options.Add(option);
}

static int[] Numbers(string list) => [.. list.Split(',').Select(static word => int.Parse(word, CultureInfo.InvariantCulture))];

static IEnumerable<Workload> Workloads(string names) => names == "all" ? Catalogue.All : names.Split(',').Select(Catalogue.Find);
