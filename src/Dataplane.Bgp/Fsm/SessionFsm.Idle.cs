using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <content>Start, stop and the time in Idle after a failure.</content>
public sealed partial class SessionFsm
{
    private static readonly SessionTimer ConnectRetry = new(SessionTimerKind.ConnectRetry);
    private static readonly SessionTimer IdleHold = new(SessionTimerKind.IdleHold);
    private static readonly SessionTimer Stable = new(SessionTimerKind.Stable);

    // A start by hand does not wait for the damping to end; one by the system does (RFC 4271 §8.2.2, Idle).
    private void Start(bool byHand)
    {
        if (_mode == Mode.Running || (_mode == Mode.IdleHold && !byHand))
        {
            return;
        }

        if (_mode == Mode.IdleHold)
        {
            _actions.Add(SessionAction.StopTimer(IdleHold));
        }

        ConnectRetryCounter = byHand ? 0 : ConnectRetryCounter;
        Run();
    }

    private void Stop(NotificationMessage notification)
    {
        CloseEverything(SessionEndReason.NotificationSent, notification);
        if (_mode == Mode.IdleHold)
        {
            _actions.Add(SessionAction.StopTimer(IdleHold));
        }

        _mode = Mode.Stopped;
    }

    private void StopAndRestart(NotificationMessage notification, TimeSpan? after)
    {
        if (_mode == Mode.Stopped)
        {
            return;
        }

        Stop(notification);
        if (after is { } wait)
        {
            Rest(wait);
        }
    }

    /// <summary>To Idle after an error, and out of it after a time that grows with the number of errors.</summary>
    private void Damp()
    {
        ConnectRetryCounter++;
        var doublings = Math.Min(ConnectRetryCounter - 2, 30);
        TimeSpan longest = _peer.Timers.MaximumIdleHold;
        var ticks = doublings < 0 ? 0 : Math.Min(longest.Ticks, _peer.Timers.IdleHold.Ticks * Math.Pow(2, doublings));
        Rest(Jittered(TimeSpan.FromTicks((long)ticks)));
    }

    private void Rest(TimeSpan duration)
    {
        _mode = Mode.IdleHold;
        ReportState();
        if (duration > TimeSpan.Zero)
        {
            _actions.Add(SessionAction.StartTimer(IdleHold, duration));
        }
        else
        {
            Run();
        }
    }

    private void Run()
    {
        _mode = Mode.Running;
        if (!_peer.Transport.Passive)
        {
            Connect();
        }
    }

    private void OnSessionTimer(SessionTimerKind kind)
    {
        switch (kind)
        {
            case SessionTimerKind.IdleHold when _mode == Mode.IdleHold:
                Run();
                break;
            case SessionTimerKind.ConnectRetry when _mode == Mode.Running:
                OnConnectRetry();
                break;
            case SessionTimerKind.Stable when State == SessionState.Established:
                ConnectRetryCounter = 0;
                break;
        }
    }

    // RFC 4271 §10: a factor from 0.75 to 1, so that speakers do not act in step.
    private TimeSpan Jittered(TimeSpan duration) => duration * (0.75 + (0.25 * _random.NextDouble()));
}
