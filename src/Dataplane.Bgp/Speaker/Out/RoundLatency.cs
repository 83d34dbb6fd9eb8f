using Dataplane.Routing.Loop;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// How long updates take through the speaker: of each round, the time from when its oldest update was read from a socket until the first message of the
/// round was queued for a peer; and likewise for changes of our own, of each kind the oldest. A round that has nothing to send is not counted. Routing
/// thread.
/// </summary>
internal sealed class RoundLatency(TimeProvider time)
{
    private readonly Dictionary<PropagationHistogram, long> _own = [];
    private readonly Dictionary<PropagationHistogram, long> _ownOfRound = [];
    private long? _received;
    private long? _round;

    /// <summary>The latencies so far.</summary>
    public DurationHistogram Histogram { get; } = new();

    /// <summary>An update is taken that was read at a time of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public void Received(long at) => _received ??= at;

    /// <summary>A change of our own that began at a time goes out with the next round.</summary>
    public void Began(PropagationHistogram into, long at) => _ = _own.TryAdd(into, at);

    /// <summary>What was received up to now is sent from now on.</summary>
    /// <param name="isSettled">Whether all of our own changes have been selected, too.</param>
    public void Begin(bool isSettled)
    {
        (_round, _received) = (_received, null);
        if (isSettled && _own.Count != 0)
        {
            foreach ((PropagationHistogram into, var at) in _own)
            {
                _ownOfRound[into] = at;
            }

            _own.Clear();
        }
    }

    /// <summary>A message was queued.</summary>
    public void Sent()
    {
        if (_round is { } since)
        {
            Histogram.Add(time.GetElapsedTime(since));
            _round = null;
        }

        if (_ownOfRound.Count != 0)
        {
            foreach ((PropagationHistogram into, var at) in _ownOfRound)
            {
                into.Add(time.GetElapsedTime(at));
            }

            _ownOfRound.Clear();
        }
    }

    /// <summary>The round is over.</summary>
    public void End()
    {
        _round = null;
        _ownOfRound.Clear();
    }
}
