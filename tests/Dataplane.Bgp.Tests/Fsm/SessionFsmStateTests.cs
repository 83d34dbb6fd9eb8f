using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Tests.Fsm;

/// <summary>Each state against each event of RFC 4271 §8.2.2.</summary>
public sealed class SessionFsmStateTests
{
    private static readonly NotificationMessage Shutdown = NotificationMessage.WithText(CeaseReason.AdministrativeShutdown, "maintenance");
    private static readonly NotificationMessage Fault = NotificationMessage.Of(UpdateError.MalformedAttributeList);

    /// <summary>
    /// State, event, state that follows, and what is sent: "-" nothing, else code/subcode of a NOTIFICATION, "open", "keepalive".
    /// After the first error Idle takes no time, so that Connect stands where RFC 4271 has Idle ("Idle*": it went through Idle).
    /// </summary>
    public static TheoryData<SessionState, string, string, string> Table => new()
    {
        { SessionState.Idle, "ManualStart", "Connect", "-" },
        { SessionState.Idle, "AutomaticStart", "Connect", "-" },
        { SessionState.Idle, "ManualStop", "Idle", "-" },
        { SessionState.Idle, "AutomaticStop", "Idle", "-" },
        { SessionState.Idle, "Accepted", "Idle", "-" },

        { SessionState.Connect, "ManualStart", "Connect", "-" },
        { SessionState.Connect, "AutomaticStart", "Connect", "-" },
        { SessionState.Connect, "ManualStop", "Idle", "-" },
        { SessionState.Connect, "AutomaticStop", "Idle", "-" },
        { SessionState.Connect, "ConnectRetry", "Connect", "-" },
        { SessionState.Connect, "Connected", "OpenSent", "open" },
        { SessionState.Connect, "Accepted", "OpenSent", "open" },
        { SessionState.Connect, "ConnectionFailed", "Active", "-" },

        { SessionState.Active, "ManualStart", "Active", "-" },
        { SessionState.Active, "ManualStop", "Idle", "-" },
        { SessionState.Active, "AutomaticStop", "Idle", "-" },
        { SessionState.Active, "ConnectRetry", "Connect", "-" },
        { SessionState.Active, "Accepted", "OpenSent", "open" },

        { SessionState.OpenSent, "ManualStart", "OpenSent", "-" },
        { SessionState.OpenSent, "ManualStop", "Idle", "6/2" },
        { SessionState.OpenSent, "AutomaticStop", "Idle", "6/1" },
        { SessionState.OpenSent, "Hold", "Idle*", "4/0" },
        { SessionState.OpenSent, "ConnectionFailed", "Active", "-" },
        { SessionState.OpenSent, "Open", "OpenConfirm", "keepalive" },
        { SessionState.OpenSent, "MessageError", "Idle*", "3/1" },
        { SessionState.OpenSent, "Notification", "Idle*", "-" },
        { SessionState.OpenSent, "Keepalive", "Idle*", "5/1" },
        { SessionState.OpenSent, "Update", "Idle*", "5/1" },
        { SessionState.OpenSent, "RouteRefresh", "Idle*", "5/1" },
        { SessionState.OpenSent, "Collision", "Active", "-" },

        { SessionState.OpenConfirm, "ManualStart", "OpenConfirm", "-" },
        { SessionState.OpenConfirm, "ManualStop", "Idle", "6/2" },
        { SessionState.OpenConfirm, "AutomaticStop", "Idle", "6/1" },
        { SessionState.OpenConfirm, "Hold", "Idle*", "4/0" },
        { SessionState.OpenConfirm, "KeepaliveTimer", "OpenConfirm", "keepalive" },
        { SessionState.OpenConfirm, "ConnectionFailed", "Idle*", "-" },
        { SessionState.OpenConfirm, "Open", "Idle*", "5/2" },
        { SessionState.OpenConfirm, "MessageError", "Idle*", "3/1" },
        { SessionState.OpenConfirm, "Notification", "Idle*", "-" },
        { SessionState.OpenConfirm, "Keepalive", "Established", "-" },
        { SessionState.OpenConfirm, "Update", "Idle*", "5/2" },
        { SessionState.OpenConfirm, "RouteRefresh", "Idle*", "5/2" },
        { SessionState.OpenConfirm, "Collision", "Active", "-" },

        { SessionState.Established, "ManualStart", "Established", "-" },
        { SessionState.Established, "ManualStop", "Idle", "6/2" },
        { SessionState.Established, "AutomaticStop", "Idle", "6/1" },
        { SessionState.Established, "Hold", "Idle*", "4/0" },
        { SessionState.Established, "KeepaliveTimer", "Established", "keepalive" },
        { SessionState.Established, "SendHold", "Idle*", "8/0" },
        { SessionState.Established, "Accepted", "Established", "6/7" },
        { SessionState.Established, "ConnectionFailed", "Idle*", "-" },
        { SessionState.Established, "Open", "Idle*", "5/3" },
        { SessionState.Established, "MessageError", "Idle*", "3/1" },
        { SessionState.Established, "Notification", "Idle*", "-" },
        { SessionState.Established, "Keepalive", "Established", "-" },
        { SessionState.Established, "Update", "Established", "-" },
        { SessionState.Established, "RouteRefresh", "Established", "-" },
        { SessionState.Established, "Collision", "Idle*", "-" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    [Trait("Requirement", "ARC-11")]
    public void FollowsTheTable(SessionState from, string what, string to, string sent)
    {
        var rig = new FsmRig();
        ConnectionId id = rig.Reach(from);
        var before = rig.Sent.Count;

        switch (what)
        {
            case "ConnectRetry": rig.Expire(SessionTimerKind.ConnectRetry); break;
            case "Hold": rig.Expire(SessionTimerKind.Hold, id); break;
            case "KeepaliveTimer": rig.Expire(SessionTimerKind.Keepalive, id); break;
            case "SendHold": rig.Expire(SessionTimerKind.SendHold, id); break;
            case "Accepted": rig.Accept(); break;
            case "Connected": rig.Connect(); break;
            default: rig.Do(EventOf(what, id, rig)); break;
        }

        var throughIdle = rig.Last.Exists(action => action is { Kind: SessionActionKind.StateChanged, NewState: SessionState.Idle });
        Assert.Equal(to.EndsWith('*') || (to == "Idle" && from != SessionState.Idle), throughIdle);
        Assert.Equal(to.EndsWith('*') ? SessionState.Connect : Enum.Parse<SessionState>(to), rig.Fsm.State);
        Assert.Equal(sent, string.Join(' ', rig.Sent.Skip(before).Select(row => row.Notification is { } n
            ? $"{(int)n.Code}/{n.Subcode}"
            : row.Type.ToString().ToLowerInvariant())) is { Length: > 0 } text ? text : "-");
    }

    [Theory]
    [InlineData(SessionState.Connect)]
    [InlineData(SessionState.Active)]
    public void MessageThatPrecedesOurOpenClosesWithoutAWord(SessionState state)
    {
        PeerSettings peer = state == SessionState.Connect ? FsmRig.DefaultPeer : FsmRig.PassivePeer;
        foreach (SessionEventKind kind in new[] { SessionEventKind.Keepalive, SessionEventKind.Update, SessionEventKind.MessageError, SessionEventKind.Notification })
        {
            var rig = new FsmRig(peer with { Timers = new() { DelayOpen = TimeSpan.FromSeconds(5) } });
            rig.Do(SessionEvent.ManualStart);
            ConnectionId id = peer.Transport.Passive ? rig.Accept() : rig.Connect();
            Assert.Equal(state, rig.Fsm.State);
            Assert.True(rig.Runs(SessionTimerKind.DelayOpen, id));

            rig.Do(EventOf(kind.ToString(), id, rig));

            Assert.Empty(rig.Sent);
            Assert.False(rig.Fsm.Knows(id));
            Assert.Equal(1, rig.Fsm.ConnectRetryCounter);
        }
    }

    [Fact]
    public void DelayOpenEndsWithItsTimerOrWithThePeersOpen()
    {
        PeerSettings peer = FsmRig.DefaultPeer with { Timers = new() { DelayOpen = TimeSpan.FromSeconds(5) } };
        var byTimer = new FsmRig(peer);
        byTimer.Do(SessionEvent.ManualStart);
        ConnectionId id = byTimer.Connect();
        byTimer.Expire(SessionTimerKind.DelayOpen, id);
        Assert.Equal(SessionState.OpenSent, byTimer.Fsm.State);

        var byOpen = new FsmRig(peer);
        byOpen.Do(SessionEvent.ManualStart);
        id = byOpen.Connect();
        byOpen.Do(SessionEvent.Open(id, byOpen.RemoteOpen));
        Assert.Equal(SessionState.OpenConfirm, byOpen.Fsm.State);
        Assert.Equal([MessageType.Open, MessageType.Keepalive], byOpen.Sent.Select(row => row.Type));
    }

    [Fact]
    public void PassiveSessionNeverConnects()
    {
        var rig = new FsmRig(FsmRig.PassivePeer);
        rig.Do(SessionEvent.ManualStart);
        Assert.Equal(SessionState.Active, rig.Fsm.State);
        Assert.Empty(rig.Timers);
        for (var i = 0; i < 5; i++)
        {
            ConnectionId id = rig.Accept();
            rig.Do(SessionEvent.Notification(id, Fault));
            if (rig.Fsm.State == SessionState.Idle)
            {
                rig.Expire(SessionTimerKind.IdleHold);
            }
        }

        Assert.DoesNotContain(rig.Last, action => action.Kind == SessionActionKind.Connect);
    }

    [Fact]
    public void IdleGrowsWithFailuresAndForgetsThemWhenASessionLasts()
    {
        var rig = new FsmRig(FsmRig.DefaultPeer with { Timers = new() { IdleHold = TimeSpan.FromSeconds(1), MaximumIdleHold = TimeSpan.FromSeconds(10) } });
        rig.Do(SessionEvent.ManualStart);
        double[] longest = [0, 1, 2, 4, 8, 10, 10];
        foreach (var seconds in longest)
        {
            ConnectionId id = rig.Connect();
            rig.Do(SessionEvent.Notification(id, Fault));
            var held = rig.Timers.GetValueOrDefault(new(SessionTimerKind.IdleHold)).TotalSeconds;
            Assert.InRange(held, 0.75 * seconds, seconds);
            if (seconds > 0)
            {
                Assert.Equal(SessionState.Idle, rig.Fsm.State);
                rig.Do(SessionEvent.AutomaticStart);
                Assert.Equal(SessionState.Idle, rig.Fsm.State);
                rig.Expire(SessionTimerKind.IdleHold);
            }
        }

        ConnectionId last = rig.Connect();
        rig.Do(SessionEvent.Open(last, rig.RemoteOpen)).Do(SessionEvent.Keepalive(last));
        Assert.Equal(longest.Length, rig.Fsm.ConnectRetryCounter);
        rig.Expire(SessionTimerKind.Stable);
        Assert.Equal(0, rig.Fsm.ConnectRetryCounter);
    }

    [Fact]
    public void StartByHandDoesNotWait()
    {
        var rig = new FsmRig();
        rig.Do(SessionEvent.ManualStart);
        for (var i = 0; i < 2; i++)
        {
            rig.Do(SessionEvent.Notification(rig.Connect(), Fault));
        }

        Assert.Equal(SessionState.Idle, rig.Fsm.State);
        rig.Do(SessionEvent.ManualStart);
        Assert.Equal(SessionState.Connect, rig.Fsm.State);
        Assert.Equal(0, rig.Fsm.ConnectRetryCounter);
    }

    [Fact]
    public void StopWithARestartTimeComesBackByItself()
    {
        var rig = new FsmRig();
        rig.Reach(SessionState.Established);
        rig.Do(SessionEvent.AutomaticStop(NotificationMessage.Of(CeaseReason.MaximumPrefixes), TimeSpan.FromMinutes(5)));
        Assert.Equal(TimeSpan.FromMinutes(5), rig.Timers[new(SessionTimerKind.IdleHold)]);
        rig.Expire(SessionTimerKind.IdleHold);
        Assert.Equal(SessionState.Connect, rig.Fsm.State);

        rig.Do(SessionEvent.ConnectionFailed(rig.Pending));
        rig.Do(SessionEvent.AutomaticStop(NotificationMessage.WithText(CeaseReason.AdministrativeReset, null), TimeSpan.Zero));
        Assert.Equal(SessionState.Connect, rig.Fsm.State);
    }

    [Fact]
    public void SendHoldTimerGoesOnWhileThePeerTakesSomething()
    {
        var rig = new FsmRig();
        ConnectionId id = rig.Reach(SessionState.Established);
        Assert.Equal(TimeSpan.FromMinutes(8), rig.Timers[new(SessionTimerKind.SendHold, id)]);
        rig.Expire(SessionTimerKind.SendHold, id, hasSent: true);
        Assert.Equal(SessionState.Established, rig.Fsm.State);
        rig.Expire(SessionTimerKind.SendHold, id, hasSent: false);
        Assert.Equal(ErrorCode.SendHoldTimerExpired, rig.LastNotification!.Code);
        Assert.Equal(SessionEndReason.NotificationSent, rig.LastEnd!.Reason);
    }

    [Fact]
    public void UpdateAndKeepaliveRestartTheHoldTimer()
    {
        var rig = new FsmRig();
        ConnectionId id = rig.Reach(SessionState.Established);
        foreach (SessionEvent what in new[] { SessionEvent.Update(id), SessionEvent.Keepalive(id) })
        {
            rig.Timers[new(SessionTimerKind.Hold, id)] = TimeSpan.FromSeconds(1);
            rig.Do(what);
            Assert.Equal(TimeSpan.FromSeconds(90), rig.Timers[new(SessionTimerKind.Hold, id)]);
        }
    }

    [Fact]
    public void HoldTimeOfZeroMeansNoKeepalives()
    {
        var rig = new FsmRig();
        rig.RemoteOpen = rig.RemoteOpen with { HoldTime = 0 };
        ConnectionId id = rig.Reach(SessionState.Established);
        Assert.False(rig.Runs(SessionTimerKind.Hold, id));
        Assert.False(rig.Runs(SessionTimerKind.Keepalive, id));
        Assert.False(rig.Runs(SessionTimerKind.SendHold, id));
    }

    [Fact]
    public void LargeHoldTimeRunsUntilThePeersOpen()
    {
        var rig = new FsmRig();
        ConnectionId id = rig.Reach(SessionState.OpenSent);
        Assert.Equal(TimeSpan.FromMinutes(4), rig.Timers[new(SessionTimerKind.Hold, id)]);
    }

    [Fact]
    public void LateEventsOfClosedConnectionsAreIgnored()
    {
        var rig = new FsmRig();
        ConnectionId id = rig.Reach(SessionState.Established);
        rig.Do(SessionEvent.ManualStop(Shutdown));
        foreach (SessionEvent late in new[]
        {
            SessionEvent.Update(id), SessionEvent.ConnectionFailed(id), SessionEvent.Open(id, rig.RemoteOpen), SessionEvent.Connected(id),
            SessionEvent.Expired(new(SessionTimerKind.Hold, id)), SessionEvent.Expired(new(SessionTimerKind.ConnectRetry)),
            SessionEvent.Expired(new(SessionTimerKind.IdleHold)), SessionEvent.Expired(new(SessionTimerKind.Stable)),
        })
        {
            rig.Do(late);
            Assert.Empty(rig.Last);
        }
    }

    private static SessionEvent EventOf(string what, ConnectionId id, FsmRig rig) => what switch
    {
        "ManualStart" => SessionEvent.ManualStart,
        "AutomaticStart" => SessionEvent.AutomaticStart,
        "ManualStop" => SessionEvent.ManualStop(Shutdown),
        "AutomaticStop" => SessionEvent.AutomaticStop(NotificationMessage.Of(CeaseReason.MaximumPrefixes), null),
        "ConnectionFailed" => SessionEvent.ConnectionFailed(id),
        "Open" => SessionEvent.Open(id, rig.RemoteOpen),
        "MessageError" => SessionEvent.MessageError(id, Fault),
        "Notification" => SessionEvent.Notification(id, Fault),
        "Keepalive" => SessionEvent.Keepalive(id),
        "Update" => SessionEvent.Update(id),
        "RouteRefresh" => SessionEvent.RouteRefresh(id),
        "Collision" => SessionEvent.Notification(id, NotificationMessage.Of(CeaseReason.CollisionResolution)),
        _ => throw new ArgumentException(what),
    };
}
