using System.Diagnostics;
using System.Runtime.InteropServices;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Workers;

namespace Dataplane.Rig.Reporting;

/// <summary>What a result must say about where it was made.</summary>
internal static class Facts
{
    internal static MachineFacts Machine(Eal eal, IWorkerRuntime runtime, int workerCpu) => new()
    {
        Cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[1].Trim() ?? "unknown CPU",
        Cpus = Environment.ProcessorCount,
        TscGigahertz = eal.TscHz / 1e9,
        WorkerCpu = workerCpu,
        HugePages = eal.UsesHugePages,
        WorkerRuntime = runtime is IsolatedWorkers isolated ? $"isolated ({Path.GetFileName(Path.GetDirectoryName(isolated.LibraryPath))})" : runtime.Name,
        WorkerVectorBits = runtime.VectorBits,
        Kernel = $"Linux {Environment.OSVersion.Version}",
    };

    internal static Dictionary<string, string> Packages(Eal eal) => new()
    {
        ["DPDK"] = eal.Version.Replace("DPDK ", "", StringComparison.Ordinal),
        [".NET"] = RuntimeInformation.FrameworkDescription.Replace(".NET ", "", StringComparison.Ordinal),
        ["gcc"] = Output("gcc", "-dumpfullversion"),
        ["os"] = Output("sh", "-c \". /etc/os-release; echo $PRETTY_NAME\""),
    };

    /// <summary>Commit of the working tree, with a plus sign when it has changes.</summary>
    internal static string Commit() => Output("git", "describe --always --dirty=+ --exclude=*");

    private static string Output(string program, string arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string text = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? text : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
