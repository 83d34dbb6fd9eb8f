namespace Dataplane.Host.Bench.Trials;

/// <summary>What a trial says about the device under test.</summary>
internal enum TrialVerdict
{
    /// <summary>It lost no more than is allowed.</summary>
    Passed,

    /// <summary>It lost more.</summary>
    Lost,

    /// <summary>The generator did not reach the rate: says nothing about the device.</summary>
    GeneratorShort,

    /// <summary>The machine took the CPU from generator or worker, and frames were lost meanwhile: worth another try.</summary>
    Disturbed,

    /// <summary>It was ended early.</summary>
    Interrupted,
}
