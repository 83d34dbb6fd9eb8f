using System.Diagnostics;

namespace Dataplane.EndToEnd.Lab;

/// <summary>What a finished command left: its exit code and everything it printed.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public string All => Output + Error;
}

/// <summary>Runs programs of the system (ip, ping, curl, …) with a bound on their time.</summary>
public static class Command
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Runs a command to its end; kills it and throws when it takes longer than <paramref name="patience"/>.</summary>
    public static CommandResult Run(IReadOnlyList<string> commandLine, TimeSpan? patience = null)
    {
        using Process process = Start(commandLine, redirect: true);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(patience ?? Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', commandLine)}: still running after {patience ?? Patience}");
        }

        return new CommandResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Runs a command that must succeed; returns what it printed.</summary>
    public static string Require(params IReadOnlyList<string> commandLine)
    {
        CommandResult result = Run(commandLine);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"{string.Join(' ', commandLine)}: exit code {result.ExitCode}: {result.All}");
    }

    /// <summary>Starts a command and leaves it running. The caller owns the process.</summary>
    public static Process Start(IReadOnlyList<string> commandLine, bool redirect)
    {
        ProcessStartInfo info = new(commandLine[0])
        {
            RedirectStandardOutput = redirect,
            RedirectStandardError = redirect,
            RedirectStandardInput = true,
        };
        foreach (string argument in commandLine.Skip(1))
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment["LC_ALL"] = "C.UTF-8";
        Process process = Process.Start(info) ?? throw new InvalidOperationException($"{commandLine[0]} did not start");
        process.StandardInput.Close();
        return process;
    }
}
