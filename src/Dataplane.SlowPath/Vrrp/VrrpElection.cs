using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// One virtual router on its link: the machine with a timer, its packets, and its counters. What its properties say may be
/// read by any thread, each for itself; everything else belongs to the slow-path thread.
/// </summary>
public sealed class VrrpElection
{
    private readonly VrrpMachine _machine;
    private readonly DatapathSender _sender;
    private readonly TimerQueue _timers;
    private readonly Action<VrrpElection> _changed;
    private readonly byte[] _advertisement;
    private readonly byte[] _resignation;
    private TimerQueue.Timer? _timer;
    private volatile VrrpState _state;
    private volatile object? _master;
    private volatile bool _hasSuccessor;

    internal VrrpElection(
        VrrpSettings settings, DatapathSender sender, TimerQueue timers, Action<VrrpElection> changed)
    {
        Settings = settings;
        _machine = new VrrpMachine(settings);
        _sender = sender;
        _timers = timers;
        _changed = changed;
        _advertisement = Frame(VrrpAdvertisement.Create(settings, settings.Priority));
        _resignation = Frame(VrrpAdvertisement.Create(settings, 0));
    }

    /// <summary>What is elected, and with which means.</summary>
    public VrrpSettings Settings { get; }

    /// <summary>Where we stand.</summary>
    public VrrpState State => _state;

    /// <summary>Address of the other router that is master, as far as we know; null when we are or nobody was heard of.</summary>
    public IpAddress? Master => (IpAddress?)_master;

    /// <summary>Counters.</summary>
    public VrrpCounters Counters { get; } = new();

    internal void Start() => Do(_machine.Start(_timers.Now));

    internal void Stop() => Do(_machine.Stop());

    /// <summary>After the end: whether another router has said that it is master. Any thread.</summary>
    public bool HasSuccessor => _hasSuccessor;

    internal PuntOutcome Receive(in VrrpAdvertisement advertisement)
    {
        if (Settings.Priority == VrrpSettings.OwnerPriority)
            return Discard(VrrpFault.AddressOwner);
        if (advertisement.Source == Settings.Address)
            return Discard(VrrpFault.OwnAddress);
        Counters.Received++;
        _hasSuccessor |= _state == VrrpState.Initialize && advertisement.Priority != 0;
        if (advertisement.Priority == 0)
            Counters.ReceivedResignations++;
        Do(_machine.Receive(_timers.Now, advertisement.Priority, advertisement.Interval, advertisement.Source));
        return PuntOutcome.Consumed;
    }

    internal PuntOutcome Discard(VrrpFault fault)
    {
        Counters.CountDiscarded(fault);
        return PuntOutcome.Drop(SlowPathDropReason.VrrpDiscarded);
    }

    private void Do(VrrpActions actions)
    {
        if ((actions & VrrpActions.Advertise) != 0)
            Send(_advertisement);
        if ((actions & VrrpActions.Resign) != 0)
        {
            Send(_resignation);
            Counters.SentResignations++;
        }
        VrrpState before = _state;
        _state = _machine.State;
        _master = _machine.Master;
        if ((actions & VrrpActions.BecomeMaster) != 0)
            Counters.BecameMaster++;
        if ((actions & VrrpActions.CeaseMaster) != 0)
            Counters.CeasedMaster++;
        if (before != _state)
            _changed(this);
        Schedule();
    }

    private void Schedule()
    {
        if (_machine.Deadline is not { } deadline)
        {
            _timer?.Cancel();
            _timer = null;
            return;
        }
        _timer?.Cancel();
        TimeSpan delay = deadline - _timers.Now;
        _timer = _timers.Schedule(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, () => Do(_machine.Advance(_timers.Now)));
    }

    private void Send(byte[] frame)
    {
        if (_sender.Transmit(Settings.Port, Forwarding.InterfaceId.None, frame))
            Counters.Sent++;
    }

    private byte[] Frame(byte[] datagram) => EthernetFrame.Create(
        VrrpAdvertisement.GroupMac(Settings.Family), Settings.RouterMac, new VlanTags(Settings.Vlan),
        EthernetFrame.TypeOf(Settings.Family), datagram);
}
