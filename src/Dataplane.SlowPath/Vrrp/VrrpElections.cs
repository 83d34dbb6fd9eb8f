using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// The elections of all access ports, and what follows from them for the datapath (EXT-10): a port is on standby for a family
/// while another forwarder serves its hosts. Where a port has an election in one family only, it decides for both.
/// </summary>
public sealed class VrrpElections
{
    private const StandbyFamilies Both = StandbyFamilies.Ipv4 | StandbyFamilies.Ipv6;

    private readonly ISlowPathPorts _ports;
    private readonly DatapathSender _sender;
    private readonly TimerQueue _timers;
    private readonly MasterAnnouncer _announcer;
    private readonly GroupMembership _membership;
    private readonly Dictionary<PortId, StandbyFamilies> _standby = [];
    private volatile VrrpElection[] _all = [];
    private bool _isStopping;

    internal VrrpElections(ISlowPathPorts ports, DatapathSender sender, TimerQueue timers)
    {
        _ports = ports;
        _sender = sender;
        _timers = timers;
        _announcer = new MasterAnnouncer(ports, sender, timers);
        _membership = new GroupMembership(ports, sender, timers);
    }

    /// <summary>All elections. Any thread.</summary>
    public IReadOnlyList<VrrpElection> All => _all;

    /// <summary>
    /// Told of each change of an election's state, on the slow-path thread, after the datapath was. Quick, and does not call
    /// back.
    /// </summary>
    public Action<VrrpElection>? Changed { get; set; }

    /// <summary>Starts taking part in elections, one per port and family; once.</summary>
    public void Start(params IReadOnlyList<VrrpSettings> elections)
    {
        _all = [.. elections.Select(settings => new VrrpElection(settings, _sender, _timers, StateChanged))];
        foreach (var election in _all)
        {
            SetStandby(election.Settings.Port);
            _membership.Join(election.Settings);
        }
        foreach (var election in _all)
            election.Start();
    }

    /// <summary>
    /// Ends all elections: where we are master, the others hear so and take over after their skew. What we serve we go on serving, so that
    /// nothing is lost until then (<see cref="VrrpElection.HasSuccessor"/>).
    /// </summary>
    /// <returns>Those in which we were master.</returns>
    public IReadOnlyList<VrrpElection> Stop()
    {
        _isStopping = true;
        VrrpElection[] served = [.. _all.Where(static election => election.State == VrrpState.Master)];
        foreach (var election in _all)
            election.Stop();
        return served;
    }

    /// <summary>The families for which another forwarder serves a port's hosts now. Any thread.</summary>
    public StandbyFamilies StandbyOf(PortId port)
    {
        var standby = StandbyFamilies.None;
        var decided = StandbyFamilies.None;
        foreach (var election in _all)
        {
            if (election.Settings.Port != port)
                continue;
            var family = FamilyOf(election);
            decided |= family;
            if (election.State != VrrpState.Master)
                standby |= family;
        }
        if (decided is StandbyFamilies.Ipv4 or StandbyFamilies.Ipv6 && standby != StandbyFamilies.None)
            standby = Both;
        return standby;
    }

    internal PuntOutcome Handle(in PuntedPacket packet)
    {
        var fault = VrrpAdvertisement.Read(packet.L3, out var advertisement);
        VrrpElection? closest = null;
        foreach (var election in _all)
        {
            if (election.Settings.Port != packet.Port)
                continue;
            // What cannot be read counts where its frame says that it belongs.
            bool isFamily = election.Settings.Family == FamilyOf(packet);
            if (isFamily && fault == VrrpFault.None && election.Settings.VirtualRouterId == advertisement.VirtualRouterId)
                return election.Receive(advertisement);
            closest = isFamily || closest is null ? election : closest;
        }
        return closest?.Discard(fault == VrrpFault.None ? VrrpFault.OtherRouter : fault)
            ?? PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt);
    }

    private void StateChanged(VrrpElection election)
    {
        if (_isStopping)
            return;
        var won = SetStandby(election.Settings.Port);
        if (won != StandbyFamilies.None)
            _announcer.Announce(election, won);
        Changed?.Invoke(election);
    }

    // The families that we serve from now on and did not before.
    private StandbyFamilies SetStandby(PortId port)
    {
        var before = _standby.GetValueOrDefault(port);
        var standby = StandbyOf(port);
        _standby[port] = standby;
        _ports.SetStandby(port, standby);
        return before & ~standby;
    }

    private static StandbyFamilies FamilyOf(VrrpElection election) =>
        election.Settings.Family == AddressFamily.Ipv4 ? StandbyFamilies.Ipv4 : StandbyFamilies.Ipv6;

    private static AddressFamily FamilyOf(in PuntedPacket packet) =>
        !packet.L3.IsEmpty && packet.L3[0] >> 4 == 6 ? AddressFamily.Ipv6 : AddressFamily.Ipv4;
}
