using Dataplane.Bgp.Fsm;
using Dataplane.Routing.Loop;

namespace Dataplane.Bgp.Speaker.Peers;

/// <summary>
/// The timers of a session's machine on the routing loop. A timer that is started anew with a later end, as the hold timer is with every message, is
/// not taken out of the loop's queue: its end is noted, and looked at when the earlier one comes. Routing thread.
/// </summary>
internal sealed class SessionTimers(RoutingLoop loop, Action<SessionTimer> expired)
{
    private readonly Dictionary<SessionTimer, Entry> _timers = [];

    /// <summary>Starts a timer, again if it runs.</summary>
    public void Start(SessionTimer timer, TimeSpan duration)
    {
        if (!_timers.TryGetValue(timer, out Entry? entry))
        {
            _timers.Add(timer, entry = new(loop, timer, expired));
        }

        entry.Start(duration);
    }

    /// <summary>Stops a timer.</summary>
    public void Stop(SessionTimer timer)
    {
        if (timer.Connection == default)
        {
            _timers.GetValueOrDefault(timer)?.Stop();
        }
        else if (_timers.Remove(timer, out Entry? entry))
        {
            entry.Stop();
        }
    }

    /// <summary>Stops them all.</summary>
    public void StopAll()
    {
        foreach (Entry entry in _timers.Values)
        {
            entry.Stop();
        }

        _timers.Clear();
    }

    private sealed class Entry
    {
        private readonly RoutingLoop _loop;
        private readonly LoopTimer _timer;
        private readonly SessionTimer _name;
        private readonly Action<SessionTimer> _expired;
        private long _end;
        private long _armed;

        public Entry(RoutingLoop loop, SessionTimer name, Action<SessionTimer> expired)
        {
            _loop = loop;
            _name = name;
            _expired = expired;
            _timer = loop.CreateTimer(Look);
        }

        public void Start(TimeSpan duration)
        {
            _end = _loop.Time.GetTimestamp() + (long)(duration.TotalSeconds * _loop.Time.TimestampFrequency);
            if (!_timer.IsRunning || _armed > _end)
            {
                Arm(duration);
            }
        }

        public void Stop() => _timer.Stop();

        private void Look()
        {
            TimeSpan left = _loop.Time.GetElapsedTime(_loop.Time.GetTimestamp(), _end);
            if (left > TimeSpan.Zero)
            {
                Arm(left);
            }
            else
            {
                _expired(_name);
            }
        }

        private void Arm(TimeSpan duration)
        {
            _armed = _end;
            _timer.Restart(duration);
        }
    }
}
