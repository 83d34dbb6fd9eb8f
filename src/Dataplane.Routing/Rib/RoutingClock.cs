namespace Dataplane.Routing.Rib;

/// <summary>Coarse time of the routing thread: seconds since start, read once per turn so that a path costs no call of the system.</summary>
/// <param name="time">The source of time.</param>
public sealed class RoutingClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>When second 0 was.</summary>
    public DateTimeOffset Epoch { get; } = time.GetUtcNow();

    /// <summary>Seconds since <see cref="Epoch"/> at the last <see cref="Refresh"/>.</summary>
    public uint Seconds { get; private set; }

    /// <summary>Reads the time.</summary>
    public void Refresh() => Seconds = (uint)time.GetElapsedTime(_start).TotalSeconds;
}
