using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Fsm;

/// <summary>What is refused in an OPEN, and what two of them agree on.</summary>
public sealed class NegotiationTests
{
    private static readonly GracefulRestartSettings Restart = new();

    [Theory]
    [InlineData(65002, 0x0A000002, 90, null)]
    [InlineData(65002, 0x0A000002, 0, null)]
    [InlineData(65002, 0x0A000002, 3, null)]
    [InlineData(65003, 0x0A000002, 90, OpenError.BadPeerAs)]
    [InlineData(0, 0x0A000002, 90, OpenError.BadPeerAs)]
    [InlineData(65002, 0, 90, OpenError.BadIdentifier)]
    [InlineData(65002, 0x0A000002, 1, OpenError.UnacceptableHoldTime)]
    [InlineData(65002, 0x0A000002, 2, OpenError.UnacceptableHoldTime)]
    public void OpenIsJudged(uint system, uint id, ushort holdTime, OpenError? error)
    {
        var rig = new FsmRig();
        ConnectionId connection = rig.Reach(SessionState.OpenSent);
        rig.Do(SessionEvent.Open(connection, rig.RemoteOpen with { As = new(system), RouterId = id, HoldTime = holdTime }));
        Assert.Equal(error is null, rig.Fsm.State == SessionState.OpenConfirm);
        Assert.Equal((ErrorCode.OpenMessage, (byte?)error), (ErrorCode.OpenMessage, rig.LastNotification?.Subcode));
    }

    [Fact]
    public void EqualIdentifierIsAnErrorOfAnInternalPeerOnly()
    {
        var external = new FsmRig();
        ConnectionId id = external.Reach(SessionState.OpenSent);
        external.Do(SessionEvent.Open(id, external.RemoteOpen with { RouterId = FsmRig.LocalId }));
        Assert.Equal(SessionState.OpenConfirm, external.Fsm.State);

        var peer = new FsmRig(FsmRig.DefaultPeer with { As = FsmRig.LocalAs });
        id = peer.Reach(SessionState.OpenSent);
        peer.Do(SessionEvent.Open(id, peer.RemoteOpen with { As = FsmRig.LocalAs, RouterId = FsmRig.LocalId }));
        Assert.Equal((byte)OpenError.BadIdentifier, peer.LastNotification!.Subcode);
    }

    [Fact]
    public void DynamicPeerMayBeOfAnyAllowedSystem()
    {
        foreach ((var system, var isAllowed) in new[] { (64512u, true), (64600u, true), (64601u, false), (65002u, false) })
        {
            var rig = new FsmRig(FsmRig.PassivePeer, allowedAs: [new AsNumberRange(new(64512), new(64600))]);
            ConnectionId id = rig.Reach(SessionState.OpenSent);
            rig.Do(SessionEvent.Open(id, rig.RemoteOpen with { As = new(system) }));
            Assert.Equal(isAllowed, rig.Fsm.State == SessionState.OpenConfirm);
        }
    }

    [Fact]
    public void NoCommonFamilyIsToldWithTheMissingOnes()
    {
        var rig = new FsmRig();
        ConnectionId id = rig.Reach(SessionState.OpenSent);
        rig.Do(SessionEvent.Open(id, rig.RemoteOpen with { Capabilities = new() { Families = FamilySet.Of(RouteFamily.Ipv6Unicast) } }));
        NotificationMessage sent = rig.LastNotification!;
        Assert.Equal((ErrorCode.OpenMessage, (byte)OpenError.UnsupportedCapability), (sent.Code, sent.Subcode));
        Assert.Equal([1, 4, 0, 1, 0, 128], sent.Data.ToArray());
    }

    [Fact]
    public void PeerWithoutCapabilitiesSpeaksIpv4Unicast()
    {
        PeerSettings peer = Peer(RouteFamily.Ipv4Unicast, RouteFamily.VpnIpv4);
        NegotiatedSession session = Negotiate(peer, Capabilities.None);
        Assert.Equal(FamilySet.Of(RouteFamily.Ipv4Unicast), session.Families);
        Assert.False(session.Codec.FourOctetAs);
        Assert.False(session.RouteRefresh);
        Assert.False(session.Codec.ExtendedMessages);
        Assert.Null(session.GracefulRestart);
    }

