using System.Diagnostics;

namespace Dataplane.Host.Tests.Commands;

/// <summary>What a finished program left.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors);

/// <summary>The program under test as a process of its own, as an operator starts it.</summary>
internal static class DataplaneProgram
{
    /// <summary>Only a bound against hanging for ever; no test depends on it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly DirectoryInfo Here = new(AppContext.BaseDirectory);

    /// <summary>The build output of the configuration in which this assembly was built.</summary>
    public static string Path { get; } = System.IO.Path.Combine(
        Configuration.RepositoryFiles.Root, "src", "Dataplane.Host", "bin", Here.Parent!.Name, Here.Name, "dataplane.dll");

    /// <summary>Starts it.</summary>
    public static Process Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs it to its end.</summary>
    public static ProgramResult Run(params IEnumerable<string> arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            throw new TimeoutException($"dataplane {string.Join(' ', process.StartInfo.ArgumentList.Skip(1))} did not end");
        }
        return new ProgramResult(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }
}
