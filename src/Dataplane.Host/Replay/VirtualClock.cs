namespace Dataplane.Host.Replay;

/// <summary>Time as the captures tell it, in nanoseconds since 1970-01-01 UTC; it only goes forward.</summary>
internal sealed class VirtualClock(ulong startNanoseconds) : TimeProvider
{
    /// <summary>Ticks per second of <see cref="Now"/>.</summary>
    public const ulong Hz = 1_000_000_000;

    private const long NanosecondsPerTick = 100;

    /// <summary>The time.</summary>
    public ulong Now { get; private set; } = startNanoseconds;

    /// <inheritdoc/>
    public override long TimestampFrequency => (long)Hz;

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)Now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks((long)Now / NanosecondsPerTick);

    /// <summary>Moves to a time; an earlier one changes nothing.</summary>
    public void AdvanceTo(ulong nanoseconds) => Now = Math.Max(Now, nanoseconds);
}
