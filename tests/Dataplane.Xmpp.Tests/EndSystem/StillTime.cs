using Dataplane.Routing.Loop;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>A time that moves when it is told to, and a loop that runs on the test's thread.</summary>
internal sealed class StillTime : TimeProvider
{
    private TimeSpan _now;

    public StillTime() => Loop = new RoutingLoop(this);

    public RoutingLoop Loop { get; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _now;

    /// <summary>Has the loop do all that is due.</summary>
    public void Settle()
    {
        while (Loop.RunTurn())
        {
        }
    }

    /// <summary>Lets time pass, in steps.</summary>
    public void Advance(TimeSpan by)
    {
        TimeSpan end = _now + by;
        while (_now < end)
        {
            TimeSpan step = TimeSpan.FromMilliseconds(250);
            _now = _now + step < end ? _now + step : end;
            Settle();
        }
    }

    // The loop's timers are looked at by RunTurn; its alarm has nobody to wake.
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
