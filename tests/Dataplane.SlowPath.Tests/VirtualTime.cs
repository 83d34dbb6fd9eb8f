namespace Dataplane.SlowPath.Tests;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private long _ticks = 1_000;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    internal void Move(TimeSpan by) => _ticks += by.Ticks;
}
