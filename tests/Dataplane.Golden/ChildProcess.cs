using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Dataplane.Golden;

/// <summary>What a finished child process left: exit code and both streams.</summary>
internal sealed record ChildResult(int ExitCode, string Output, string Errors);

/// <summary>Runs a program to its end. Output is read while it runs, so that a full pipe cannot block it.</summary>
internal static class ChildProcess
{
    /// <exception cref="InvalidOperationException">The program is missing (<paramref name="whenMissing"/>) or takes too long.</exception>
    public static ChildResult Run(string program, IEnumerable<string> arguments, TimeSpan limit, string whenMissing)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["TZ"] = "UTC";
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        var errors = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        try
        {
            _ = process.Start();
        }
        catch (Win32Exception cause)
        {
            throw new InvalidOperationException($"cannot start {program}: {whenMissing}", cause);
        }
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{program} {string.Join(' ', start.ArgumentList)} did not end within {limit}");
        }
        process.WaitForExit();
        return new ChildResult(process.ExitCode, output.ToString(), errors.ToString());
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                _ = text.Append(line).Append('\n');
            }
        }
    }
}
