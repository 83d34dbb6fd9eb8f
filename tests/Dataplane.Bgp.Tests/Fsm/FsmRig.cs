using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Fsm;

/// <summary>A machine with what it has asked for: timers that run, connections that are there, messages sent. Asserts what must hold after every event.</summary>
internal sealed class FsmRig
{
    internal static readonly AsNumber LocalAs = new(65001);
    internal static readonly AsNumber RemoteAs = new(65002);
    internal const uint LocalId = 0x0A000001;
    internal const uint RemoteId = 0x0A000002;

    private readonly List<SessionAction> _actions = [];
    private SessionState _state = SessionState.Idle;
    private bool _isUp;

    internal FsmRig(PeerSettings? peer = null, SpeakerSettings? speaker = null, IReadOnlyList<AsNumberRange>? allowedAs = null, int seed = 1)
    {
        Peer = peer ?? DefaultPeer;
        Fsm = new(speaker ?? DefaultSpeaker, Peer, allowedAs ?? [], new Random(seed));
    }

    internal static SpeakerSettings DefaultSpeaker { get; } = new() { As = LocalAs, RouterId = LocalId };

    internal static PeerSettings DefaultPeer { get; } = new()
    {
        Address = IpAddress.Parse("10.0.0.2"),
        As = RemoteAs,
        Families = [RouteFamily.VpnIpv4],
        GracefulRestart = GracefulRestartMode.Disabled,
    };

    internal static PeerSettings PassivePeer { get; } = DefaultPeer with { Transport = new() { Passive = true } };

    internal PeerSettings Peer { get; }

    internal SessionFsm Fsm { get; }

    internal Dictionary<SessionTimer, TimeSpan> Timers { get; } = [];

    /// <summary>Connections that are being made or up, and whether each is up.</summary>
    internal Dictionary<ConnectionId, bool> Connections { get; } = [];

    internal List<(ConnectionId Connection, MessageType Type, NotificationMessage? Notification)> Sent { get; } = [];

    internal List<SessionAction> Last { get; } = [];

    internal ConnectionId Pending => Connections.Single(row => !row.Value).Key;

    internal NotificationMessage? LastNotification => Sent.LastOrDefault(row => row.Type == MessageType.Notification).Notification;

    internal SessionEnd? LastEnd { get; private set; }

    internal OpenMessage RemoteOpen { get; set; } = new()
    {
        As = RemoteAs,
        HoldTime = 90,
        RouterId = RemoteId,
        Capabilities = new() { Families = FamilySet.Of(RouteFamily.VpnIpv4), FourOctetAs = RemoteAs, RouteRefresh = true },
    };

    internal FsmRig Do(SessionEvent what)
    {
        _actions.Clear();
        Fsm.Handle(what, _actions);
        Last.Clear();
        Last.AddRange(_actions);
        foreach (SessionAction action in _actions)
        {
            Perform(action);
        }

        Check();
        return this;
    }

    internal ConnectionId Accept()
    {
        ConnectionId id = Fsm.NextConnection();
        Connections.Add(id, true);
        Do(SessionEvent.Accepted(id));
        return id;
    }

    internal ConnectionId Connect()
    {
        ConnectionId id = Pending;
        Connections[id] = true;
        Do(SessionEvent.Connected(id));
        return id;
    }

    internal FsmRig Expire(SessionTimerKind kind, ConnectionId id = default, bool hasSent = false)
    {
        var timer = new SessionTimer(kind, id);
        Assert.True(Timers.Remove(timer), $"{kind} of {id} does not run");
        return Do(SessionEvent.Expired(timer, hasSent));
    }

