using Dataplane.Routing.Loop;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// How long updates take through the speaker: of each round, the time from when its oldest update was read from a socket until the first message of the
/// round was queued for a peer. A round that has nothing to send is not counted. Routing thread.
/// </summary>
internal sealed class RoundLatency(TimeProvider time)
{
    private long? _received;
    private long? _round;

    /// <summary>The latencies so far.</summary>
    public DurationHistogram Histogram { get; } = new();

    /// <summary>An update is taken that was read at a time of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public void Received(long at) => _received ??= at;

    /// <summary>What was received up to now is sent from now on.</summary>
    public void Begin() => (_round, _received) = (_received, null);

    /// <summary>A message was queued.</summary>
    public void Sent()
    {
        if (_round is { } since)
        {
            Histogram.Add(time.GetElapsedTime(since));
            _round = null;
        }
    }

    /// <summary>The round is over.</summary>
    public void End() => _round = null;
}
