using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <summary>
/// The state machine of the session with one peer (RFC 4271 §8): events in, actions out. It has no clock, no sockets and no threads; timers
/// are actions, and their ends are events. Routing thread.
/// <para>
/// RFC 4271 has one machine for each connection and lets them find each other when two connections collide. Here one machine has a
/// <see cref="ConnectionTrack"/> per connection — the one we make, the one the peer makes — and <see cref="State"/> is that of the one which
/// has come furthest. An event of a connection that the machine has closed is ignored, so that late reports do no harm.
/// </para>
/// <para>Where it chooses or departs:</para>
/// <list type="bullet">
/// <item>A connection attempt that fails leads to Active, not to Idle for an instant: the peer can connect meanwhile, which it could not in
/// Idle. An attempt follows when ConnectRetryTimer runs out.</item>
/// <item>A passive session never connects.</item>
/// <item>DampPeerOscillations is always on: Idle after the first failure takes no time, after the second <see cref="PeerTimerSettings.IdleHold"/>,
/// and twice as long after each one that follows; a session that lasts makes up for its failures.</item>
/// <item>A connection that loses a collision is no failure.</item>
/// <item>A KEEPALIVE does not establish a session on the connection that is to lose while the one that is to stay still waits for its OPEN: what the
/// peer closes or sends next tells which one it has chosen. The two rules of RFC 4271 §6.8, applied at once, could lose both.</item>
/// <item>A NOTIFICATION is never answered by one.</item>
/// <item>A new connection of a peer with graceful restart replaces the established one (RFC 4724 §4.2) with the peer's KEEPALIVE, not with its OPEN
/// yet: a connection that is to lose a collision may be accepted only after the other is established, and the peer then closes it.</item>
/// </list>
/// </summary>
public sealed partial class SessionFsm
{
    private SpeakerSettings _speaker;
    private PeerSettings _peer;
    private Capabilities? _reduced;
    private readonly IReadOnlyList<AsNumberRange> _allowedAs;
    private readonly Random _random;
    private readonly List<ConnectionTrack> _tracks = [];
    private List<SessionAction> _actions = [];
    private Mode _mode;
    private int _lastConnection;

    /// <summary>A session that is Idle and waits for a start.</summary>
    /// <param name="speaker">Who we are.</param>
    /// <param name="peer">Who the peer is; of a dynamic peer, the template with the address that connected, passive.</param>
    /// <param name="allowedAs">The systems that a dynamic peer may be of; empty: only the one of <paramref name="peer"/>.</param>
    /// <param name="random">Where jitter comes from (RFC 4271 §10).</param>
    public SessionFsm(SpeakerSettings speaker, PeerSettings peer, IReadOnlyList<AsNumberRange> allowedAs, Random random)
    {
        _speaker = speaker;
        _peer = peer;
        _allowedAs = allowedAs;
        _random = random;
    }

    private enum Mode : byte
    {
        Stopped,
        IdleHold,
        Running,
    }

    /// <summary>The state.</summary>
    public SessionState State { get; private set; } = SessionState.Idle;

    /// <summary>Whether Idle lasts until somebody starts the session.</summary>
    public bool IsStopped => _mode == Mode.Stopped;

    /// <summary>What the established session negotiated; null in other states.</summary>
    public NegotiatedSession? Session => Established?.Session;

    /// <summary>The connection of the established session; none (0) in other states.</summary>
    public ConnectionId Connection => Established?.Id ?? default;

    /// <summary>How many connections are being made, up, or waiting.</summary>
    public int ConnectionCount => _tracks.Count;

    /// <summary>ConnectRetryCounter (RFC 4271 §8): failures since the last start by hand or stable session.</summary>
    public int ConnectRetryCounter { get; private set; }

    /// <summary>What the next OPEN says about our own restart.</summary>
    public RestartState Restart { get; set; }

    private ConnectionTrack? Established => _tracks.Find(track => track.State == TrackState.Established);

