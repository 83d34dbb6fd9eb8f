using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Dataplane.Benchmarks;
using Dataplane.Benchmarks.Routes;
using Dataplane.Benchmarks.Structures;

// "micro structures [VRFS]" compares ways to hold the routes of many VRFs (ADR-0002).
if (args is ["structures", .. string[] rest])
{
    StructureComparison.Run(rest.Length == 0 ? 10_000 : int.Parse(rest[0], System.Globalization.CultureInfo.InvariantCulture), rounds: 5);
    return;
}

// "micro rib [ROUTES]" loads routes into the routing base (ADR-0007).
if (args is ["rib", .. string[] count])
{
    RibLoad.Run(count.Length == 0 ? 1_000_000 : int.Parse(count[0], System.Globalization.CultureInfo.InvariantCulture), rounds: 5);
    return;
}

// In this process: BenchmarkDotNet 0.14 would generate and build a project per run, which inherits this repository's rules
// for sources. The price is that suites share one runtime; each benchmark still has its own warm-up.
ManualConfig config = ManualConfig.CreateEmpty()
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(2).WithIterationCount(8).WithIterationTime(
        Perfolizer.Horology.TimeInterval.FromMilliseconds(100)))
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default)
    .WithArtifactsPath(Path.Combine("artifacts", "perf", "micro"))
    .WithOptions(ConfigOptions.JoinSummary);

// "micro NAME" is short for "--filter *NAME*".
string[] words = args.Length == 0 ? ["--filter", "*"] : args[0].StartsWith('-') ? args : ["--filter", .. args.Select(static word => $"*{word}*")];
BenchmarkSwitcher.FromAssembly(typeof(PipelineBenchmarks).Assembly).Run(words, config);
