using System.Globalization;

namespace Dataplane.Dpdk;

/// <summary>What there is of huge pages after an attempt to reserve some.</summary>
/// <param name="RequestedMib">What was asked for, in MiB.</param>
/// <param name="FreeMib">What is free now, in MiB.</param>
/// <param name="AddedMib">By how much this attempt raised the machine's reservation.</param>
/// <param name="Problem">Why there is less than asked for; null when there is enough.</param>
public sealed record HugePageReservation(int RequestedMib, int FreeMib, int AddedMib, string? Problem)
{
    /// <summary>Whether at least as much as asked for is free.</summary>
    public bool IsEnough => FreeMib >= RequestedMib;
}

/// <summary>The machine's reservation of 2 MiB pages (/sys/kernel/mm/hugepages/hugepages-2048kB).</summary>
public static class HugePages
{
    private const string Pool = "/sys/kernel/mm/hugepages/hugepages-2048kB";
    private const int PageMib = 2;

    /// <summary>2 MiB pages that are reserved and not in use, in MiB; 0 when the kernel has none.</summary>
    public static int FreeMib => Read(Pool, "free_hugepages") is { } pages ? (int)Math.Min(pages * PageMib, int.MaxValue) : 0;

    /// <summary>Raises the machine's reservation until <paramref name="mib"/> MiB are free, as far as the kernel finds
    /// memory in one piece. Never lowers it; the pages stay reserved after the process. Needs root.</summary>
    public static HugePageReservation TryReserve(int mib) => TryReserve(mib, Pool);

    internal static HugePageReservation TryReserve(int mib, string pool)
    {
        if (Read(pool, "nr_hugepages") is not { } before || Read(pool, "free_hugepages") is not { } free)
            return new HugePageReservation(mib, 0, 0, "this kernel has no huge pages of 2 MiB");
        long missing = (mib + PageMib - 1) / PageMib - free;
        if (missing <= 0)
            return new HugePageReservation(mib, (int)(free * PageMib), 0, null);
        try
        {
            string wanted = (before + missing).ToString(CultureInfo.InvariantCulture);
            File.WriteAllText(Path.Combine(pool, "nr_hugepages"), wanted);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new HugePageReservation(mib, (int)(free * PageMib), 0, $"{pool}/nr_hugepages cannot be written: {problem.Message}");
        }
        long after = Read(pool, "nr_hugepages") ?? before;
        free = Read(pool, "free_hugepages") ?? 0;
        int freeMib = (int)(free * PageMib);
        string? shortage = freeMib >= mib
            ? null
            : $"the kernel found memory for {freeMib} of {mib} MiB: free memory, or reserve huge pages right after boot";
        return new HugePageReservation(mib, freeMib, (int)(Math.Max(0, after - before) * PageMib), shortage);
    }

    private static long? Read(string pool, string file)
    {
        try
        {
            string text = File.ReadAllText(Path.Combine(pool, file));
            return long.TryParse(text, NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long value) ? value : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
