using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.Membership;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Bgp.Transport;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Bgp.Speaker;

/// <summary>
/// The BGP speaker: peers with their sessions, Adj-RIB-In, Adj-RIB-Out. It lives on a <see cref="RoutingLoop"/>: everything of it is called there,
/// but for what says otherwise. Its work is in three sources of the loop, each with turns of its own: received messages, selection, and sending.
/// </summary>
/// <remarks>
/// This file: what it is made of. <c>BgpSpeaker.Peers.cs</c>: settings and peers. <c>BgpSpeaker.Host.cs</c>: what peers ask of it. <c>BgpSpeaker.Work.cs</c>: the
/// loop's turns. <c>BgpSpeaker.Operations.cs</c>: what operators do. <c>BgpSpeaker.Restart.cs</c>: its own graceful restart. <c>BgpSpeaker.Convergence.cs</c>:
/// whether peers have said all.
/// </remarks>
public sealed partial class BgpSpeaker : ISuppressionListener
{
    private readonly Dictionary<IpAddress, Peer> _peers = [];
    private readonly List<Peer> _order = [];
    private readonly OutgoingFamily[] _outgoing = new OutgoingFamily[RouteFamilies.Count];
    private readonly OutgoingContext _context;
    private readonly BgpSpeakerOptions _options;
    private readonly IBgpConnector _connector;
    private readonly List<BgpListener> _listeners = [];
    private readonly ExternalMemberships _externalMemberships;
    private bool _isRunning;

    /// <summary>A speaker that does not run yet. On the loop, or before it starts.</summary>
    public BgpSpeaker(RoutingLoop loop, RoutingBase routes, SpeakerSettings settings, BgpSpeakerOptions? options = null)
    {
        Loop = loop;
        Routes = routes;
        Settings = settings;
        _options = options ?? new();
        _connector = _options.Connector ?? new BgpConnector();
        _context = new(routes) { Latency = new(loop.Time), Policies = _options.Policies, IsSuppressed = _options.IsSuppressed };
        foreach (RouteFamily family in RouteFamilies.All)
        {
            _outgoing[(int)family] = new(_context, family);
        }

        Memberships = new(routes, settings);
        _externalMemberships = new(routes, settings.ExternalMembershipPaths, MembershipCounts);
        _restartTimer = loop.CreateTimer(EndRestart);
        _sessionTimer = loop.CreateTimer(GiveUpAbsentPeers);
        _markerTimer = loop.CreateTimer(TouchMarker);
        _wanted = new(loop.Time);
    }

    /// <summary>The loop.</summary>
    public RoutingLoop Loop { get; }

    /// <summary>The routes.</summary>
    public RoutingBase Routes { get; }

    /// <summary>The settings in force.</summary>
    public SpeakerSettings Settings { get; private set; }

    /// <summary>The route target memberships that we originate.</summary>
    public LocalMemberships Memberships { get; }

    /// <summary>The policies in force.</summary>
    public IPolicyCatalog? Policies => _context.Policies;

    /// <summary>Who follows sessions and messages.</summary>
    public ObserverList Observers { get; } = new();

    /// <summary>What the listeners have counted.</summary>
    public ListenerCounters ListenerCounters { get; } = new();

    /// <summary>Where connections are accepted, with the ports that the system chose.</summary>
    public IReadOnlyList<ListenEndpoint> Endpoints => [.. _listeners.Select(listener => listener.Endpoint)];

    /// <summary>The peers, for observers. Not while settings are applied.</summary>
    public IReadOnlyList<IPeerView> Peers => _order;

    /// <summary>Listens, adds the peers of the settings, and begins. Any thread.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">An address to listen at is not there or taken.</exception>
    public Task StartAsync() => Loop.InvokeAsync(Start);

    /// <summary>As <see cref="StartAsync"/>, on the loop.</summary>
    public void Start()
    {
        if (_isRunning)
        {
            return;
        }

        _isRunning = true;
        _hasUnselectedEnd = true; // what is there already is to be selected first
        BeginRestart();
        Routes.BestPath = BestPathOf(Settings);
        if (Routes.Vrfs is { } vrfs)
        {
            vrfs.Membership.Listen(Memberships);
            vrfs.Membership.Listen(_wanted);
            vrfs.Listen(this);
            _context.IsSuppressed ??= (table, destination) => vrfs.IsSuppressed(table.Family, destination);
        }

        AddWork();
        Listen(Settings.Listen);
        foreach (PeerSettings peer in Settings.Peers)
        {
            Add(peer, null).Start();
        }

        SetAcceptRules();
    }

    void ISuppressionListener.SuppressionChanged(RouteFamily family, DestinationId destination, bool suppressed) =>
        _outgoing[(int)family].MarkSpecifics(destination);

    private static Routing.Rib.BestPathSettings BestPathOf(SpeakerSettings settings) => new()
    {
        AlwaysCompareMed = settings.BestPath.AlwaysCompareMed,
        MissingMedIsWorst = settings.BestPath.MissingMedIsWorst,
        PreferOlder = settings.BestPath.PreferOldestExternal,
    };
}
