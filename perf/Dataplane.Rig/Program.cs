using System.CommandLine;
using Dataplane.Forwarding.Workers;
using Dataplane.Rig;

var cpu = new Option<int>("--cpu") { Description = "CPU of the worker", DefaultValueFactory = _ => Environment.ProcessorCount - 1 };
var packets = new Option<int>("--packets") { Description = "different packets in the loop", DefaultValueFactory = _ => 4096 };
var rounds = new Option<int>("--rounds") { Description = "alternating rounds", DefaultValueFactory = _ => 5 };
var seconds = new Option<double>("--seconds") { Description = "length of a measurement", DefaultValueFactory = _ => 1 };
var inProcess = new Option<bool>("--in-process") { Description = "run the worker in this process's runtime" };
var workers = new Option<string>("--workers") { Description = "directory of the isolated worker libraries", DefaultValueFactory = _ => "artifacts/worker" };

var forward = new Command("forward", "Bare rate of 64-byte encapsulation beside a C loop that does nothing") { cpu, packets, rounds, seconds, inProcess, workers };
forward.SetAction(parse =>
{
    using var rig = new Rig(parse.GetValue(packets), parse.GetValue(cpu));
    IWorkerRuntime runtime = parse.GetValue(inProcess) ? new InProcessWorkers() : IsolatedWorkers.Load([parse.GetValue(workers)!]);
    Machine.Describe(runtime, rig);
    return ForwardScenario.Run(rig, runtime, parse.GetValue(rounds), parse.GetValue(seconds));
});

var isolation = new Command("isolation", "Longest gap of a worker while the host's runtime collects garbage") { cpu, packets, rounds, seconds, workers };
isolation.SetAction(parse =>
{
    using var rig = new Rig(parse.GetValue(packets), parse.GetValue(cpu));
    IWorkerRuntime runtime = IsolatedWorkers.Load([parse.GetValue(workers)!]);
    Machine.Describe(runtime, rig);
    return IsolationScenario.Run(rig, runtime, parse.GetValue(rounds), parse.GetValue(seconds));
});

return new RootCommand("Forwarding rig: pcap -> datapath -> null, one core") { forward, isolation }.Parse(args).Invoke();
