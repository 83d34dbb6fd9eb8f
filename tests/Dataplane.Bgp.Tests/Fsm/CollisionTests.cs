using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Net;

namespace Dataplane.Bgp.Tests.Fsm;

/// <summary>Two connections of one peer, in every order (RFC 4271 §6.8, RFC 6286 §2.3, RFC 4724 §4.2).</summary>
public sealed class CollisionTests
{
    /// <summary>Who has the higher identifier (or AS, with equal identifiers), and in which order the OPENs come.</summary>
    public static TheoryData<uint, uint, bool, bool> Orders
    {
        get
        {
            var data = new TheoryData<uint, uint, bool, bool>();
            foreach (var (id, system, isOutgoingKept) in new[]
            {
                (FsmRig.LocalId - 1, 65002u, true), (FsmRig.LocalId + 1, 65002u, false), (FsmRig.LocalId, 65000u, true), (FsmRig.LocalId, 65002u, false),
            })
            {
                data.Add(id, system, isOutgoingKept, true);
                data.Add(id, system, isOutgoingKept, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    [Trait("Requirement", "ARC-11")]
    public void TheOneOfTheHigherIdentifierStays(uint remoteId, uint remoteAs, bool isOutgoingKept, bool isOutgoingFirst)
    {
        var rig = new FsmRig(FsmRig.DefaultPeer with { As = new(remoteAs) });
        OpenMessage open = rig.RemoteOpen with { RouterId = remoteId, As = new(remoteAs) };
        rig.Do(SessionEvent.ManualStart);
        ConnectionId outgoing = rig.Connect();
        ConnectionId incoming = rig.Accept();
        (ConnectionId first, ConnectionId second) = isOutgoingFirst ? (outgoing, incoming) : (incoming, outgoing);

        rig.Do(SessionEvent.Open(first, open));
        Assert.Equal(2, rig.Connections.Count);
        rig.Do(SessionEvent.Open(second, open));

        ConnectionId kept = isOutgoingKept ? outgoing : incoming;
        Assert.Equal(kept, Assert.Single(rig.Connections).Key);
        Assert.True(rig.LastNotification!.Is(CeaseReason.CollisionResolution));
        Assert.Equal(SessionState.OpenConfirm, rig.Fsm.State);
        Assert.Equal(0, rig.Fsm.ConnectRetryCounter);
        rig.Do(SessionEvent.Keepalive(kept));
        Assert.Equal(SessionState.Established, rig.Fsm.State);
    }

    /// <summary>The one that the rule would keep, when it is ready first.</summary>
    [Fact]
    public void OneThatIsToStayDoesNotWait()
    {
        (FsmRig rig, _, ConnectionId incoming) = Colliding();
        rig.Do(SessionEvent.Open(incoming, rig.RemoteOpen)).Do(SessionEvent.Keepalive(incoming));
        Assert.Equal(incoming, rig.Fsm.Connection);
        Assert.Equal(incoming, Assert.Single(rig.Connections).Key);
        Assert.True(rig.LastNotification!.Is(CeaseReason.CollisionResolution));
    }

    /// <summary>The other one, which the peer may be closing: had it established the session, the peer's OPEN on the one that stays would close that too.</summary>
    [Theory]
    [InlineData("Open")]
    [InlineData("Cease")]
    [InlineData("Lost")]
    [InlineData("Update")]
    [InlineData("Refresh")]
    [InlineData("Keepalive")]
    public void OneThatIsToLoseWaitsForThePeerToChoose(string next)
    {
        (FsmRig rig, ConnectionId outgoing, ConnectionId incoming) = Colliding();
        rig.Do(SessionEvent.Open(outgoing, rig.RemoteOpen)).Do(SessionEvent.Keepalive(outgoing));
        Assert.Equal(SessionState.OpenConfirm, rig.Fsm.State);
        Assert.Equal(2, rig.Connections.Count);
        Assert.True(rig.Fsm.IsHeldBack(outgoing));

        rig.Do(next switch
        {
            "Open" => SessionEvent.Open(incoming, rig.RemoteOpen),
            "Cease" => SessionEvent.Notification(incoming, NotificationMessage.Of(CeaseReason.CollisionResolution)),
            "Lost" => SessionEvent.ConnectionFailed(incoming),
            "Update" => SessionEvent.Update(outgoing),
            "Refresh" => SessionEvent.RouteRefresh(outgoing),
            _ => SessionEvent.Keepalive(outgoing),
        });

        (ConnectionId kept, SessionState state) = next == "Open" ? (incoming, SessionState.OpenConfirm) : (outgoing, SessionState.Established);
        Assert.Equal(kept, Assert.Single(rig.Connections).Key);
        Assert.Equal(state, rig.Fsm.State);
        Assert.False(rig.Fsm.IsHeldBack(outgoing));
        Assert.Equal(0, rig.Fsm.ConnectRetryCounter);
    }

    [Fact]
    public void AttemptIsGivenUpWhenThePeerHasConnectedAndAgreed()
    {
        var rig = new FsmRig();
        rig.Do(SessionEvent.ManualStart);
        ConnectionId attempt = rig.Pending;
        ConnectionId incoming = rig.Accept();
        Assert.True(rig.Fsm.Knows(attempt));
        rig.Do(SessionEvent.Open(incoming, rig.RemoteOpen));
        Assert.False(rig.Fsm.Knows(attempt));
        Assert.False(rig.Runs(SessionTimerKind.ConnectRetry));
    }

    [Fact]
    public void ConnectionOfThePeerThatIsNewerReplacesItsOlderOne()
    {
        var rig = new FsmRig(FsmRig.PassivePeer);
        rig.Do(SessionEvent.ManualStart);
        ConnectionId older = rig.Accept();
        ConnectionId newer = rig.Accept();
        Assert.False(rig.Fsm.Knows(older));
        Assert.True(rig.Fsm.Knows(newer));
        Assert.Equal(SessionState.OpenSent, rig.Fsm.State);
    }

    [Fact]
    public void FailureOfOneLeavesTheOther()
    {
        var rig = new FsmRig();
        rig.Do(SessionEvent.ManualStart);
        ConnectionId outgoing = rig.Connect();
        ConnectionId incoming = rig.Accept();
        rig.Do(SessionEvent.MessageError(outgoing, NotificationMessage.Of(HeaderError.ConnectionNotSynchronized)));
        Assert.Equal(incoming, Assert.Single(rig.Connections).Key);
        Assert.Equal(SessionState.OpenSent, rig.Fsm.State);
    }

    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void PeerThatComesBackReplacesTheSessionThatIsStillSeen()
    {
        FsmRig rig = Graceful();
        ConnectionId old = rig.Reach(SessionState.Established);
        ConnectionId candidate = rig.Accept();
        Assert.Equal(SessionState.Established, rig.Fsm.State);
        Assert.Equal(2, rig.Connections.Count);

        rig.Do(SessionEvent.Open(candidate, rig.RemoteOpen));
        Assert.Equal(old, rig.Fsm.Connection);
        rig.Do(SessionEvent.Keepalive(candidate));

        Assert.Equal(SessionEndReason.PeerReconnected, rig.LastEnd!.Reason);
        Assert.True(rig.LastEnd.KeepsRoutes);
        Assert.False(rig.Fsm.Knows(old));
        Assert.Null(rig.LastNotification);
        Assert.Equal(candidate, rig.Fsm.Connection);
    }

    /// <summary>The peer has made both connections long since; the one that lost waited to be accepted while the other became the session.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "SIG-20")]
    public void ConnectionThatLosesAndIsAcceptedLateLeavesTheSessionAlone(bool saysSo)
    {
        FsmRig rig = Graceful();
        ConnectionId session = rig.Reach(SessionState.Established);
        ConnectionId loser = rig.Accept();
        rig.Do(SessionEvent.Open(loser, rig.RemoteOpen));
        rig.Do(saysSo ? SessionEvent.Notification(loser, NotificationMessage.Of(CeaseReason.CollisionResolution)) : SessionEvent.ConnectionFailed(loser));
        Assert.Equal(session, rig.Fsm.Connection);
        Assert.Equal(session, Assert.Single(rig.Connections).Key);
        Assert.Null(rig.LastEnd);
        Assert.Equal(SessionState.Established, rig.Fsm.State);
    }

    [Fact]
    public void SessionThatIsLostWhileThePeerComesBackGoesOnWithItsNewConnection()
    {
        FsmRig rig = Graceful();
        ConnectionId old = rig.Reach(SessionState.Established);
        ConnectionId candidate = rig.Accept();
        rig.Do(SessionEvent.Open(candidate, rig.RemoteOpen));
        rig.Do(SessionEvent.ConnectionFailed(old));
        Assert.Equal(SessionEndReason.ConnectionLost, rig.LastEnd!.Reason);
        Assert.Equal(SessionState.OpenConfirm, rig.Fsm.State);
        rig.Do(SessionEvent.Keepalive(candidate));
        Assert.Equal(candidate, rig.Fsm.Connection);
    }

    [Fact]
    public void OpenThatIsNotAcceptableLeavesTheEstablishedSessionAlone()
    {
        FsmRig rig = Graceful();
        ConnectionId old = rig.Reach(SessionState.Established);
        ConnectionId candidate = rig.Accept();
        rig.Do(SessionEvent.Open(candidate, rig.RemoteOpen with { As = new AsNumber(7) }));
        Assert.Equal(old, rig.Fsm.Connection);
        Assert.Equal(old, Assert.Single(rig.Connections).Key);
        Assert.Null(rig.LastEnd);
    }

    /// <summary>Two connections whose OPENs are sent; the incoming one is to stay.</summary>
    private static (FsmRig Rig, ConnectionId Outgoing, ConnectionId Incoming) Colliding()
    {
        var rig = new FsmRig();
        rig.Do(SessionEvent.ManualStart);
        ConnectionId outgoing = rig.Connect();
        return (rig, outgoing, rig.Accept());
    }

    private static FsmRig Graceful()
    {
        var rig = new FsmRig(FsmRig.DefaultPeer with { GracefulRestart = GracefulRestartMode.Helper });
        rig.RemoteOpen = rig.RemoteOpen with
        {
            Capabilities = rig.RemoteOpen.Capabilities with
            {
                GracefulRestart = new() { RestartSeconds = 60, Families = rig.RemoteOpen.Capabilities.Families },
            },
        };
        return rig;
    }
}
