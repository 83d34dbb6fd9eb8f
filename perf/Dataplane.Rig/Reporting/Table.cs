using System.Globalization;
using System.Text;

namespace Dataplane.Rig.Reporting;

/// <summary>Results for people: fixed columns, ASCII.</summary>
internal static class Table
{
    internal const string Virtual = "virtual devices (net_pcap -> net_null): says what the program costs, not what a NIC does";

    /// <summary>What stands above every table.</summary>
    internal static string Heading(RunResult run)
    {
        MachineFacts machine = run.Machine;
        return string.Join('\n',
            $"{run.Date}, commit {run.Commit}. Command: {run.Command}",
            $"{machine.Cpu}, {machine.Cpus} CPUs, TSC {machine.TscGigahertz:f2} GHz, {machine.Kernel}; {(machine.HugePages ? "huge pages" : "no huge pages")}",
            string.Join("; ", run.Packages.Select(static package => $"{package.Key} {package.Value}")),
            $"worker {machine.WorkerRuntime}, {machine.WorkerVectorBits}-bit vectors, CPU {machine.WorkerCpu}",
            run.Devices);
    }

    /// <summary>What stands below it.</summary>
    internal static string Footing(RunResult run)
    {
        LoadFacts load = run.Load;
        string cpus = string.Join(", ", load.Busy.Select(cpu => $"CPU {cpu.Key} {cpu.Value:p0} busy, {load.Stolen[cpu.Key]:p1} stolen"));
        return string.Create(CultureInfo.InvariantCulture,
            $"core {load.MegahertzMedian:f0} MHz by calibration ({load.MegahertzMin:f0}-{load.MegahertzMax:f0}); {cpus}; load {load.LoadAverageBefore} before, "
            + $"{load.LoadAverageAfter} after; rejected: {load.RejectedRounds} rounds, {load.RejectedWindows} windows");
    }

    /// <summary>One block per scenario: medians with spread, ratios, marks.</summary>
    internal static string Body(RunResult run)
    {
        var text = new StringBuilder();
        foreach (ScenarioResult scenario in run.Scenarios)
            Append(text, scenario, run.Targets);
        int met = run.Targets.Count(static target => target.Met);
        if (run.Targets.Count != 0)
            text.Append(CultureInfo.InvariantCulture, $"targets: {met} of {run.Targets.Count} met\n");
        return text.ToString();
    }

    internal static string Line(ScenarioResult scenario, IReadOnlyList<TargetResult> targets)
    {
        var text = new StringBuilder();
        Append(text, scenario, targets);
        return text.ToString();
    }

    private static void Append(StringBuilder text, ScenarioResult scenario, IReadOnlyList<TargetResult> targets)
    {
        bool packets = scenario.Unit == "packets/s";
        text.Append(CultureInfo.InvariantCulture, $"{scenario.Name,-16} {scenario.Packets,7:n0}");
        foreach (Series series in scenario.Series)
        {
            double scale = packets ? 1e6 : 1;
            text.Append(CultureInfo.InvariantCulture, $"  {series.Name} {series.Median / scale:f2} ({series.Min / scale:f2}-{series.Max / scale:f2})");
        }
        text.Append(packets ? " Mpps" : $" {scenario.Unit}");
        if (!scenario.Quiet)
            text.Append("  DISTURBED");
        text.Append('\n');
        foreach (Ratio ratio in scenario.Ratios)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{"",24}  {ratio.Name,-17} {ratio.OfMedians:f2}  by round {ratio.MedianOfRounds:f2} ({ratio.Min:f2}-{ratio.Max:f2}){Mark(ratio.Name)}\n");
        }
        foreach (Series series in scenario.Series)
        {
            if (Mark(series.Name) is { Length: > 0 } mark)
                text.Append(CultureInfo.InvariantCulture, $"{"",24}  {series.Name,-17} {series.Median:f2} {scenario.Unit}{mark}\n");
        }
        foreach ((string name, string value) in scenario.Notes)
            text.Append(CultureInfo.InvariantCulture, $"{"",24}  {name}: {value}\n");

        string Mark(string what)
        {
            TargetResult? target = targets.FirstOrDefault(t => t.Scenario == scenario.Name && t.Packets == scenario.Packets && t.What == what);
            return target == null ? "" : $"  target {(target.AtLeast ? ">=" : "<=")} {target.Required:f2}  {(target.Met ? "pass" : "MISS")}";
        }
    }
}
