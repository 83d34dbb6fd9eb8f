using System.CommandLine;
using System.CommandLine.Invocation;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Workers;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Metrics;

namespace Dataplane.Host.Commands;

/// <summary><c>dataplane --version</c>: the program, and the libraries that it finds.</summary>
internal sealed class VersionText : SynchronousCommandLineAction
{
    private const int ShortCommit = 12;

    /// <summary>Puts it in the place of the library's own.</summary>
    public static void Install(RootCommand root)
    {
        foreach (VersionOption option in root.Options.OfType<VersionOption>())
        {
            option.Description = "Show the versions of the program, of DPDK and of the worker library.";
            option.Action = new VersionText();
        }
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        ProgramVersion version = ProgramVersion.Current;
        string commit = version.Commit.Length == 0 ? "" : $" (commit {version.Commit[..Math.Min(ShortCommit, version.Commit.Length)]})";
        output.WriteLine($"dataplane {version.Number}{commit}");
        output.WriteLine(DescribeDpdk());
        output.WriteLine($"worker library: {DescribeWorkers()}");
        return ExitCode.Success;
    }

    private static string DescribeDpdk()
    {
        try
        {
            return Eal.LibraryVersion;
        }
        catch (DpdkException problem)
        {
            return $"DPDK: {problem.Message}";
        }
    }

    private static string DescribeWorkers()
    {
        try
        {
            IsolatedWorkers workers = WorkerRuntimes.LoadIsolated();
            string level = Path.GetFileName(Path.GetDirectoryName(workers.LibraryPath)) ?? "";
            return $"x86-64-{level}, {workers.VectorBits}-bit vectors, {workers.LibraryPath}";
        }
        catch (ForwarderException problem)
        {
            return problem.Message;
        }
    }
}