    /// <summary>Whether a connection is one of the session's, and not closed.</summary>
    public bool Knows(ConnectionId connection) => Find(connection) is not null;

    /// <summary>Whether the connection waits, with the peer's KEEPALIVE, for the end of another; whatever the peer sends on it ends that.</summary>
    public bool IsHeldBack(ConnectionId connection) => Find(connection) is { IsHeldBack: true };

    /// <summary>From now on other settings count, for what happens next; what was negotiated stays.</summary>
    public void Apply(SpeakerSettings speaker, PeerSettings peer)
    {
        _speaker = speaker;
        _peer = peer;
    }

    /// <summary>A number for a connection that was accepted, to be given with <see cref="SessionEvent.Accepted"/>.</summary>
    public ConnectionId NextConnection() => new(++_lastConnection);

    /// <summary>Takes one event.</summary>
    /// <param name="what">The event.</param>
    /// <param name="actions">What is to be done is appended, in the order in which it is to be done.</param>
    public void Handle(in SessionEvent what, List<SessionAction> actions)
    {
        _actions = actions;
        switch (what.Kind)
        {
            case SessionEventKind.ManualStart:
                Start(byHand: true);
                break;
            case SessionEventKind.AutomaticStart:
                Start(byHand: false);
                break;
            case SessionEventKind.ManualStop:
                ConnectRetryCounter = 0;
                Stop(what.NotificationMessage);
                break;
            case SessionEventKind.AutomaticStop:
                StopAndRestart(what.NotificationMessage, what.RestartAfter);
                break;
            case SessionEventKind.TimerExpired when what.Connection == default:
                OnSessionTimer(what.Timer);
                break;
            case SessionEventKind.Accepted:
                OnAccepted(what.Connection);
                break;
            default:
                if (Find(what.Connection) is { } track)
                {
                    HandleOnConnection(track, what);
                }

                break;
        }

        ReleaseHeldBack();
        ReportState();
    }

    // A loop and not a search with a closure: this runs for every message.
    private ConnectionTrack? Find(ConnectionId id)
    {
        foreach (ConnectionTrack track in _tracks)
        {
            if (track.Id == id)
            {
                return track;
            }
        }

        return null;
    }

    private void HandleOnConnection(ConnectionTrack track, in SessionEvent what)
    {
        switch (what.Kind)
        {
            case SessionEventKind.TimerExpired:
                OnConnectionTimer(track, what.Timer, what.HasSent);
                break;
            case SessionEventKind.Connected:
                OnConnected(track);
                break;
            case SessionEventKind.ConnectionFailed:
                OnConnectionFailed(track);
                break;
            case SessionEventKind.Open:
                OnOpen(track, what.OpenMessage);
                break;
            case SessionEventKind.Notification:
                OnNotification(track, what.NotificationMessage);
                break;
            case SessionEventKind.MessageError:
                Fail(track, SessionEndReason.NotificationSent, track.State < TrackState.OpenSent ? null : what.NotificationMessage);
                break;
            default:
                OnMessage(track, what.Kind);
                break;
        }
    }

    private void ReportState()
    {
        SessionState now = _mode == Mode.Running ? FurthestState() : SessionState.Idle;
        if (now != State)
        {
            _actions.Add(SessionAction.StateChanged(State, now));
            State = now;
        }
    }

    private SessionState FurthestState()
    {
        SessionState state = SessionState.Active;
        foreach (ConnectionTrack track in _tracks)
        {
            SessionState own = track.State switch
            {
                TrackState.Established => SessionState.Established,
                TrackState.OpenConfirm => SessionState.OpenConfirm,
                TrackState.OpenSent => SessionState.OpenSent,
                TrackState.Delaying when !track.IsOutgoing => SessionState.Active,
                _ => SessionState.Connect,
            };

            // Active and Connect differ only in what is awaited: with something being made it is Connect.
            state = own > state || (state == SessionState.Active && own == SessionState.Connect) ? own : state;
        }

        return state;
    }
}
