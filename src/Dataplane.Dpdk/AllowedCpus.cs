using System.Globalization;

namespace Dataplane.Dpdk;

/// <summary>The CPUs that this process may run on.</summary>
public static class AllowedCpus
{
    /// <summary>Their numbers in ascending order, as /proc/self/status lists them for the thread that started the
    /// process.</summary>
    public static IReadOnlyList<int> Read()
    {
        const string Key = "Cpus_allowed_list:";
        foreach (string line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith(Key, StringComparison.Ordinal))
                return Parse(line[Key.Length..].Trim());
        return [0];
    }

    /// <summary>Numbers of a kernel list such as "0-3,8".</summary>
    internal static IReadOnlyList<int> Parse(string list)
    {
        List<int> cpus = [];
        foreach (string range in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            int first = int.Parse(ends[0], CultureInfo.InvariantCulture);
            int last = int.Parse(ends[^1], CultureInfo.InvariantCulture);
            for (int cpu = first; cpu <= last; cpu++)
                cpus.Add(cpu);
        }
        return cpus;
    }
}
