using System.Buffers;
using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker.In;
using Dataplane.Bgp.Speaker.Membership;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Peers;

/// <content>Sessions that come up and go down, and what is sent in them.</content>
internal sealed partial class Peer
{
    private static readonly TimeSpan WithoutEndOfRib = TimeSpan.FromSeconds(2);

    private void SessionUp(BgpConnection connection, NegotiatedSession negotiated)
    {
        var session = new PeerSession(this, connection, negotiated, _host.Routes.FlowSpecs);
        _session = session;
        ChangedSince = _host.Loop.Time.GetTimestamp();
        Counters.Established++;
        SetRestartState();
        UpdateSource();
        _in.Profile = IncomingOf(Settings, negotiated.IsInternal, negotiated.PeerAs, connection.Ends.Local);
        _in.Memberships = negotiated.Families.Contains(RouteFamily.RouteTargetConstraint)
            ? new MembershipFilter(_host.Routes.RouteTargets)
            : null;
        foreach (RouteFamily family in negotiated.Families)
        {
            PeerFamily row = FamilyOf(family);
            row.Settings = Settings.Families.FirstOrDefault(settings => settings.Family == family) ?? family;
            row.IsUp = true;
            row.IsDisabled = row.EndOfRibReceived = row.IsWarned = row.IsOverWarned = row.IsRefreshing = false;
        }

        KeepWhatWasKept(negotiated);
        RecountMemberships();
        foreach (ISpeakerObserver observer in _host.Observers.All)
        {
            observer.SessionUp(this, negotiated, connection.Ends);
        }

        foreach (RouteFamily family in negotiated.Families)
        {
            PeerFamily row = FamilyOf(family);
            row.Member = new(session, Source, negotiated.PeerRouterId, family.IsVpn ? _in.Memberships : null);
            _host.Outgoing(family).Join(row.Member, KeyOf(family, session));
        }

        if (!_host.IsRestarting)
        {
            Activate();
        }

        _host.SessionChanged(this);
    }

    /// <summary>Begins to send routes; VPN routes wait for the memberships of a peer that has them.</summary>
    public void Activate()
    {
        foreach (PeerFamily family in _families.Values)
        {
            if (family.Member is { IsActive: false, Filter: null } member)
            {
                _host.Outgoing(family.Family).Activate(member);
            }
        }

        if (_in.Memberships is not null)
        {
            if (FamilyOf(RouteFamily.RouteTargetConstraint).EndOfRibReceived)
            {
                ActivateVpn();
            }
            else if (!_membershipTimer.IsRunning)
            {
                // A speaker without graceful restart often sends no End-of-RIB (GoBGP): its memberships are there after a moment or will not come.
                TimeSpan bound = _host.MembershipDeferral;
                var saysEnd = Session?.RemoteOpen.Capabilities.GracefulRestart is not null;
                _membershipTimer.Restart(saysEnd || bound < WithoutEndOfRib ? bound : WithoutEndOfRib);
            }
        }

        _host.Wake();
    }

    /// <summary>The memberships are there, or have been awaited long enough (RFC 4684 §6).</summary>
    private void ActivateVpn()
    {
        _membershipTimer.Stop();
        if (_host.IsRestarting)
        {
            return;
        }

        ApplyMemberships();
        foreach (PeerFamily family in _families.Values)
        {
            if (family.Member is { IsActive: false, Filter: not null } member)
            {
                _host.Outgoing(family.Family).Activate(member);
            }
        }

        _host.Wake();
    }

    /// <summary>Takes changed memberships into effect: only routes whose answer turned are looked at again.</summary>
    public void ApplyMemberships()
    {
        if (_in.Memberships is not { IsChanged: true } filter)
        {
            return;
        }

        var everything = filter.BeginChange();
        foreach (PeerFamily family in _families.Values)
        {
            if (family.Member is { Filter: not null } member)
            {
                _host.Outgoing(family.Family).MembershipsTurned(member, everything);
            }
        }

        filter.EndChange();
    }

    /// <summary>Queues UPDATEs.</summary>
    public void SendUpdates(PeerSession session, SharedBuffer messages, int updates)
    {
        Counters.CountSent(MessageType.Update, updates);
        if (_host.Observers.Wants(SpeakerInterest.Sent))
        {
            // Before it can be received, so that logs of both ends tell one after the other.
            TellSent(messages.Memory.Span);
        }

        _ = session.Connection.Send(messages);
    }

    /// <summary>Queues a message of the session itself.</summary>
    public void SendControl(PeerSession session, MessageType type, SharedBuffer message)
    {
        Counters.CountSent(type);
        _ = session.Connection.SendControl(message);
        TellSent(message.Memory.Span);
    }

    /// <summary>A walk over a table has been sent: its end is marked.</summary>
    public void DumpFinished(PeerSession session, RouteFamily family, GroupMember member)
    {
        if (member.OwesEndOfRib)
        {
            var message = new ArrayBufferWriter<byte>(64);
            UpdateEncoder.EncodeEndOfRib(family, message);
            session.Send(MessageType.Update, message.WrittenSpan.ToArray());
            member.OwesEndOfRib = false;
            member.EndOfRibSent = true;
        }

        if (member.OwesEndOfRefresh)
        {
            session.Send(MessageType.RouteRefresh, new RouteRefreshMessage(family, RouteRefreshKind.End).Encode());
            member.OwesEndOfRefresh = false;
        }
    }

