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

    /// <summary>
    /// The time for which it stands in the loop's queue, once; other entries are void. Never later than <see cref="Due"/>: a timer that is put off
    /// again and again, as a hold timer is by every message, stays where it is and is put in anew when it comes up.
    /// </summary>
    internal long QueuedFor { get; set; } = long.MaxValue;

    /// <summary>Starts it, again if it is running.</summary>
    public void Restart(TimeSpan after)
    {
        IsRunning = true;
        Due = _loop.TimestampAfter(after);
        if (Due < QueuedFor)
        {
            _loop.Enqueue(this);
        }
    }

    /// <summary>Stops it; nothing when it is not running.</summary>
    public void Stop() => IsRunning = false;

    internal void Expire()
    {
        IsRunning = false;
        _expired();
    }
}
