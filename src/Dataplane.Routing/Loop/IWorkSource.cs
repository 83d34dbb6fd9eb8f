namespace Dataplane.Routing.Loop;

/// <summary>Work that is done in pieces between messages and timers: a peer's received updates, settling, the filling of Adj-RIB-Out.</summary>
public interface IWorkSource
{
    /// <summary>
    /// Does a piece of the work on the routing thread; looks at <see cref="WorkTurn.IsOver"/> every now and then and returns when it is.
    /// Called in every turn of the loop as long as it returns true, otherwise after <see cref="RoutingLoop.Wake"/> or a message or timer.
    /// </summary>
    /// <returns>Whether there is more to do.</returns>
    bool Work(WorkTurn turn);
}

/// <summary>The time that a piece of work may take.</summary>
public readonly struct WorkTurn
{
    private readonly TimeProvider _time;
    private readonly long _end;

    /// <summary>A turn from now on.</summary>
    public WorkTurn(TimeProvider time, TimeSpan length)
    {
        _time = time;
        _end = time.GetTimestamp() + (long)(length.TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>Whether the time is over. Costs some 25 ns: ask once per dozen of routes, not for each.</summary>
    public bool IsOver => _time.GetTimestamp() >= _end;
}
