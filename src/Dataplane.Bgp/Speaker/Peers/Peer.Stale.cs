using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker.In;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Peers;

/// <content>
/// Routes that outlive their session: graceful restart (RFC 4724, RFC 8538) and its long-lived form (RFC 9494); and enhanced route refresh
/// (RFC 7313), which marks and sweeps in the same way.
/// </content>
internal sealed partial class Peer
{
    private const PathState AnyStale = PathState.Stale | PathState.LlgrStale;

    /// <summary>The session went down; the routes stay and are stale.</summary>
    /// <returns>Whether there are any.</returns>
    private bool KeepStale(PeerFamily family, NegotiatedSession session)
    {
        if (family.IsStale)
        {
            // It has been away twice without sending everything in between (RFC 4724 §4.2).
            family.Table.BeginSweep(Source, AnyStale);
            family.LongLivedTimer?.Stop();
        }

        family.IsStale = family.Table.PathCountOf(Source) > 0;
        family.Table.BeginMarkStale(Source, PathState.Stale);
        _host.Wake();
        family.IsLongLivedStale = false;
        family.LongLivedStaleTime = TimeSpan.Zero;
        foreach (LongLivedFamily row in session.LongLived)
        {
            if (row.Family == family.Family)
            {
                family.LongLivedStaleTime = TimeSpan.FromSeconds(row.StaleSeconds);
            }
        }

        return family.IsStale;
    }

    /// <summary>Gives the peer its restart time to come back.</summary>
    private void AwaitReturn(NegotiatedSession session)
    {
        _stalePathTimer.Stop();
        if (!HasStale)
        {
            return;
        }

        if (session.RestartTime > TimeSpan.Zero)
        {
            _restartTimer.Restart(session.RestartTime);
        }
        else
        {
            RestartTimeOver();
        }
    }

    /// <summary>The peer did not come back in time.</summary>
    private void RestartTimeOver()
    {
        foreach (PeerFamily family in _families.Values)
        {
            if (!family.IsStale || family.IsUp || family.IsLongLivedStale)
            {
                continue;
            }

            if (family.LongLivedStaleTime > TimeSpan.Zero)
            {
                BecomeLongLived(family);
            }
            else
            {
                RemoveRoutes(family);
            }
        }

        _host.SessionChanged(this);
        _host.Wake();
    }

    private void BecomeLongLived(PeerFamily family)
    {
        // RFC 9494 §4.2: routes with NO_LLGR are not kept.
        family.Table.BeginSweepWith(Source, AttributeTraits.NoLlgr);
        family.Table.BeginMarkStale(Source, PathState.LlgrStale);
        family.IsLongLivedStale = true;
        family.LongLivedTimer ??= _host.Loop.CreateTimer(() => LongLivedTimeOver(family));
        family.LongLivedTimer.Restart(family.LongLivedStaleTime);
    }

    private void LongLivedTimeOver(PeerFamily family)
    {
        SweepStale(family);
        _host.SessionChanged(this);
        _host.Wake();
    }

    /// <summary>The peer is back: what it has not kept itself goes at once, the rest is awaited until its End-of-RIB.</summary>
    private void KeepWhatWasKept(NegotiatedSession negotiated)
    {
        _restartTimer.Stop();
        var awaits = false;
        foreach (PeerFamily family in _families.Values)
        {
            if (!family.IsStale)
            {
                continue;
            }

            if (negotiated.Families.Contains(family.Family) && HasKept(negotiated, family.Family))
            {
                awaits = true;
            }
            else
            {
                SweepStale(family);
            }
        }

        if (awaits)
        {
            _stalePathTimer.Restart(_host.Settings.GracefulRestart.StalePathTime);
        }
    }

