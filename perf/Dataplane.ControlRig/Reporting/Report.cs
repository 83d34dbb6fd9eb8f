using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Dataplane.ControlRig.Reporting;

/// <summary>Results for people, and what must be said about where they were made.</summary>
internal static class Report
{
    internal static string Heading(RunResult run) => string.Join('\n',
        $"{run.Date}, commit {run.Commit}. Command: {run.Command}",
        run.Machine,
        string.Join("; ", run.Packages.Select(static package => $"{package.Key} {package.Value}")),
        "all in one network namespace over its loopback unless a scenario says otherwise; nobody but workers is pinned: senders, speaker and receiver share the CPUs",
        $"load {run.LoadAverageBefore} before, {run.LoadAverageAfter} after");

    /// <summary>One block: a line per contender and figure.</summary>
    internal static string Block(ScenarioResult scenario)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{scenario.Name}: {scenario.Description}\n");
        foreach (ContenderResult contender in scenario.Contenders)
        {
            if (contender.Rounds.Count == 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {contender.Name,-11} {contender.Fault}\n");
                continue;
            }
            double[] main = [.. contender.Rounds.Select(round => round[contender.Main])];
            text.Append(CultureInfo.InvariantCulture, $"  {contender.Name,-11} {contender.Median(contender.Main),9:f2} {contender.Main} ({main.Min():f2}-{main.Max():f2}; {main.Length} rounds)");
            foreach (ContenderResult other in scenario.Contenders.Where(other => other != contender && other.Rounds.Count > 0))
                text.Append(CultureInfo.InvariantCulture, $"  /{other.Name} {contender.Median(contender.Main) / other.Median(contender.Main):f2}");
            text.Append('\n');
            string rest = string.Join("; ", contender.Rounds[0].Keys.Skip(1).Where(figure => !double.IsNaN(contender.Median(figure)))
                .Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure} {contender.Median(figure):#,0.##}")));
            text.Append(CultureInfo.InvariantCulture, $"  {"",-11} {rest}\n");
            if (contender.Fault is { } fault)
                text.Append(CultureInfo.InvariantCulture, $"  {"",-11} FAULT: {fault}\n");
        }
        return text.ToString();
    }

    internal static string Machine() => string.Create(CultureInfo.InvariantCulture,
        $"{File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown CPU"}, {Environment.ProcessorCount} CPUs, Linux {Environment.OSVersion.Version}");

    internal static Dictionary<string, string> Packages() => new()
    {
        ["BIRD"] = Output("dpkg-query", "-W", "-f", "${Version}", "bird2"),
        ["GoBGP"] = Output("dpkg-query", "-W", "-f", "${Version}", "gobgpd"),
        [".NET"] = RuntimeInformation.FrameworkDescription.Replace(".NET ", "", StringComparison.Ordinal),
    };

    /// <summary>Commit of the working tree, with a plus sign when it has changes.</summary>
    internal static string Commit() => Output("git", "describe", "--always", "--dirty=+", "--exclude=*");

    internal static string LoadAverage => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);

    private static string Output(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string text = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? text : "unknown";
    }
}
