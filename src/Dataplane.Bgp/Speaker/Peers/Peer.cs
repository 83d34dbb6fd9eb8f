using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.In;
using Dataplane.Bgp.Speaker.Membership;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Peers;

/// <summary>
/// One peer: its machine, its connections, and its routes in both directions. Everything happens on the routing thread; the connections
/// work on the pool and wake it.
/// </summary>
/// <remarks>
/// This file: what it is made of. <c>Peer.Machine.cs</c>: actions of the machine. <c>Peer.Receive.cs</c>: messages. <c>Peer.Session.cs</c>: up and down,
/// what is sent. <c>Peer.Stale.cs</c>: graceful restart and refresh of the peer. <c>Peer.Change.cs</c>: new settings and operations.
/// </remarks>
internal sealed partial class Peer : IPeerView, IConnectionObserver
{
    private readonly IPeerHost _host;
    private readonly SessionTimers _timers;
    private readonly Dictionary<RouteFamily, PeerFamily> _families = [];
    private readonly AdjRibIn _in;
    private readonly LoopTimer _restartTimer;
    private readonly LoopTimer _stalePathTimer;
    private readonly LoopTimer _membershipTimer;
    private SessionFsm _fsm;
    private PeerSession? _session;

    public Peer(IPeerHost host, PeerSettings settings, PeerRangeSettings? range)
    {
        _host = host;
        Settings = settings;
        Range = range;
        _fsm = NewMachine();
        _timers = new(host.Loop, timer => Dispatch(SessionEvent.Expired(timer, HasSent())));
        _restartTimer = host.Loop.CreateTimer(RestartTimeOver);
        _stalePathTimer = host.Loop.CreateTimer(SweepAllStale);
        _membershipTimer = host.Loop.CreateTimer(ActivateVpn);
        Source = host.Routes.Sources.Add(SourceOf(settings, routerId: 0));
        _in = new(host.Routes, host.CountingMemberships) { Counters = Counters, Profile = IncomingOf(settings, settings.As == SessionAs, default, default) };
        ReloadImportPolicy();
    }

    /// <inheritdoc/>
    public IpAddress Address => Settings.Address;

    /// <inheritdoc/>
    public PeerSettings Settings { get; private set; }

    /// <summary>The range that it came out of.</summary>
    public PeerRangeSettings? Range { get; private set; }

    /// <inheritdoc/>
    public bool IsDynamic => Range is not null;

    /// <inheritdoc/>
    public SourceId Source { get; }

    /// <inheritdoc/>
    public SessionState State => _fsm.State;

    /// <inheritdoc/>
    public NegotiatedSession? Session => _session?.Negotiated;

    /// <summary>Counters.</summary>
    public PeerCounters Counters { get; } = new();

    /// <summary>Counters of its connections.</summary>
    public TransportCounters Transport { get; } = new();

    /// <summary>The families that it has or had.</summary>
    public IEnumerable<PeerFamily> Families => _families.Values;

    /// <summary>Why the last session ended, or a connection failed.</summary>
    public string? LastError { get; private set; }

    /// <summary>Why the last session ended, with what the other operator had to say (RFC 9003); attempts that fail afterwards leave it.</summary>
    public string? LastSessionEnd { get; private set; }

    /// <summary>When <see cref="State"/> changed last.</summary>
    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>When a session came or went last, or the peer was started; ticks of the loop's time.</summary>
    public long ChangedSince { get; private set; }

    /// <summary>Since when the routes of the peer are awaited, over sessions that end before they are there; ticks of the loop's time.</summary>
    public long AwaitedSince { get; private set; }

    /// <summary>Whether there is a session, in which the ends of all VPN families have come where the peer sends them (RFC 4724 §2).</summary>
    public bool HasEnded => Session is { } session
        && (session.GracefulRestart is null || _families.Values.All(static family => !family.IsUp || !family.Family.IsVpn || family.EndOfRibReceived));

    /// <summary>Both ends of the established session's connection.</summary>
    public LinkEnds? Ends => _session?.Connection.Ends;

    /// <summary>Octets that wait to be written.</summary>
    public int QueuedBytes => _session?.Connection.QueuedBytes ?? 0;

