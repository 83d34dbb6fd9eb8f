using System.Security.Cryptography;

namespace Dataplane.Host.Bench;

/// <summary>What the machine and files say about themselves.</summary>
internal static class BenchMachine
{
    private const string Unknown = "unknown";

    /// <summary>Model of the CPU, as the kernel names it.</summary>
    public static string Cpu() => CpuLine("model name") ?? Unknown;

    /// <summary>Whether a hypervisor is beneath.</summary>
    public static bool IsVirtual() => CpuLine("flags")?.Split(' ').Contains("hypervisor") ?? false;

    /// <summary>Name and version of the kernel.</summary>
    public static string Kernel()
    {
        try
        {
            return $"{File.ReadAllText("/proc/sys/kernel/ostype").Trim()} {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}";
        }
        catch (IOException)
        {
            return Unknown;
        }
    }

    /// <summary>The exact command line, quoted for a shell where needed.</summary>
    public static string CommandLine() => string.Join(' ', Environment.GetCommandLineArgs().Select(Quote));

    /// <summary>A file with the digest of its content.</summary>
    public static FileResult Digest(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return new FileResult(file, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private static string Quote(string word) => word.Length > 0 && word.All(static c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+@%".Contains(c, StringComparison.Ordinal))
        ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string? CpuLine(string key)
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
