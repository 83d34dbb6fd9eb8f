namespace Dataplane.Xmpp.Streams;

/// <summary>Allows so much at once and so much per second. A value that its owner keeps.</summary>
internal struct TokenBucket
{
    private readonly double _perTick;
    private readonly long _burst;
    private double _level;
    private long _at;

    /// <summary>A full bucket.</summary>
    /// <param name="perSecond">What is added per second.</param>
    /// <param name="burst">What it holds.</param>
    /// <param name="frequency">Ticks per second of the timestamps.</param>
    /// <param name="now">The timestamp.</param>
    public TokenBucket(long perSecond, long burst, long frequency, long now)
    {
        _perTick = (double)perSecond / frequency;
        _burst = burst;
        _level = burst;
        _at = now;
    }

    /// <summary>Takes tokens, also more than there are.</summary>
    /// <returns>Whether there were as many.</returns>
    public bool TryTake(long tokens, long now)
    {
        _level = Math.Min(_burst, _level + ((now - _at) * _perTick)) - tokens;
        _at = now;
        return _level >= 0;
    }
}
