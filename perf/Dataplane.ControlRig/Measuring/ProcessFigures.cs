using System.Globalization;

namespace Dataplane.ControlRig.Measuring;

/// <summary>What the kernel tells of a process.</summary>
/// <param name="ResidentBytes">Memory now.</param>
/// <param name="PeakBytes">The most it ever was.</param>
/// <param name="CpuSeconds">Time on CPUs so far, both in user and kernel mode.</param>
internal readonly record struct ProcessFigures(long ResidentBytes, long PeakBytes, double CpuSeconds)
{
    private const double TicksPerSecond = 100;

    internal static ProcessFigures Of(int processId)
    {
        long resident = 0, peak = 0;
        foreach (string line in File.ReadLines($"/proc/{processId}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                resident = Kibibytes(line);
            else if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                peak = Kibibytes(line);
        }
        string[] words = File.ReadAllText($"/proc/{processId}/stat").Split(") ")[^1].Split(' ');
        double ticks = double.Parse(words[11], CultureInfo.InvariantCulture) + double.Parse(words[12], CultureInfo.InvariantCulture);
        return new ProcessFigures(resident, peak, ticks / TicksPerSecond);

        static long Kibibytes(string line) => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }
}
