namespace Dataplane.Host.Bench.Trials;

/// <summary>One trial, as it goes into <c>result.json</c>. Rates are in frames per second.</summary>
internal sealed record TrialResult
{
    /// <summary>What it was for: maximum, search, rate, latency, stages.</summary>
    public required string Purpose { get; init; }

    /// <summary>The rate that was asked for; null for maximum and for capture times.</summary>
    public required double? RequestedPps { get; init; }

    /// <summary>The rate that the generator reached.</summary>
    public required double OfferedPps { get; init; }

    /// <summary>Test frames that came out, per second of sending.</summary>
    public required double ReceivedPps { get; init; }

    /// <summary>Seconds of sending.</summary>
    public required double Seconds { get; init; }

    /// <summary>Frames offered.</summary>
    public required ulong Offered { get; init; }

    /// <summary>Test frames that came out.</summary>
    public required ulong Received { get; init; }

    /// <summary>Frames lost, those that the configuration does not forward left out.</summary>
    public required ulong Lost { get; init; }

    /// <summary>Of the lost frames, those that the receive queue of the device under test did not take.</summary>
    public required ulong Refused { get; init; }

    /// <summary><see cref="Lost"/> as a share of <see cref="Offered"/>.</summary>
    public required double LossShare { get; init; }

    /// <summary>Frames that came out behind one sent later.</summary>
    public required ulong Reordered { get; init; }

    /// <summary>Frames that came out and were none of the test's.</summary>
    public required ulong OtherFrames { get; init; }

    /// <summary>What the trial says.</summary>
    public required TrialVerdict Verdict { get; init; }

    /// <summary>What was remarkable, whole clauses.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>Longest time in microseconds in which the generator did nothing.</summary>
    public required double GeneratorAway { get; init; }

    /// <summary>Longest time in microseconds between two turns of a worker; null when it is not in this process.</summary>
    public required double? WorkerAway { get; init; }

    /// <summary>Time in microseconds that the workers waited for a CPU (the kernel's schedstat); null likewise.</summary>
    public required double? WorkerWaited { get; init; }

    /// <summary>Time in microseconds that the generator waited for a CPU.</summary>
    public required double GeneratorWaited { get; init; }

    /// <summary>Time in microseconds that the hypervisor took from their CPUs.</summary>
    public required double Stolen { get; init; }

    /// <summary>The datapath's own counters; null when it is not in this process.</summary>
    public required DatapathLedger? Datapath { get; init; }

    /// <summary>Whether generator, datapath and analyser agree to the frame; null where they cannot be compared.</summary>
    public required bool? Reconciled { get; init; }

    /// <summary>Latencies; null when no frame had a mark.</summary>
    public required LatencySummary? Latency { get; init; }
}
