using Dataplane.Forwarding;

namespace Dataplane.SlowPath;

/// <summary>
/// The slow path as pure logic: punted packets and the passing of time in, frames, injections and neighbours out
/// through <see cref="ISlowPathPorts"/>. No threads, no sockets, no clock but the <see cref="TimeProvider"/> given; used
/// by one thread at a time. Never throws for what a packet contains, and every punted packet ends in exactly one
/// disposition (see <see cref="Counters"/>).
/// </summary>
public sealed class SlowPathProcessor
{
    private readonly TimerQueue _timers;
    private readonly ArpResponder _arp;
    private readonly NeighborDiscoveryResponder _neighborDiscovery;
    private readonly EchoResponder _echo;
    private readonly IcmpErrorGenerator _errors;
    private readonly OversizeHandler _oversize;
    private readonly UnderlayArpResponder _underlayArp;
    private readonly UnderlayNeighborDiscoveryResponder _underlayNeighborDiscovery;
    private readonly UnderlayEchoResponder _underlayEcho;

    /// <summary>Makes a slow path with empty neighbour tables.</summary>
    /// <param name="ports">The datapath.</param>
    /// <param name="options">Bounds and times.</param>
    /// <param name="time">The clock; only its timestamps are used.</param>
    public SlowPathProcessor(ISlowPathPorts ports, SlowPathOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(ports);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _timers = new TimerQueue(time);
        var sender = new DatapathSender(ports, Counters);
        var guests = new GuestLink(ports, sender);
        var addresses = new GuestAddresses(ports);
        var holdBudget = new HoldBudget(options.HeldPacketsInTotal);
        var returnPath = new ReturnPath(ports, sender, guests);
        var identification = new DatagramIdentification();
        UnderlayNeighbors = new UnderlayNeighbors(ports, sender, _timers, holdBudget, options, Counters);
        InterfaceNeighbors = new InterfaceNeighbors(
            ports, addresses, sender, guests, _timers, holdBudget, options, Counters);
        _arp = new ArpResponder(ports, addresses, guests, InterfaceNeighbors);
        _neighborDiscovery = new NeighborDiscoveryResponder(
            ports, addresses, guests, InterfaceNeighbors, _timers, options);
        _echo = new EchoResponder(returnPath, new IcmpBudget<VrfId>(options.IcmpRate, _timers), identification);
        _errors = new IcmpErrorGenerator(
            ports, returnPath, new IcmpBudget<VrfId>(options.IcmpRate, _timers), identification);
        _oversize = new OversizeHandler(sender, _errors);
        _underlayArp = new UnderlayArpResponder(ports, sender, UnderlayNeighbors);
        _underlayNeighborDiscovery = new UnderlayNeighborDiscoveryResponder(ports, sender, UnderlayNeighbors);
        Elections = new VrrpElections(ports, sender, _timers);
        _underlayEcho = new UnderlayEchoResponder(
            ports, sender, new IcmpBudget<PortId>(options.IcmpRate, _timers), identification);
    }

    /// <summary>The ledger.</summary>
    public SlowPathCounters Counters { get; } = new();

    /// <summary>Next hops of tunnels: require them and add configured ones here before the first packet.</summary>
    public UnderlayNeighbors UnderlayNeighbors { get; }

    /// <summary>Elections of the forwarder that serves an access port: start the configured ones here before the first packet.</summary>
    public VrrpElections Elections { get; }

    /// <summary>
    /// Time from now to the next timer, zero when it is overdue; null when no timer runs. A virtual clock steps there
    /// before it calls <see cref="Advance"/>.
    /// </summary>
    public TimeSpan? TimeToNextTimer => _timers.TimeToNext;

    internal InterfaceNeighbors InterfaceNeighbors { get; }

    /// <summary>An interface has other addresses than before: what is known of neighbours that are not its own any more is forgotten.</summary>
    public void InterfaceChanged(InterfaceId id) => InterfaceNeighbors.Review(id);

    /// <summary>Handles one punted packet and counts what became of it.</summary>
    public PuntOutcome Handle(in PuntedPacket packet)
    {
        var outcome = Dispatch(packet);
        Counters.Count(outcome);
        return outcome;
    }

    /// <summary>Runs the timers that are due now by the clock: probes, failures of neighbours, advertisements.</summary>
    public void Advance() => _timers.Advance();

    private PuntOutcome Dispatch(in PuntedPacket packet) => packet.Reason switch
    {
        PuntReason.Arp => _arp.Handle(packet),
        PuntReason.Nd => _neighborDiscovery.Handle(packet),
        PuntReason.RouterAddress => _echo.Handle(packet),
        PuntReason.TtlExpired => _errors.HandleTtlExpired(packet),
        PuntReason.MtuExceeded => _oversize.Handle(packet),
        PuntReason.NeighborUnresolved => InterfaceNeighbors.HandleUnresolved(packet),
        PuntReason.UnderlayUnresolved => UnderlayNeighbors.HandleUnresolved(packet),
        PuntReason.UnderlayArp => _underlayArp.Handle(packet),
        PuntReason.UnderlayNd => _underlayNeighborDiscovery.Handle(packet),
        PuntReason.Vrrp => Elections.Handle(packet),
        PuntReason.UnderlayLocal => _underlayEcho.Handle(packet),
        _ => PuntOutcome.Drop(SlowPathDropReason.InconsistentPunt),
    };
}
