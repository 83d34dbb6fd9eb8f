namespace Dataplane.SlowPath;

/// <summary>
/// Timers in the order of their deadlines, and of their creation among equals, so that a replay is deterministic. Time
/// is what the <see cref="TimeProvider"/> has counted since the queue was made.
/// </summary>
internal sealed class TimerQueue(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly PriorityQueue<Timer, (TimeSpan Deadline, long Sequence)> _timers = new();
    private long _sequence;

    internal TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Time from now to the next deadline, zero when overdue; null when no timer runs.</summary>
    internal TimeSpan? TimeToNext
    {
        get
        {
            DiscardCancelled();
            if (!_timers.TryPeek(out _, out var due))
                return null;
            var remaining = due.Deadline - Now;
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    internal Timer Schedule(TimeSpan delay, Action action)
    {
        var timer = new Timer(action);
        _timers.Enqueue(timer, (Now + delay, _sequence++));
        return timer;
    }

    /// <summary>Runs what is due now; what that schedules runs only when it is due at this same moment.</summary>
    internal void Advance()
    {
        var now = Now;
        while (_timers.TryPeek(out _, out var due) && due.Deadline <= now)
        {
            var timer = _timers.Dequeue();
            if (!timer.IsCancelled)
                timer.Action();
        }
    }

    private void DiscardCancelled()
    {
        while (_timers.TryPeek(out var timer, out _) && timer.IsCancelled)
            _timers.Dequeue();
    }

    /// <summary>One deadline, which can be cancelled.</summary>
    internal sealed class Timer(Action action)
    {
        internal Action Action { get; } = action;

        internal bool IsCancelled { get; private set; }

        internal void Cancel() => IsCancelled = true;
    }
}
