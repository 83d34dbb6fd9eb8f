using Dataplane.Bgp.Wire;
using Dataplane.Routing;

namespace Dataplane.Bgp.Fsm;

/// <content>OpenConfirm and Established: messages, and the timers of a connection.</content>
public sealed partial class SessionFsm
{
    private void OnMessage(ConnectionTrack track, SessionEventKind kind)
    {
        switch (track.State, kind)
        {
            case (TrackState.OpenConfirm, SessionEventKind.Keepalive) when !track.IsHeldBack && IsToLose(track):
                track.IsHeldBack = true;
                RestartHold(track);
                break;
            case (TrackState.OpenConfirm, SessionEventKind.Keepalive):
                Establish(track);
                break;
            case (TrackState.OpenConfirm, _) when track.IsHeldBack:
                Establish(track); // For the peer it is established.
                break;
            case (TrackState.Established, SessionEventKind.Keepalive or SessionEventKind.Update):
                RestartHold(track);
                break;
            case (TrackState.Established, SessionEventKind.RouteRefresh):
                break;
            default:
                OnUnexpected(track, kind switch
                {
                    SessionEventKind.Keepalive => MessageType.Keepalive,
                    SessionEventKind.Update => MessageType.Update,
                    _ => MessageType.RouteRefresh,
                });
                break;
        }
    }

    private void Establish(ConnectionTrack track)
    {
        foreach (ConnectionTrack other in _tracks.ToArray())
        {
            if (other.State == TrackState.Established)
            {
                // Only a peer with graceful restart gets this far: it has lost the session that we still see.
                EndSession(other, SessionEndReason.PeerReconnected, null);
                Drop(other, null);
                ReportState();
            }
            else if (other != track)
            {
                Drop(other, NotificationMessage.Of(CeaseReason.CollisionResolution));
            }
        }

        NegotiatedSession session = track.Session!;
        track.State = TrackState.Established;
        track.IsHeldBack = false;
        _actions.Add(SessionAction.StopTimer(ConnectRetry));
        RestartHold(track);
        StartSendHold(track);
        _actions.Add(SessionAction.StartTimer(Stable, _peer.Timers.MaximumIdleHold));
        ReportState();
        _actions.Add(SessionAction.SessionUp(track.Id, session));
    }

    // RFC 6608. Before our OPEN the connection is closed without a word, as RFC 4271 §8.2.2 has it for Connect and Active.
    private void OnUnexpected(ConnectionTrack track, MessageType type) => Fail(
        track,
        SessionEndReason.NotificationSent,
        track.State switch
        {
            TrackState.OpenSent => NotificationMessage.Of(FsmError.UnexpectedInOpenSent, type),
            TrackState.OpenConfirm => NotificationMessage.Of(FsmError.UnexpectedInOpenConfirm, type),
            TrackState.Established => NotificationMessage.Of(FsmError.UnexpectedInEstablished, type),
            _ => null,
        });

    private void OnNotification(ConnectionTrack track, NotificationMessage message)
    {
        if (track.State != TrackState.Established && message.Is(CeaseReason.CollisionResolution))
        {
            Drop(track, null);
            BecomeActive();
            return;
        }

        if (track.State == TrackState.Established)
        {
            EndSession(track, SessionEndReason.NotificationReceived, message);
        }
        else if (track is { State: TrackState.OpenSent or TrackState.OpenConfirm, IsReduced: false })
        {
            Reduce(track, message);
        }

        Fail(track, SessionEndReason.NotificationReceived, null);
    }

    // RFC 5492 §3: the peer does not know capabilities, or not one of ours. It is offered less, once.
    private void Reduce(ConnectionTrack track, NotificationMessage message)
    {
        var hasIpv4Unicast = _peer.Families.Any(static row => row.Family == RouteFamily.Ipv4Unicast);
        if (RefusedCapabilities.TryReduce(track.LocalOpen!.Capabilities, message, hasIpv4Unicast, out Capabilities reduced))
        {
            _reduced = reduced;
            _actions.Add(SessionAction.Warn($"it refused our OPEN ({message}); the next one offers {(reduced == Capabilities.None ? "no capabilities" : "less")}"));
        }
    }

    private void OnConnectionTimer(ConnectionTrack track, SessionTimerKind kind, bool hasSent)
    {
        switch (kind)
        {
            case SessionTimerKind.DelayOpen when track.State == TrackState.Delaying:
                SendOpen(track);
                break;
            case SessionTimerKind.Hold when track.State >= TrackState.OpenSent:
                Fail(track, SessionEndReason.NotificationSent, new(ErrorCode.HoldTimerExpired, 0));
                break;
            case SessionTimerKind.Keepalive when track.State >= TrackState.OpenConfirm:
                _actions.Add(SessionAction.SendKeepalive(track.Id));
                StartKeepalive(track);
                break;
            case SessionTimerKind.SendHold when track.State == TrackState.Established && hasSent:
                StartSendHold(track);
                break;
            case SessionTimerKind.SendHold when track.State == TrackState.Established:
                Fail(track, SessionEndReason.NotificationSent, new(ErrorCode.SendHoldTimerExpired, 0));
                break;
        }
    }

    private void RestartHold(ConnectionTrack track)
    {
        if (track.Session!.HoldTime > TimeSpan.Zero)
        {
            _actions.Add(SessionAction.StartTimer(new(SessionTimerKind.Hold, track.Id), track.Session.HoldTime));
        }
    }

    private void StartKeepalive(ConnectionTrack track)
    {
        if (track.Session!.KeepaliveTime > TimeSpan.Zero)
        {
            _actions.Add(SessionAction.StartTimer(new(SessionTimerKind.Keepalive, track.Id), Jittered(track.Session.KeepaliveTime)));
        }
    }

    private void StartSendHold(ConnectionTrack track)
    {
        if (track.Session!.SendHoldTime > TimeSpan.Zero)
        {
            _actions.Add(SessionAction.StartTimer(new(SessionTimerKind.SendHold, track.Id), track.Session.SendHoldTime));
        }
    }
}