    [Fact]
    public void PathIdentifiersNeedASenderAndAReceiver()
    {
        PeerSettings peer = Peer() with
        {
            Families =
            [
                new FamilySettings { Family = RouteFamily.VpnIpv4, AddPath = AddPathMode.Both },
                new FamilySettings { Family = RouteFamily.VpnIpv6, AddPath = AddPathMode.Receive },
                new FamilySettings { Family = RouteFamily.Ipv4Unicast, AddPath = AddPathMode.Send },
            ],
        };
        FamilySet all = FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6, RouteFamily.Ipv4Unicast);
        NegotiatedSession both = Negotiate(peer, new() { Families = all, AddPathReceive = all, AddPathSend = all });
        Assert.Equal(FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6), both.Codec.AddPathReceive);
        Assert.Equal(FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.Ipv4Unicast), both.Codec.AddPathSend);

        NegotiatedSession sender = Negotiate(peer, new() { Families = all, AddPathSend = all });
        Assert.Equal(FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6), sender.Codec.AddPathReceive);
        Assert.Equal(default, sender.Codec.AddPathSend);
    }

    [Theory]
    [InlineData(90, 30, null, 30, 10)]
    [InlineData(30, 90, null, 30, 10)]
    [InlineData(0, 90, null, 0, 0)]
    [InlineData(90, 90, 5, 90, 5)]
    [InlineData(90, 9, 5, 9, 3)]
    public void LowerHoldTimeCounts(int local, ushort remote, int? keepalive, int holdTime, int keepaliveTime)
    {
        PeerSettings peer = Peer(RouteFamily.VpnIpv4) with
        {
            Timers = new()
            {
                HoldTime = TimeSpan.FromSeconds(local),
                KeepaliveTime = keepalive is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            },
        };
        NegotiatedSession session = Negotiate(peer, new() { Families = FamilySet.Of(RouteFamily.VpnIpv4) }, remote);
        Assert.Equal(holdTime, session.HoldTime.TotalSeconds);
        Assert.Equal(keepaliveTime, session.KeepaliveTime.TotalSeconds);
    }

    [Theory]
    [InlineData(GracefulRestartMode.Disabled, true, false, false)]
    [InlineData(GracefulRestartMode.Helper, false, true, false)]
    [InlineData(GracefulRestartMode.Helper, true, true, true)]
    [InlineData(GracefulRestartMode.Full, true, true, true)]
    [Trait("Requirement", "SIG-20")]
    public void RoutesStayAsGracefulRestartHasIt(GracefulRestartMode mode, bool peerHasN, bool afterLoss, bool afterNotification)
    {
        FamilySet families = FamilySet.Of(RouteFamily.VpnIpv4);
        NegotiatedSession session = Negotiate(
            Peer(RouteFamily.VpnIpv4) with { GracefulRestart = mode },
            new() { Families = families, GracefulRestart = new() { Families = families, RestartSeconds = 60, Notifications = peerHasN } });
        var cease = NotificationMessage.Of(CeaseReason.OtherConfigurationChange);
        Assert.Equal(afterLoss, new SessionEnd(SessionEndReason.ConnectionLost, null, session).KeepsRoutes);
        Assert.Equal(afterNotification, new SessionEnd(SessionEndReason.NotificationReceived, cease, session).KeepsRoutes);
        Assert.False(new SessionEnd(SessionEndReason.NotificationReceived, cease.AsHardReset(), session).KeepsRoutes);
        Assert.Equal(afterLoss ? 60 : 0, session.RestartTime.TotalSeconds);
    }

    [Fact]
    public void LongLivedFamiliesOutliveTheSessionWithoutGracefulRestartOfTheirOwn()
    {
        FamilySet families = FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6);
        NegotiatedSession session = Negotiate(
            Peer(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6) with { LongLivedGracefulRestart = true },
            new()
            {
                Families = families,
                GracefulRestart = new(),
                LongLived = [new(RouteFamily.VpnIpv4, false, 10_000_000), new(RouteFamily.VpnIpv6, false, 0)],
            });
        Assert.Equal(FamilySet.Of(RouteFamily.VpnIpv4), session.RetainedFamilies);
        Assert.Equal(Restart.MaximumLongLivedStaleTime.TotalSeconds, session.LongLived[0].StaleSeconds);
    }

    [Fact]
    public void StopForGoodIsAHardResetWhenNotificationsKeepRoutes()
    {
        foreach ((CeaseReason reason, var isHard) in new[]
        {
            (CeaseReason.AdministrativeShutdown, true), (CeaseReason.PeerDeconfigured, true), (CeaseReason.AdministrativeReset, false),
        })
        {
            var rig = new FsmRig(FsmRig.DefaultPeer with { GracefulRestart = GracefulRestartMode.Full });
            rig.RemoteOpen = rig.RemoteOpen with
            {
                Capabilities = rig.RemoteOpen.Capabilities with
                {
                    GracefulRestart = new() { Notifications = true, Families = rig.RemoteOpen.Capabilities.Families },
                },
            };
            rig.Reach(SessionState.Established);
            rig.Do(SessionEvent.ManualStop(NotificationMessage.WithText(reason, "why")));
            Assert.Equal(isHard, rig.LastNotification!.IsHardReset);
            Assert.Equal(!isHard, rig.LastEnd!.KeepsRoutes);
            Assert.Equal(reason == CeaseReason.PeerDeconfigured ? null : "why", isHard ? rig.LastNotification.Encapsulated!.Text : rig.LastNotification.Text);
        }
    }

    [Fact]
    public void OpenSaysWhatTheSettingsHave()
    {
        PeerSettings peer = Peer(RouteFamily.VpnIpv4, RouteFamily.RouteTargetConstraint) with
        {
            LocalAs = new(new(4_200_000_000)),
            GracefulRestart = GracefulRestartMode.Full,
            LongLivedGracefulRestart = true,
        };
        OpenMessage open = OpenComposer.Compose(FsmRig.DefaultSpeaker, peer, new(true, FamilySet.Of(RouteFamily.VpnIpv4)));
        Assert.Equal(4_200_000_000, open.As.Value);
        Assert.Equal(open.As, open.Capabilities.FourOctetAs);
        Assert.Equal(FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.RouteTargetConstraint), open.Capabilities.Families);
        GracefulRestartCapability restart = open.Capabilities.GracefulRestart!;
        Assert.True(restart.Restarting);
        Assert.Equal(FamilySet.Of(RouteFamily.VpnIpv4), restart.ForwardingKept);
        Assert.Equal(open.Capabilities.Families, restart.Families);
        Assert.Equal(3600u, open.Capabilities.LongLived[0].StaleSeconds);
        Assert.Null(OpenMessage.Decode(open.Encode().AsSpan(MessageHeader.Size), out OpenMessage? read));
        Assert.Equal(open, read);

        GracefulRestartCapability helper = OpenComposer.Compose(FsmRig.DefaultSpeaker, FsmRig.DefaultPeer with { GracefulRestart = GracefulRestartMode.Helper }, default)
            .Capabilities.GracefulRestart!;
        Assert.Equal(default, helper.Families);
        Assert.False(helper.Restarting);
    }

    private static PeerSettings Peer(params RouteFamily[] families) =>
        FsmRig.DefaultPeer with { Families = [.. families.Select(family => (FamilySettings)family)], GracefulRestart = GracefulRestartMode.Helper };

    private static NegotiatedSession Negotiate(PeerSettings peer, Capabilities remote, ushort holdTime = 90)
    {
        OpenMessage local = OpenComposer.Compose(FsmRig.DefaultSpeaker, peer, default);
        var open = new OpenMessage { As = FsmRig.RemoteAs, HoldTime = holdTime, RouterId = FsmRig.RemoteId, Capabilities = remote };
        Assert.Null(Negotiation.Validate(open, local, peer, []));
        return Negotiation.Negotiate(local, open, peer, Restart);
    }
}