    private static bool HasKept(NegotiatedSession negotiated, RouteFamily family)
    {
        if (negotiated.GracefulRestart is { } graceful && graceful.ForwardingKept.Contains(family))
        {
            return true;
        }

        foreach (LongLivedFamily row in negotiated.LongLived)
        {
            if (row.Family == family && row.ForwardingKept)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>End-of-RIB did not come in time (or it did for all that is stale).</summary>
    private void SweepAllStale()
    {
        foreach (PeerFamily family in _families.Values)
        {
            if (family.IsStale && family.IsUp)
            {
                SweepStale(family);
            }
        }

        _host.Wake();
    }

    private void EndOfRibReceived(PeerFamily family)
    {
        family.EndOfRibReceived = true;
        _host.EndOfRibReceived();
        if (family.IsStale)
        {
            SweepStale(family);
            if (!HasStale)
            {
                _stalePathTimer.Stop();
            }
        }

        foreach (ISpeakerObserver observer in _host.Observers.All)
        {
            observer.EndOfRib(this, family.Family);
        }

        if (family.Family == RouteFamily.RouteTargetConstraint)
        {
            ActivateVpn();
        }

        _host.SessionChanged(this);
    }

    /// <summary>Removes what is stale, and leaves what the peer has announced since.</summary>
    private void SweepStale(PeerFamily family)
    {
        family.IsStale = family.IsLongLivedStale = false;
        family.LongLivedTimer?.Stop();
        if (family.Family == RouteFamily.RouteTargetConstraint)
        {
            _ = family.Table.Sweep(Source, AnyStale);
            RecountMemberships();
        }
        else
        {
            family.Table.BeginSweep(Source, AnyStale);
            _host.Wake();
        }
    }

    /// <summary>Removes everything; what the peer announces from now on is not part of it.</summary>
    private void RemoveRoutes(PeerFamily family)
    {
        family.Table.BeginMarkStale(Source, PathState.Stale);
        SweepStale(family);
    }

    /// <summary>A membership that it sent counts now, or no more: it is an external peer.</summary>
    public void MembershipCounts(in Nlri membership, bool counts) => _in.MembershipCounts(membership, counts);

    private void RecountMemberships() => _in.RecountMemberships(_host.Routes[RouteFamily.RouteTargetConstraint]);

    private void StopStaleTimers()
    {
        _restartTimer.Stop();
        _stalePathTimer.Stop();
        _membershipTimer.Stop();
        foreach (PeerFamily family in _families.Values)
        {
            family.LongLivedTimer?.Stop();
            family.RefreshTimer?.Stop();
        }
    }

    private void ReceiveRefresh(ConnectionId id, ReadOnlySpan<byte> body)
    {
        if (RouteRefreshMessage.Decode(body, out RouteRefreshMessage message) is { } fault)
        {
            Dispatch(SessionEvent.MessageError(id, fault));
            return;
        }

        Dispatch(SessionEvent.RouteRefresh(id));
        if (_session is not { } session || !message.TryGetFamily(out RouteFamily of) || !Takes(of, out PeerFamily? family))
        {
            return; // RFC 2918 §4: of a family that was not negotiated it is ignored.
        }

        switch (message.Kind)
        {
            case RouteRefreshKind.Request when session.Negotiated.RouteRefresh:
                SendAgain(session, family);
                break;
            case RouteRefreshKind.Begin when session.Negotiated.EnhancedRouteRefresh:
                family.Table.BeginMarkStale(Source, PathState.Stale);
                family.IsRefreshing = true;
                family.RefreshTimer ??= _host.Loop.CreateTimer(() => EndRefresh(family));
                family.RefreshTimer.Restart(_host.Settings.GracefulRestart.StalePathTime);
                break;
            case RouteRefreshKind.End when family.IsRefreshing:
                EndRefresh(family);
                break;
        }
    }

    private void EndRefresh(PeerFamily family)
    {
        family.IsRefreshing = false;
        family.RefreshTimer?.Stop();
        SweepStale(family);
        _host.Wake();
    }

    /// <summary>Sends everything again, between BoRR and EoRR where the peer knows them.</summary>
    private void SendAgain(PeerSession session, PeerFamily family)
    {
        if (family.Member is not { IsActive: true } member)
        {
            return; // The walk that is about to begin is what it wants.
        }

        if (session.Negotiated.EnhancedRouteRefresh && member.EndOfRibSent)
        {
            session.Send(MessageType.RouteRefresh, new RouteRefreshMessage(family.Family, RouteRefreshKind.Begin).Encode());
            member.OwesEndOfRefresh = true;
        }

        _host.Outgoing(family.Family).Dump(member);
        _host.Wake();
    }
}
