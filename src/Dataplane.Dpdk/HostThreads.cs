using System.Globalization;
using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>
/// Where the process's other threads may run. A poll-mode worker shares its CPU with nobody: collector, thread pool and
/// DPDK's control threads stay on the rest.
/// </summary>
public static partial class HostThreads
{
    private const int MaskWords = 16;
    private const int BitsPerWord = 64;
    private const int Rounds = 3;

    /// <summary>
    /// Moves every thread of the process off the given CPUs; threads born later inherit that from their creators. Call it
    /// before workers start: they pin themselves. Does nothing when no other CPU is left.
    /// </summary>
    /// <param name="cpus">CPUs of the workers, 0 to 1023.</param>
    /// <returns>The CPUs left to the others, empty when none is and nothing was done.</returns>
    public static IReadOnlyList<int> KeepOff(IReadOnlyCollection<int> cpus)
    {
        ArgumentNullException.ThrowIfNull(cpus);
        List<int> rest = [.. AllowedCpus.Read().Except(cpus).Where(static cpu => cpu < MaskWords * BitsPerWord)];
        if (rest.Count != 0)
            Allow(rest);
        return rest;
    }

    /// <summary>Lets every thread of the process run on the given CPUs and on no others.</summary>
    internal static unsafe void Allow(IReadOnlyCollection<int> cpus)
    {
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        foreach (int cpu in cpus)
            mask[cpu / BitsPerWord] |= 1UL << (cpu % BitsPerWord);
        // A thread may be born of one not yet moved while the list is read: read it again.
        for (int round = 0; round < Rounds; round++)
        {
            foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
            {
                int thread = int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture);
                // A thread that has ended meanwhile needs no CPU.
                _ = SetAffinity(thread, MaskWords * sizeof(ulong), mask);
            }
        }
    }

    /// <summary>sched_setaffinity(2): 0, or -1 when the thread is gone or the mask has no CPU of ours.</summary>
    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static unsafe partial int SetAffinity(int thread, nint maskBytes, ulong* mask);
}
