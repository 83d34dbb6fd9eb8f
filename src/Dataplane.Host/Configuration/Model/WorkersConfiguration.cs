namespace Dataplane.Host.Configuration;

/// <summary>The threads that forward.</summary>
internal sealed record WorkersConfiguration
{
    /// <summary>Which runtime the workers run in.</summary>
    public required WorkerRuntime Runtime { get; init; }

    /// <summary>CPU cores, one worker pinned to each; at least one, no core twice.</summary>
    public required IReadOnlyList<int> Cores { get; init; }

    /// <summary>Most packets taken from a queue at once, 4 to 64.</summary>
    public required int Burst { get; init; }

    /// <summary>What a worker does when there is nothing to do.</summary>
    public required IdleConfiguration Idle { get; init; }
}

/// <summary>Which runtime the workers run in (ADR-0001).</summary>
internal enum WorkerRuntime
{
    /// <summary>The NativeAOT library's own, which the host's garbage collector never stops.</summary>
    Isolated,

    /// <summary>The host's: for tests and debugging.</summary>
    InProcess,
}

/// <summary>What a worker does when there is nothing to do.</summary>
internal sealed record IdleConfiguration
{
    /// <summary>How far it steps back.</summary>
    public required IdlePolicy Policy { get; init; }

    /// <summary>Empty polls in a row before it steps back at all.</summary>
    public required int SpinLoops { get; init; }

    /// <summary>Longest sleep in microseconds; sleeps grow up to it while nothing arrives.</summary>
    public required int MaxSleepMicroseconds { get; init; }
}

/// <summary>How far an idle worker steps back.</summary>
internal enum IdlePolicy
{
    /// <summary>Not at all: polls at full speed.</summary>
    Spin,

    /// <summary>Polls with the CPU's pause instruction in between.</summary>
    Pause,

    /// <summary>Sleeps, ever longer up to a bound.</summary>
    Sleep,
}
