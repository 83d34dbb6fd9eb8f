namespace Dataplane.Fuzz.Rig;

/// <summary>A clock that goes on only when it is told to. Timers fire on the thread that moves it.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        _ = timer.Change(dueTime, period);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    public void Advance(TimeSpan by)
    {
        _ = Interlocked.Add(ref _ticks, by.Ticks);
        Timer[] timers;
        lock (_lock)
        {
            _ = _timers.RemoveAll(static timer => timer.IsDisposed);
            timers = [.. _timers];
        }

        foreach (Timer timer in timers)
        {
            timer.Look();
        }
    }

    private sealed class Timer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private long _due = long.MaxValue;

        public bool IsDisposed { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Volatile.Write(ref _due, dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time.GetTimestamp() + dueTime.Ticks);
            return true;
        }

        public void Look()
        {
            if (Volatile.Read(ref _due) <= time.GetTimestamp())
            {
                Volatile.Write(ref _due, long.MaxValue);
                callback(state);
            }
        }

        public void Dispose()
        {
            _due = long.MaxValue;
            IsDisposed = true;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
