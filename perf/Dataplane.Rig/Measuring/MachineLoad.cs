using System.Globalization;

namespace Dataplane.Rig.Measuring;

/// <summary>How busy the machine was between two moments, this process included, by CPU.</summary>
internal sealed class MachineLoad
{
    private const int Idle = 3;
    private const int IoWait = 4;
    private const int Steal = 7;
    private const int Fields = 8;
    private readonly Dictionary<int, long[]> _start = Read(File.ReadAllText("/proc/stat"));

    /// <summary>Shares of time since construction: not idle, and stolen by the hypervisor.</summary>
    internal IReadOnlyDictionary<int, (double Busy, double Stolen)> Shares() => Shares(_start, Read(File.ReadAllText("/proc/stat")));

    /// <summary>The three load averages.</summary>
    internal static string LoadAverage => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);

    internal static Dictionary<int, (double Busy, double Stolen)> Shares(Dictionary<int, long[]> start, Dictionary<int, long[]> end)
    {
        var shares = new Dictionary<int, (double, double)>();
        foreach ((int cpu, long[] now) in end)
        {
            long[] then = start.GetValueOrDefault(cpu) ?? new long[Fields];
            double total = now.Sum() - then.Sum();
            double idle = now[Idle] + now[IoWait] - then[Idle] - then[IoWait];
            shares[cpu] = total <= 0 ? (0, 0) : (1 - idle / total, (now[Steal] - then[Steal]) / total);
        }
        return shares;
    }

    /// <summary>The lines "cpuN user nice system idle iowait irq softirq steal ..." of /proc/stat.</summary>
    internal static Dictionary<int, long[]> Read(string stat)
    {
        var cpus = new Dictionary<int, long[]>();
        foreach (string line in stat.Split('\n'))
        {
            if (!line.StartsWith("cpu", StringComparison.Ordinal) || line.Length < 4 || !char.IsAsciiDigit(line[3]))
                continue;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            cpus[int.Parse(words[0].AsSpan(3), CultureInfo.InvariantCulture)] =
                [.. words.Skip(1).Take(Fields).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
        }
        return cpus;
    }
}