    private void SessionDown(SessionEnd end)
    {
        var hadEnded = HasEnded;
        _session = null;
        ChangedSince = _host.Loop.Time.GetTimestamp();
        AwaitedSince = hadEnded ? ChangedSince : AwaitedSince;
        Counters.Dropped++;
        _membershipTimer.Stop();
        _in.Memberships = null;
        LastError = end switch
        {
            { Reason: SessionEndReason.NotificationSent, Notification: { } sent } => $"sent {sent}",
            { Reason: SessionEndReason.NotificationReceived, Notification: { } received } => $"received {received}",
            { Reason: SessionEndReason.PeerReconnected } => "the peer connected again",
            _ => LastError ?? "the connection was lost",
        };
        LastSessionEnd = LastError;
        var keepsAny = false;
        foreach (PeerFamily family in _families.Values)
        {
            if (!family.IsUp)
            {
                continue;
            }

            family.IsUp = false;
            family.IsRefreshing = false;
            family.RefreshTimer?.Stop();
            if (family.Member is { } member)
            {
                _host.Outgoing(family.Family).Leave(member);
                family.Member = null;
            }

            if (end.KeepsRoutes && !family.IsDisabled && end.Session.RetainedFamilies.Contains(family.Family))
            {
                keepsAny |= KeepStale(family, end.Session);
            }
            else
            {
                RemoveRoutes(family);
            }
        }

        AwaitReturn(end.Session);
        foreach (ISpeakerObserver observer in _host.Observers.All)
        {
            observer.SessionDown(this, end, keepsAny);
        }

        _host.SessionChanged(this);
        _host.Wake();
    }

    private void UpdateSource()
    {
        SourceInfo old = _host.Routes.Sources[Source];
        SourceInfo now = SourceOf(Settings, Session?.PeerRouterId ?? old.RouterId);
        if (now == old)
        {
            return;
        }

        _host.Routes.Sources.Update(Source, now);
        foreach (PeerFamily family in _families.Values)
        {
            if (family.Table.PathCountOf(Source) > 0)
            {
                // Selections rest on it, and whether its routes are reflected.
                family.Table.MarkAll();
                _host.Outgoing(family.Family).MarkAll();
            }
        }
    }

    private UpdateGroupKey KeyOf(RouteFamily family, PeerSession session)
    {
        NegotiatedSession negotiated = session.Negotiated;
        CodecOptions codec = negotiated.Codec;
        FamilySet only = default(FamilySet).With(family);
        var isExternal = !negotiated.IsInternal;
        var policy = Settings.ExportPolicy is { } name ? _host.Policies?.Find(name) : null;
        var looksAtPeer = policy is { LooksAtPeer: true };
        var profile = new OutgoingProfile
        {
            Family = family,
            Kind = isExternal ? PeerKind.External : Settings.RouteReflectorClient ? PeerKind.Client : PeerKind.Internal,
            SpeakerAs = _host.Settings.As,
            RouterId = _host.Settings.RouterId,
            ClusterId = _host.Settings.EffectiveClusterId,
            LocalAddress = session.Connection.Ends.Local,
            LocalAs = Settings.LocalAs is { } local && local.As != _host.Settings.As ? local : null,
            PeerAs = looksAtPeer || (isExternal && Settings.AsOverride) ? negotiated.PeerAs : default,
            PolicyPeerAddress = looksAtPeer ? Address : default,
            NextHop = Settings.NextHop,
            AsOverride = isExternal && Settings.AsOverride,
            Aigp = Settings.Aigp ?? !isExternal,
            RemovePrivate = isExternal ? Settings.RemovePrivate : Bgp.Settings.RemovePrivateMode.None,
            ExtendedNextHop = codec.ExtendedNextHop.Contains(family),
            LongLivedStale = negotiated.LongLived.Any(row => row.Family == family),
            AdvertiseSpecifics = Settings.AdvertiseSpecifics,
            DefaultRouteTarget = family == RouteFamily.RouteTargetConstraint && Settings.DefaultRouteTarget,
            ExportPolicy = Settings.ExportPolicy,
        };
        var sendsPaths = codec.AddPathSend.Contains(family);
        return new(
            profile,
            new()
            {
                FourOctetAs = codec.FourOctetAs,
                ExtendedMessages = codec.ExtendedMessages,
                Families = only,
                AddPathSend = codec.AddPathSend.Intersect(only),
                ExtendedNextHop = codec.ExtendedNextHop.Intersect(only),
                IsIbgp = codec.IsIbgp,
                FlowSpecs = family.IsFlowSpec ? _host.Routes.FlowSpecs : null,
            },
            sendsPaths ? Math.Max(1, FamilyOf(family).Settings.SendMaxPaths) : 1);
    }
}
