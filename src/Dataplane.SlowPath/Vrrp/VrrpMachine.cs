using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// The state machine of one virtual router (RFC 9568 section 6.4, RFC 5798), pure: events with the time they happen at in,
/// actions out. Time is any that does not go back. Nothing here sends, waits or knows of packets.
/// </summary>
internal sealed class VrrpMachine(VrrpSettings settings)
{
    private TimeSpan _startedAt;

    internal VrrpState State { get; private set; }

    /// <summary>When <see cref="Advance"/> is due; null in <see cref="VrrpState.Initialize"/>.</summary>
    internal TimeSpan? Deadline { get; private set; }

    /// <summary>Interval of the master as it says, or ours while there is none: its absence is judged by it.</summary>
    internal TimeSpan MasterInterval { get; private set; } = Centiseconds(settings.Interval);

    /// <summary>The master that was heard of last; null when we are it or none was.</summary>
    internal IpAddress? Master { get; private set; }

    /// <summary>Longer for a lower priority, so that the highest takes over first.</summary>
    internal TimeSpan SkewTime => MasterInterval * (256 - settings.Priority) / 256;

    /// <summary>After this long without advertisements the master is gone.</summary>
    internal TimeSpan MasterDownInterval => 3 * MasterInterval + SkewTime;

    private TimeSpan Interval => Centiseconds(settings.Interval);

    internal VrrpActions Start(TimeSpan now)
    {
        if (State != VrrpState.Initialize)
            return VrrpActions.None;
        _startedAt = now;
        MasterInterval = Interval;
        if (settings.Priority == VrrpSettings.OwnerPriority)
            return BecomeMaster(now);
        State = VrrpState.Backup;
        Deadline = now + MasterDownInterval;
        return VrrpActions.None;
    }

    internal VrrpActions Stop()
    {
        bool wasMaster = State == VrrpState.Master;
        State = VrrpState.Initialize;
        Deadline = null;
        Master = null;
        return wasMaster ? VrrpActions.Resign | VrrpActions.CeaseMaster : VrrpActions.None;
    }

    /// <summary>Time has passed; nothing happens before <see cref="Deadline"/>.</summary>
    internal VrrpActions Advance(TimeSpan now)
    {
        if (Deadline is not { } due || now < due)
            return VrrpActions.None;
        if (State == VrrpState.Backup)
            return BecomeMaster(now);
        Deadline = now + Interval;
        return VrrpActions.Advertise;
    }

    /// <summary>Another router of this virtual router advertises.</summary>
    /// <param name="now">When.</param>
    /// <param name="priority">Its priority; 0 when it stops being master.</param>
    /// <param name="interval">Its interval, in centiseconds; above zero.</param>
    /// <param name="source">Its address.</param>
    internal VrrpActions Receive(TimeSpan now, byte priority, int interval, IpAddress source) => State switch
    {
        VrrpState.Backup => ReceiveAsBackup(now, priority, interval, source),
        VrrpState.Master => ReceiveAsMaster(now, priority, interval, source),
        _ => VrrpActions.None,
    };

    private VrrpActions ReceiveAsBackup(TimeSpan now, byte priority, int interval, IpAddress source)
    {
        if (priority == 0)
        {
            Master = null;
            Deadline = now + SkewTime;
        }
        else if (priority >= settings.Priority || !settings.Preempts || now - _startedAt < settings.PreemptDelay)
        {
            Follow(now, interval, source);
        }
        return VrrpActions.None;
    }

    private VrrpActions ReceiveAsMaster(TimeSpan now, byte priority, int interval, IpAddress source)
    {
        if (priority > settings.Priority || (priority == settings.Priority && source.CompareTo(settings.Address) > 0))
        {
            State = VrrpState.Backup;
            Follow(now, interval, source);
            return VrrpActions.CeaseMaster;
        }
        // Whoever resigns, or thinks to be master wrongly, hears at once who is, and so do the bridges in between.
        Deadline = now + Interval;
        return VrrpActions.Advertise;
    }

    private void Follow(TimeSpan now, int interval, IpAddress source)
    {
        Master = source;
        MasterInterval = Centiseconds(interval);
        Deadline = now + MasterDownInterval;
    }

    private VrrpActions BecomeMaster(TimeSpan now)
    {
        State = VrrpState.Master;
        Master = null;
        Deadline = now + Interval;
        return VrrpActions.Advertise | VrrpActions.BecomeMaster;
    }

    private static TimeSpan Centiseconds(int count) => TimeSpan.FromTicks(count * 100_000L);
}
