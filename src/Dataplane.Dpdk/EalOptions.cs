namespace Dataplane.Dpdk;

/// <summary>Where DPDK's memory comes from.</summary>
public enum HugePageUse
{
    /// <summary>2 MiB pages when enough of them are free, else ordinary pages with a warning.</summary>
    Prefer,

    /// <summary>Huge pages, or the start fails.</summary>
    Require,

    /// <summary>Ordinary pages: slower, and enough for tests. Physical devices cannot use them.</summary>
    Never,
}

/// <summary>How to start DPDK's environment (EAL). The defaults suit virtual devices on one machine.</summary>
public sealed record EalOptions
{
    /// <summary>Memory for pools, rings and zones, in MiB, taken whole at the start.</summary>
    public int MemoryMib { get; init; } = 256;

    /// <summary>Where that memory comes from.</summary>
    public HugePageUse HugePages { get; init; } = HugePageUse.Prefer;

    /// <summary>The CPU that EAL counts as its own; its thread exits after the start, so the CPU stays free. Control
    /// threads of drivers run on the others when there are any. Default: the first the process may run on.</summary>
    public int? MainCpu { get; init; }

    /// <summary>PCI addresses ("0000:03:00.0") that DPDK may take. None: the PCI bus is not even looked at.</summary>
    public IReadOnlyList<string> PciDevices { get; init; } = [];

    /// <summary>Widest vectors drivers may use, in bits: 64, 128, 256 or 512. DPDK alone stops at 256.</summary>
    public int MaxSimdBitwidth { get; init; } = 512;

    /// <summary>Least severe message that DPDK logs: "error", "warning", "notice", "info", "debug", or "type:level".</summary>
    public string LogLevel { get; init; } = "notice";

    /// <summary>Names this process among the DPDK processes of the machine. Default: unique.</summary>
    public string? FilePrefix { get; init; }

    /// <summary>Further EAL options, one element per word. Those that a property above stands for, and those that
    /// end the process (help), are refused.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>Receives warnings, whole sentences, on the thread that starts EAL.</summary>
    public Action<string>? Warn { get; init; }
}
