using System.Diagnostics;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Tests;

/// <summary>The rig in a process of its own, since EAL starts once in each.</summary>
public sealed class PeerTests
{
    private const int Limit = 120_000;

    [Fact]
    public void TheProductAndTheCForwarderSendTheSameInEveryScenario()
    {
        string output = RunRig("check", "--scenario", "all", "--packets", "1000", "--in-process");
        Assert.All(Catalogue.All, workload => Assert.Contains($"{workload.Name}: 1000 packets alike", output, StringComparison.Ordinal));
    }

    private static string RunRig(params string[] arguments)
    {
        // Built beside these tests, with what it needs to run.
        string program = Path.Combine(AppContext.BaseDirectory, "dataplane-rig.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            WorkingDirectory = RepositoryRoot.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the rig did not end");
        }
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{output.Result}\n{errors.Result}");
        return output.Result;
    }
}
