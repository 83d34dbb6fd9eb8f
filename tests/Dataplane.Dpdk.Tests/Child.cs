using System.Diagnostics;

namespace Dataplane.Dpdk.Tests;

/// <summary>This assembly run as a program: EAL starts once per process, so starts are tried in children.</summary>
internal static class Child
{
    /// <summary>Prints what became of the scenario. Exit code 0 unless the process dies.</summary>
    internal static int Main(string[] arguments)
    {
        try
        {
            Scenarios.Run(arguments[0], arguments[1..]);
            Console.WriteLine("done");
        }
        catch (DpdkException refusal)
        {
            Console.WriteLine("refused: " + refusal.Message);
        }
        return 0;
    }

    /// <summary>Runs a scenario in a process of its own.</summary>
    /// <returns>Its exit code and what it printed on both streams.</returns>
    internal static (int ExitCode, string Output, string Errors) Run(params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, output, errors.Result);
    }
}
