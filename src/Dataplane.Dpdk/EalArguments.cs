using System.Globalization;

namespace Dataplane.Dpdk;

/// <summary>
/// EAL's command line. EAL's own parser prints its usage, leaves half of the options applied, and for some words
/// calls exit(): what can be known beforehand is refused here, in words.
/// </summary>
internal static class EalArguments
{
    /// <summary>Options that a property of <see cref="EalOptions"/> stands for, by their full name.</summary>
    private static readonly Dictionary<string, string> Owned = new(StringComparer.Ordinal)
    {
        ["-c"] = nameof(EalOptions.MainCpu),
        ["-l"] = nameof(EalOptions.MainCpu),
        ["--lcores"] = nameof(EalOptions.MainCpu),
        ["--main-lcore"] = nameof(EalOptions.MainCpu),
        ["-m"] = nameof(EalOptions.MemoryMib),
        ["--socket-mem"] = nameof(EalOptions.MemoryMib),
        ["--no-huge"] = nameof(EalOptions.HugePages),
        ["--in-memory"] = nameof(EalOptions.HugePages),
        ["--no-shconf"] = nameof(EalOptions.HugePages),
        ["--huge-dir"] = nameof(EalOptions.HugePages),
        ["--huge-unlink"] = nameof(EalOptions.HugePages),
        ["--legacy-mem"] = nameof(EalOptions.HugePages),
        ["--single-file-segments"] = nameof(EalOptions.HugePages),
        ["-a"] = nameof(EalOptions.PciDevices),
        ["--allow"] = nameof(EalOptions.PciDevices),
        ["-b"] = nameof(EalOptions.PciDevices),
        ["--block"] = nameof(EalOptions.PciDevices),
        ["--no-pci"] = nameof(EalOptions.PciDevices),
        ["--force-max-simd-bitwidth"] = nameof(EalOptions.MaxSimdBitwidth),
        ["--file-prefix"] = nameof(EalOptions.FilePrefix),
    };

    private static readonly string[] LogLevels =
        ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug", "1", "2", "3", "4", "5", "6", "7", "8"];

    private const string LogLevelAdvice =
        "Give error, warning, notice, info or debug, or one of these for some of DPDK's log types: lib.eal:debug.";

    /// <summary>Options that stay, with whether a value follows.</summary>
    private static readonly Dictionary<string, bool> Allowed = new(StringComparer.Ordinal)
    {
        ["-d"] = true,
        ["-n"] = true,
        ["-r"] = true,
        ["--base-virtaddr"] = true,
        ["--create-uio-dev"] = false,
        ["--iova-mode"] = true,
        ["--log-level"] = true,
        ["--match-allocations"] = false,
        ["--mbuf-pool-ops-name"] = true,
        ["--no-hpet"] = false,
        ["--socket-limit"] = true,
        ["--syslog"] = true,
        ["--vfio-intr"] = true,
        ["--vfio-vf-token"] = true,
        ["--vmware-tsc-map"] = false,
    };

    /// <summary>The command line, program name first.</summary>
    /// <exception cref="DpdkException">An option that EAL would not take, or that would end the process.</exception>
    internal static List<string> Build(EalOptions options, int mainCpu, bool hugePages)
    {
        Check(options);
        List<string> arguments =
        [
            "dataplane",
            // Lcore 0 on that CPU: lcore ids stop at 127, CPU numbers need not.
            "--lcores", string.Create(CultureInfo.InvariantCulture, $"0@{mainCpu}"),
            "-m", options.MemoryMib.ToString(CultureInfo.InvariantCulture),
            "--file-prefix", options.FilePrefix ?? string.Create(CultureInfo.InvariantCulture, $"dataplane-{Environment.ProcessId}"),
            "--no-telemetry",
            "--force-max-simd-bitwidth", options.MaxSimdBitwidth.ToString(CultureInfo.InvariantCulture),
            "--log-level", options.LogLevel,
        ];
        // Either way nothing is left in a file system: --in-memory implies --no-shconf, and EAL refuses it with --no-huge.
        // vhost-user hands memory to its peer file by file, at most eight of them.
        arguments.AddRange(hugePages ? ["--in-memory", "--single-file-segments"] : ["--no-huge", "--no-shconf"]);
        if (options.PciDevices.Count == 0)
        {
            arguments.Add("--no-pci");
            // Virtual devices copy; without this, root gets physical addresses and needs them for every page.
            if (!options.ExtraArguments.Any(word => word.StartsWith("--iova-mode", StringComparison.Ordinal)))
                arguments.AddRange(["--iova-mode", "va"]);
        }
        foreach (string device in options.PciDevices)
            arguments.AddRange(["-a", device]);
        arguments.AddRange(options.ExtraArguments);
        return arguments;
    }

    private static void Check(EalOptions options)
    {
        if (options.MemoryMib is < 16 or > 1 << 20)
            throw Refused($"memory of {options.MemoryMib} MiB", "Give between 16 and 1048576 MiB.");
        if (options.MaxSimdBitwidth is not (64 or 128 or 256 or 512))
            throw Refused($"a SIMD width of {options.MaxSimdBitwidth} bits", "Give 64, 128, 256 or 512.");
        if (!IsLogLevel(options.LogLevel))
            throw Refused($"log level '{options.LogLevel}'", LogLevelAdvice);
        if (options.FilePrefix is { } prefix && (prefix.Length is 0 or > 64 || prefix.AsSpan().ContainsAny("/% ")))
            throw Refused($"file prefix '{prefix}'", "Give 1 to 64 characters without '/', '%' and space.");
        foreach (string device in options.PciDevices)
            if (!PciAddress.IsMatch(device))
                throw Refused($"PCI device '{device}'", "Give an address like 0000:03:00.0.");
        CheckExtra(options.ExtraArguments);
    }

    private static void CheckExtra(IReadOnlyList<string> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            string name = equals > 0 ? word[..equals] : word;
            if (Owned.TryGetValue(name, out string? property))
                throw Refused($"option '{word}'", $"Set {nameof(EalOptions)}.{property} instead.");
            if (!Allowed.TryGetValue(name, out bool takesValue))
                throw Refused(
                    $"option '{word}'",
                    $"Options here are, in full: {string.Join(' ', Allowed.Keys.Order(StringComparer.Ordinal))}; a short option and its value are two words.");
            if (equals > 0 && !takesValue)
                throw Refused($"option '{word}'", $"{name} takes no value.");
            if (!takesValue)
                continue;
            if (equals < 0 && ++i == words.Count)
                throw Refused($"option '{word}'", "Its value is missing.");
            string value = equals > 0 ? word[(equals + 1)..] : words[i];
            if (name == "--log-level" && !IsLogLevel(value))
                throw Refused($"option '{word}'", LogLevelAdvice);
        }
    }

    /// <summary>EAL ignores a level it does not know, and ends the process after printing a list for "help".</summary>
    private static bool IsLogLevel(string level)
    {
        int colon = level.LastIndexOf(':');
        return colon != 0 && LogLevels.Contains(level[(colon + 1)..]);
    }

    private static DpdkException Refused(string what, string advice) =>
        new($"EAL cannot be started with {what}. {advice}", Errno.Invalid);
}
