namespace Dataplane.SlowPath;

/// <summary>Lets a number of events per second pass, and as many at once after a pause. Integer arithmetic: exact.</summary>
internal sealed class TokenBucket
{
    private readonly long _ratePerSecond;
    private readonly long _capacity;
    private long _credit;
    private TimeSpan _filledAt;

    /// <summary>Makes a full bucket.</summary>
    /// <param name="ratePerSecond">Events per second and burst; 0 lets nothing pass.</param>
    /// <param name="now">Time of creation.</param>
    internal TokenBucket(int ratePerSecond, TimeSpan now)
    {
        _ratePerSecond = ratePerSecond;
        _capacity = ratePerSecond * TimeSpan.TicksPerSecond;
        _credit = _capacity;
        _filledAt = now;
    }

    /// <summary>Takes one token when there is one.</summary>
    internal bool TryTake(TimeSpan now)
    {
        // A bucket is full after one second, so that longer pauses need no (overflowing) product.
        long elapsed = Math.Clamp((now - _filledAt).Ticks, 0, TimeSpan.TicksPerSecond);
        _credit = Math.Min(_capacity, _credit + elapsed * _ratePerSecond);
        _filledAt = now;
        if (_credit < TimeSpan.TicksPerSecond)
            return false;
        _credit -= TimeSpan.TicksPerSecond;
        return true;
    }
}
