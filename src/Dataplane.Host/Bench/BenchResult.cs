using Dataplane.Host.Bench.Trials;

namespace Dataplane.Host.Bench;

/// <summary>Everything that a bench found, as <c>result.json</c> holds it; the page shows a part of it. Rates are in frames
/// per second, times in microseconds, frame sizes with FCS.</summary>
internal sealed record BenchResult
{
    /// <summary>Version of this form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>False when it was ended before everything was measured.</summary>
    public required bool Complete { get; init; }

    /// <summary>How it was made.</summary>
    public required BenchCircumstances Circumstances { get; init; }

    /// <summary>By frame size, in the order asked for.</summary>
    public required IReadOnlyList<SizeResult> Sizes { get; init; }

    /// <summary>What was doubtful, whole sentences.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>What a result depends on.</summary>
internal sealed record BenchCircumstances
{
    /// <summary>The exact command line.</summary>
    public required string Command { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>Commit of its sources; empty when unknown.</summary>
    public required string Commit { get; init; }

    /// <summary>Version of DPDK.</summary>
    public required string Dpdk { get; init; }

    /// <summary>Devices with their drivers.</summary>
    public required IReadOnlyList<DeviceResult> Devices { get; init; }

    /// <summary>Whether no device was a physical one.</summary>
    public required bool VirtualDevices { get; init; }

    /// <summary>self-contained, port-pair or external.</summary>
    public required string Arrangement { get; init; }

    /// <summary>Model of the CPU.</summary>
    public required string Cpu { get; init; }

    /// <summary>CPUs of this machine.</summary>
    public required int Cpus { get; init; }

    /// <summary>Rate of the time stamp counter in MHz.</summary>
    public required double ClockMhz { get; init; }

    /// <summary>The kernel.</summary>
    public required string Kernel { get; init; }

    /// <summary>Whether a hypervisor is beneath.</summary>
    public required bool VirtualMachine { get; init; }

    /// <summary>Whether packets were on huge pages.</summary>
    public required bool HugePages { get; init; }

    /// <summary>CPU of generator and analyser; null when not pinned.</summary>
    public required int? GeneratorCore { get; init; }

    /// <summary>CPUs of the workers; empty when they are elsewhere.</summary>
    public required IReadOnlyList<int> WorkerCores { get; init; }

    /// <summary>Runtime of the workers, width of their vectors, what they do when idle; null when they are elsewhere.</summary>
    public required string? Workers { get; init; }

    /// <summary>The configuration; null when the device under test is elsewhere.</summary>
    public required FileResult? Configuration { get; init; }

    /// <summary>The captures.</summary>
    public required IReadOnlyList<FileResult> Captures { get; init; }

    /// <summary>search or rate.</summary>
    public required string Method { get; init; }

    /// <summary>The rate asked for; null for a search.</summary>
    public required string? Rate { get; init; }

    /// <summary>Seconds of a trial; null for a pass over the capture.</summary>
    public required double? TrialSeconds { get; init; }

    /// <summary>Seconds of traffic before the trials of a frame size.</summary>
    public required double RampUpSeconds { get; init; }

    /// <summary>Share that a trial may lose.</summary>
    public required double AllowedLoss { get; init; }

    /// <summary>Share of the rate at which a search stops.</summary>
    public required double Resolution { get; init; }

    /// <summary>Frames that a receive queue holds; null when the devices decide.</summary>
    public required int? RingFrames { get; init; }
}

/// <summary>A device that took part.</summary>
/// <param name="Role">Whose it is.</param>
/// <param name="Device">Its name.</param>
/// <param name="Driver">Its driver.</param>
internal sealed record DeviceResult(string Role, string Device, string Driver);

/// <summary>A file that the result depends on.</summary>
/// <param name="File">As it was named.</param>
/// <param name="Sha256">Of its content, hexadecimal.</param>
internal sealed record FileResult(string File, string Sha256);

/// <summary>What was found for a frame size.</summary>
internal sealed record SizeResult
{
    /// <summary>64, imix, captured.</summary>
    public required string Size { get; init; }

    /// <summary>Mean frame size.</summary>
    public required double MeanOctets { get; init; }

    /// <summary>Different frames sent in turn.</summary>
    public required int Frames { get; init; }

    /// <summary>Of these, those with room for a mark.</summary>
    public required int StampedFrames { get; init; }

    /// <summary>Frames of the capture that could not be resized.</summary>
    public required int LeftOut { get; init; }

    /// <summary>Frames offered as fast as possible; null when it was not tried.</summary>
    public required TrialResult? Maximum { get; init; }

    /// <summary>Searches; empty for a rate given.</summary>
    public required IReadOnlyList<SearchResult> Searches { get; init; }

    /// <summary>Trials at the rate given; empty for searches.</summary>
    public required IReadOnlyList<TrialResult> Trials { get; init; }

    /// <summary>Over searches or trials; null before the first has ended.</summary>
    public required ThroughputResult? Throughput { get; init; }

    /// <summary>Latency by load.</summary>
    public required IReadOnlyList<LatencyResult> Latency { get; init; }

    /// <summary>Cycles by stage; null when they were not measured.</summary>
    public required StagesResult? Stages { get; init; }
}

/// <summary>One search.</summary>
/// <param name="Pps">The non-drop rate.</param>
/// <param name="Bound">What that is.</param>
/// <param name="Trials">All its trials, those at the rate included.</param>
internal sealed record SearchResult(double Pps, NdrBound Bound, IReadOnlyList<TrialResult> Trials);

/// <summary>Median and spread of searches or trials.</summary>
/// <param name="MedianPps">Median rate.</param>
/// <param name="MinPps">Lowest.</param>
/// <param name="MaxPps">Highest.</param>
/// <param name="MedianGbps">Median in Gbit/s of frames, FCS included.</param>
/// <param name="LineGbps">The same with preamble and gap, as on Ethernet.</param>
/// <param name="Bound">What the rate is: found, or at least; null for a rate given.</param>
/// <param name="Count">Searches or trials that count.</param>
/// <param name="NotCounted">Trials that say nothing about the device: the generator was short, or the machine busy.</param>
/// <param name="WorstLossShare">Largest share lost in a trial; null for searches.</param>
internal sealed record ThroughputResult(
    double MedianPps, double MinPps, double MaxPps, double MedianGbps, double LineGbps, NdrBound? Bound, int Count, int NotCounted,
    double? WorstLossShare);

/// <summary>Latency at a load.</summary>
/// <param name="Load">Share of the non-drop rate; null for a rate given.</param>
/// <param name="Trial">The trial.</param>
internal sealed record LatencyResult(double? Load, TrialResult Trial);

/// <summary>What the stages of the workers took.</summary>
/// <param name="CyclesPerPacket">All stages together, in ticks of the time stamp counter.</param>
/// <param name="PacketsPerBurst">Mean length of a burst.</param>
/// <param name="ClockCycles">What one reading of the clock took; subtracted.</param>
/// <param name="CapacityPps">Rate at which the stages alone would fill one worker's time.</param>
/// <param name="Stages">Each stage.</param>
/// <param name="Trial">The trial in which they were measured.</param>
internal sealed record StagesResult(
    double CyclesPerPacket, double PacketsPerBurst, double ClockCycles, double CapacityPps, IReadOnlyList<StageResult> Stages, TrialResult Trial);

/// <summary>One stage.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="CyclesPerPacket">Ticks, over all packets received.</param>
/// <param name="Packets">Packets that entered it.</param>
internal sealed record StageResult(string Stage, double CyclesPerPacket, ulong Packets);
