using System.Globalization;

namespace Dataplane.Rig.Measuring;

/// <summary>What the kernel says about threads of this process.</summary>
internal static class Threads
{
    /// <summary>Kernel's numbers of all threads.</summary>
    internal static IEnumerable<int> List()
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc/self/task"))
            yield return int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a thread may run on one CPU and no other; false when it is gone.</summary>
    internal static bool IsPinnedTo(int thread, int cpu)
    {
        try
        {
            const string Allowed = "Cpus_allowed_list:";
            foreach (string line in File.ReadLines($"/proc/self/task/{thread}/status"))
            {
                if (line.StartsWith(Allowed, StringComparison.Ordinal))
                    return line.AsSpan(Allowed.Length).Trim().SequenceEqual(cpu.ToString(CultureInfo.InvariantCulture));
            }
        }
        catch (IOException)
        {
        }
        return false;
    }

    /// <summary>Nanoseconds that a thread was ready to run and had no CPU, so far.</summary>
    internal static long WaitedNanoseconds(int thread) => ParseWaited(File.ReadAllText($"/proc/self/task/{thread}/schedstat"));

    /// <summary>Second number of a schedstat line: time on the CPU, time on the run queue, slices.</summary>
    internal static long ParseWaited(string schedstat) => long.Parse(schedstat.Split(' ')[1], CultureInfo.InvariantCulture);
}