    /// <summary>Leads a session to a state by the connection that we make, or, when the peer is passive for us, by the one that is accepted.</summary>
    internal ConnectionId Reach(SessionState state)
    {
        if (state == SessionState.Idle)
        {
            return default;
        }

        Do(SessionEvent.ManualStart);
        if (state == SessionState.Connect)
        {
            return Pending;
        }

        if (state == SessionState.Active)
        {
            if (!Peer.Transport.Passive)
            {
                Do(SessionEvent.ConnectionFailed(Pending));
                Assert.Empty(Connections);
            }

            return default;
        }

        ConnectionId id = Peer.Transport.Passive ? Accept() : Connect();
        if (state >= SessionState.OpenConfirm)
        {
            Do(SessionEvent.Open(id, RemoteOpen));
        }

        if (state == SessionState.Established)
        {
            Do(SessionEvent.Keepalive(id));
        }

        Assert.Equal(state, Fsm.State);
        return id;
    }

    internal bool Runs(SessionTimerKind kind, ConnectionId id = default) => Timers.ContainsKey(new(kind, id));

    private void Perform(SessionAction action)
    {
        switch (action.Kind)
        {
            case SessionActionKind.Connect:
                Connections.Add(action.Connection, false);
                break;
            case SessionActionKind.Close:
                Assert.True(Connections.Remove(action.Connection, out var isUp), $"{action.Connection} is closed and was not there");
                if (action.Notification is not null)
                {
                    Assert.True(isUp);
                    Sent.Add((action.Connection, MessageType.Notification, action.Notification));
                }

                break;
            case SessionActionKind.SendOpen:
                Assert.True(Connections[action.Connection]);
                Assert.DoesNotContain(Sent, row => row.Connection == action.Connection);
                Sent.Add((action.Connection, MessageType.Open, null));
                break;
            case SessionActionKind.SendKeepalive:
                Assert.True(Connections[action.Connection]);
                Assert.Contains(Sent, row => row.Connection == action.Connection && row.Type == MessageType.Open);
                Sent.Add((action.Connection, MessageType.Keepalive, null));
                break;
            case SessionActionKind.StartTimer:
                Assert.True(action.Duration >= TimeSpan.Zero);
                Timers[action.Timer] = action.Duration;
                break;
            case SessionActionKind.StopTimer:
                _ = Timers.Remove(action.Timer);
                break;
            case SessionActionKind.StateChanged:
                Assert.Equal(_state, action.OldState);
                Assert.NotEqual(_state, action.NewState);
                _state = action.NewState;
                break;
            case SessionActionKind.SessionUp:
                Assert.False(_isUp);
                Assert.Equal(SessionState.Established, _state);
                Assert.NotNull(action.Session);
                _isUp = true;
                break;
            case SessionActionKind.SessionDown:
                Assert.True(_isUp);
                _isUp = false;
                LastEnd = action.End;
                break;
        }
    }

    private void Check()
    {
        Assert.Equal(_state, Fsm.State);
        Assert.Equal(_state == SessionState.Established, _isUp);
        Assert.Equal(_isUp, Fsm.Session is not null);
        Assert.Equal(Connections.Count, Fsm.ConnectionCount);
        foreach (SessionTimer timer in Timers.Keys)
        {
            Assert.True(timer.Connection == default || Connections.ContainsKey(timer.Connection), $"{timer.Kind} of a closed connection runs");
        }

        Assert.Equal(_state == SessionState.Idle && !Fsm.IsStopped, Runs(SessionTimerKind.IdleHold));
        Assert.Equal(_isUp, Runs(SessionTimerKind.Stable) || (_isUp && Fsm.ConnectRetryCounter == 0));
        if (_state == SessionState.Idle)
        {
            Assert.Empty(Connections);
            Assert.False(Runs(SessionTimerKind.ConnectRetry));
        }

        if (_state == SessionState.Active && !Peer.Transport.Passive && Connections.Count == 0)
        {
            Assert.True(Runs(SessionTimerKind.ConnectRetry));
        }

        if (_isUp && Fsm.Session!.HoldTime > TimeSpan.Zero)
        {
            Assert.True(Runs(SessionTimerKind.Hold, Fsm.Connection));
            Assert.True(Runs(SessionTimerKind.Keepalive, Fsm.Connection));
            Assert.False(Runs(SessionTimerKind.ConnectRetry));
        }
    }
}