    /// <summary>What the peer asked for; null when the session has no RT-Constraint.</summary>
    public MembershipFilter? Memberships => _in.Memberships;

    /// <summary>Whether stale paths wait for the peer to come back.</summary>
    public bool HasStale => _families.Values.Any(family => family.IsStale);

    /// <summary>Whether a connection is being made or up.</summary>
    public bool HasConnection => _fsm.ConnectionCount > 0;

    /// <summary>The AS that it knows us as.</summary>
    public AsNumber SessionAs => Settings.LocalAs?.As ?? _host.Settings.As;

    /// <summary>Wants the session, if the settings do.</summary>
    public void Start()
    {
        ChangedAt = _host.Loop.Time.GetUtcNow();
        ChangedSince = AwaitedSince = _host.Loop.Time.GetTimestamp();
        SetRestartState();
        if (Settings.Enabled)
        {
            Dispatch(SessionEvent.AutomaticStart);
        }
    }

    /// <summary>Ends everything and removes its paths; the peer is not used afterwards.</summary>
    /// <param name="last">What it is told.</param>
    /// <param name="keepRoutes">Whether its paths stay: the process ends anyway.</param>
    public void Dispose(NotificationMessage? last, bool keepRoutes)
    {
        if (last is null)
        {
            CloseConnections();
        }
        else
        {
            Dispatch(SessionEvent.ManualStop(last));
        }

        _timers.StopAll();
        StopStaleTimers();
        if (!keepRoutes)
        {
            // The source is there as long as paths of it are.
            var left = _families.Count;
            foreach (PeerFamily family in _families.Values)
            {
                family.Table.BeginSweep(Source, PathState.None, Gone);
            }

            if (_families.Count == 0)
            {
                _host.Routes.Sources.Remove(Source);
            }

            _host.Wake();

            void Gone()
            {
                if (--left == 0)
                {
                    _host.Routes.Sources.Remove(Source);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Readable(BgpConnection connection) => _host.Wake();

    /// <inheritdoc/>
    public void Drained(BgpConnection connection) => _host.Wake();

    /// <inheritdoc/>
    public override string ToString() => $"{Address}";

    private SessionFsm NewMachine() => new(_host.Settings, Settings, Range?.AllowedAs ?? [], Random.Shared);

    private SourceInfo SourceOf(PeerSettings settings, uint routerId) => new()
    {
        Kind = (Session?.IsInternal ?? settings.As == SessionAs) ? SourceKind.Ibgp : SourceKind.Ebgp,
        RouterId = routerId,
        Address = settings.Address,
        As = Session?.PeerAs ?? settings.As,
        IsRouteReflectorClient = settings.RouteReflectorClient && (Session?.IsInternal ?? settings.As == SessionAs),
        ValidatesFlowSpecs = settings.FlowSpecValidation,
        Name = settings.Description is { } text ? $"{settings.Address} ({text})" : settings.Address.ToString(),
    };

    private IncomingProfile IncomingOf(PeerSettings settings, bool isInternal, AsNumber peerAs, IpAddress localAddress)
    {
        AsNumber remote = peerAs.Value == 0 ? settings.As : peerAs;
        return new()
        {
            Source = Source,
            SpeakerAs = _host.Settings.As,
            SessionAs = SessionAs,
            AllowAsIn = settings.AllowAsIn,
            RouterId = _host.Settings.RouterId,
            ClusterId = _host.Settings.EffectiveClusterId,
            IsInternal = isInternal,
            PrependOnImport = !isInternal && settings.LocalAs is { NoPrepend: false } local && local.As != _host.Settings.As ? local.As : null,
            PolicyContext = new(SessionAs, remote, settings.Address, localAddress)
            {
                SourceKind = isInternal ? SourceKind.Ibgp : SourceKind.Ebgp,
                SourceAddress = settings.Address,
                SourceAs = remote,
            },
        };
    }

    private void ReloadImportPolicy() => _in.Policy = Settings.ImportPolicy is { } name
        ? _host.Policies?.Find(name) ?? RejectingPolicy.Instance
        : null;

    private PeerFamily FamilyOf(RouteFamily family)
    {
        if (!_families.TryGetValue(family, out PeerFamily? row))
        {
            _families.Add(family, row = new(family, _host.Routes[family]));
        }

        return row;
    }
}
