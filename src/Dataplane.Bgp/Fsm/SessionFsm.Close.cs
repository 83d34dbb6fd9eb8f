using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <content>The end of connections and of the session.</content>
public sealed partial class SessionFsm
{
    /// <summary>
    /// An error on one connection: its end, and with it, unless another connection is on its way, the way through Idle. An error in an established session
    /// ends the others too; that it was just lost may be all that is left of it where the peer has connected again.
    /// </summary>
    private void Fail(ConnectionTrack track, SessionEndReason reason, NotificationMessage? notification)
    {
        EndSession(track, reason, notification);
        var isSparing = track.State != TrackState.Established || reason == SessionEndReason.ConnectionLost;
        Drop(track, notification);
        if (isSparing && _tracks.Exists(other => other.State == TrackState.Established || other.IsUpButNotEstablished))
        {
            return;
        }

        CloseEverything(reason, null);
        Damp();
    }

    private void CloseEverything(SessionEndReason reason, NotificationMessage? notification)
    {
        foreach (ConnectionTrack track in _tracks.ToArray())
        {
            NotificationMessage? last = track.State switch
            {
                TrackState.Connecting or TrackState.Delaying => null,
                TrackState.Established => Hardened(notification, track.Session!),
                _ => notification,
            };
            EndSession(track, reason, last);
            Drop(track, last);
        }

        if (_mode == Mode.Running)
        {
            _actions.Add(SessionAction.StopTimer(ConnectRetry));
        }
    }

    // A session that ends for good must not leave stale routes behind (RFC 8538 §3.1); an administrative reset comes back and keeps them.
    private static NotificationMessage? Hardened(NotificationMessage? notification, NegotiatedSession session) =>
        session.NotificationsKeepRoutes && notification is { Code: ErrorCode.Cease, Subcode: var subcode }
            && (CeaseReason)subcode is CeaseReason.AdministrativeShutdown or CeaseReason.PeerDeconfigured or CeaseReason.MaximumPrefixes
            ? notification.AsHardReset()
            : notification;

    /// <summary>Reports the end of the session, if the connection is the one of an established session.</summary>
    private void EndSession(ConnectionTrack track, SessionEndReason reason, NotificationMessage? notification)
    {
        if (track.State == TrackState.Established && !track.IsReported)
        {
            track.IsReported = true;
            _actions.Add(SessionAction.StopTimer(Stable));
            _actions.Add(SessionAction.SessionDown(track.Id, new(reason, notification, track.Session!)));
        }
    }

    /// <summary>Closes a connection with its timers.</summary>
    private void Drop(ConnectionTrack track, NotificationMessage? notification)
    {
        if (track.State == TrackState.Delaying)
        {
            _actions.Add(SessionAction.StopTimer(new(SessionTimerKind.DelayOpen, track.Id)));
        }

        if (track.State >= TrackState.OpenSent)
        {
            _actions.Add(SessionAction.StopTimer(new(SessionTimerKind.Hold, track.Id)));
        }

        if (track.State >= TrackState.OpenConfirm)
        {
            _actions.Add(SessionAction.StopTimer(new(SessionTimerKind.Keepalive, track.Id)));
        }

        if (track.State == TrackState.Established)
        {
            _actions.Add(SessionAction.StopTimer(new(SessionTimerKind.SendHold, track.Id)));
        }

        _actions.Add(SessionAction.Close(track.Id, notification));
        _ = _tracks.Remove(track);
    }
}
