namespace Dataplane.Host.Configuration;

/// <summary>What DPDK's environment abstraction layer is started with.</summary>
internal sealed record EalConfiguration
{
    /// <summary>Memory for buffers and tables, in MiB.</summary>
    public required int MemoryMib { get; init; }

    /// <summary>Whether huge pages back that memory.</summary>
    public required HugePages HugePages { get; init; }

    /// <summary>The CPU core of the main thread, which does no forwarding.</summary>
    public required int MainCore { get; init; }

    /// <summary>Widest vector instructions that drivers may use, in bits: 64 (none), 128, 256 or 512.</summary>
    public required int MaxSimdBitwidth { get; init; }

    /// <summary>Further EAL arguments, one option or value each, appended as they are.</summary>
    public required IReadOnlyList<string> ExtraArguments { get; init; }
}

/// <summary>Use of huge pages.</summary>
internal enum HugePages
{
    /// <summary>When the machine has them; otherwise ordinary pages and a warning.</summary>
    Auto,

    /// <summary>Without them the program does not start.</summary>
    Required,

    /// <summary>Ordinary pages always.</summary>
    Never,
}
