using Dataplane.Host.Configuration;
using static Dataplane.Host.Tests.Configuration.SampleFile;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Cores against the machine: warnings, because a file may be checked elsewhere than it runs.</summary>
internal static class MachineCases
{
    public static IEnumerable<BadCase> All =>
    [
        new("main core among the workers'", With("eal: { main-core: §1 }"), "core 1 is both 'eal.main-core' and a worker's") { Severity = DiagnosticSeverity.Warning },
        new("worker on the default main core", With("workers: { cores: §[0] }"), "core 0 is both 'eal.main-core' and a worker's; the main thread will take time from that worker") { Severity = DiagnosticSeverity.Warning },
        new("worker core the machine lacks", With("workers: { cores: [1, §8] }"), "this machine has no core 8; it has cores 0 to 7") { Severity = DiagnosticSeverity.Warning },
        new("main core the machine lacks", With("eal: { main-core: §9 }"), "this machine has no core 9") { Severity = DiagnosticSeverity.Warning },
        new("second core on a machine with one", With("workers: { cores: [0, §1] }"), "this machine has no core 1; it has core 0 only")
        {
            Severity = DiagnosticSeverity.Warning,
            Kernel = new FakeKernelView { ProcessorCount = 1 },
        },
    ];
}
