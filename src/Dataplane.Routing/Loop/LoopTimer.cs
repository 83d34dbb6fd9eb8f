namespace Dataplane.Routing.Loop;

/// <summary>A timer whose callback runs on the routing thread. Started and stopped there too; once per start.</summary>
public sealed class LoopTimer
{
    private readonly RoutingLoop _loop;
    private readonly Action _expired;

    internal LoopTimer(RoutingLoop loop, Action expired)
    {
        _loop = loop;
        _expired = expired;
    }

    /// <summary>Whether it is going to expire.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Time of <see cref="TimeProvider.GetTimestamp"/> at which it expires.</summary>
    internal long Due { get; private set; }

    /// <summary>Which start this is: entries of the loop's queue that are not of the last one are void.</summary>
    internal uint Start { get; private set; }

    /// <summary>Starts it, again if it is running.</summary>
    public void Restart(TimeSpan after)
    {
        IsRunning = true;
        Start++;
        Due = _loop.TimestampAfter(after);
        _loop.Schedule(this);
    }

    /// <summary>Stops it; nothing when it is not running.</summary>
    public void Stop()
    {
        IsRunning = false;
        Start++;
    }

    internal void Expire()
    {
        IsRunning = false;
        _expired();
    }
}
