using Dataplane.Host.Bench.Traffic;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Bench;

/// <summary>How generator, device under test and analyser are connected.</summary>
internal enum Arrangement
{
    /// <summary>All in one process: the generator feeds the datapath's own ports through rings in memory.</summary>
    SelfContained,

    /// <summary>The datapath of this process on its configured devices, the generator on a pair of its own.</summary>
    PortPair,

    /// <summary>The generator on a pair of ports, the device under test somewhere else.</summary>
    External,
}

/// <summary>What to measure.</summary>
internal sealed record BenchRequest
{
    /// <summary>How things are connected.</summary>
    public required Arrangement Arrangement { get; init; }

    /// <summary>The device under test; null when it is elsewhere.</summary>
    public required DataplaneConfiguration? Configuration { get; init; }

    /// <summary>The capture; its ports are rows of the configuration.</summary>
    public required IReadOnlyList<CapturedFrame> Frames { get; init; }

    /// <summary>Frame sizes; at least one.</summary>
    public required IReadOnlyList<FrameSize> Sizes { get; init; }

    /// <summary>The rate to offer; null to search for the non-drop rate.</summary>
    public required RateRequest? Rate { get; init; }

    /// <summary>Searches, or trials at the rate.</summary>
    public required int Trials { get; init; }

    /// <summary>Length of a trial; null for one pass over the capture.</summary>
    public required TimeSpan? Duration { get; init; }

    /// <summary>Traffic before the trials of each frame size.</summary>
    public required TimeSpan RampUp { get; init; }

    /// <summary>Share of frames that may be lost in a trial that passes.</summary>
    public required double AllowedLoss { get; init; }

    /// <summary>Share of the rate at which a search stops.</summary>
    public required double Resolution { get; init; }

    /// <summary>No search goes above it; null for no bound.</summary>
    public required RateRequest? MaxRate { get; init; }

    /// <summary>Loads at which latency is measured, shares of the non-drop rate.</summary>
    public required IReadOnlyList<double> LatencyLoads { get; init; }

    /// <summary>Device that the generator sends on; null when self-contained.</summary>
    public required PortDevice? TxPort { get; init; }

    /// <summary>Device that frames come back on; null when self-contained, or the same as <see cref="TxPort"/>.</summary>
    public required PortDevice? RxPort { get; init; }

    /// <summary>CPU of generator and analyser; null to choose.</summary>
    public required int? GeneratorCore { get; init; }

    /// <summary>Frames that a receive queue of the datapath holds when self-contained.</summary>
    public required int RingFrames { get; init; }
}
