using System.Globalization;

namespace Dataplane.Host.Bench.Trials;

/// <summary>What was taken from threads that should never have to share their CPU, in microseconds.</summary>
/// <param name="WorkersWaited">Workers were ready to run and other threads ran (the kernel's schedstat).</param>
/// <param name="GeneratorWaited">The same of the calling thread.</param>
/// <param name="Stolen">The hypervisor ran something else on their CPUs; the kernel counts it in steps of 10 ms.</param>
internal readonly record struct CpuTime(double WorkersWaited, double GeneratorWaited, double Stolen)
{
    private const string AllowedKey = "Cpus_allowed_list:";
    private const double MicrosecondsPerNanosecond = 1e-3;
    private const double MicrosecondsPerTick = 10_000;
    private const int StealColumn = 8;

    /// <summary>Reads it.</summary>
    /// <param name="workerCores">CPUs of the workers, which are pinned to one each, and no other thread of this process is.</param>
    /// <param name="generatorCore">CPU of the generator; null when it is not pinned.</param>
    public static CpuTime Read(IReadOnlyCollection<int> workerCores, int? generatorCore)
    {
        string[] names = [.. workerCores.Select(static core => core.ToString(CultureInfo.InvariantCulture))];
        double workers = names.Length == 0 ? 0 : Directory.EnumerateDirectories("/proc/self/task")
            .Where(task => names.Contains(Allowed(Path.Combine(task, "status"))))
            .Sum(static task => RunDelay(Path.Combine(task, "schedstat")));
        return new CpuTime(workers, RunDelay("/proc/thread-self/schedstat"), Steal([.. workerCores, .. generatorCore is { } core ? [core] : Array.Empty<int>()]));
    }

    /// <summary>What was taken since an earlier reading.</summary>
    public CpuTime Since(CpuTime earlier) => new(
        WorkersWaited - earlier.WorkersWaited, GeneratorWaited - earlier.GeneratorWaited, Stolen - earlier.Stolen);

    private static string Allowed(string status) =>
        Lines(status).FirstOrDefault(static line => line.StartsWith(AllowedKey, StringComparison.Ordinal))?[AllowedKey.Length..].Trim() ?? "";

    private static double RunDelay(string schedstat)
    {
        string[] words = Lines(schedstat).FirstOrDefault()?.Split(' ') ?? [];
        return words.Length > 1 && ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong nanoseconds)
            ? nanoseconds * MicrosecondsPerNanosecond : 0;
    }

    private static double Steal(IEnumerable<int> cores)
    {
        HashSet<string> names = [.. cores.Select(static core => $"cpu{core}")];
        return Lines("/proc/stat").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > StealColumn && names.Contains(words[0]))
            .Sum(static words => double.Parse(words[StealColumn], CultureInfo.InvariantCulture) * MicrosecondsPerTick);
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return []; // the thread has ended meanwhile, or the kernel does not tell
        }
    }
}
