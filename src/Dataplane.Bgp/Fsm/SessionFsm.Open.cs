using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <content>OpenSent: the peer's OPEN and the collision of two connections (RFC 4271 §6.2, §6.8).</content>
public sealed partial class SessionFsm
{
    private void OnOpen(ConnectionTrack track, OpenMessage message)
    {
        switch (track.State)
        {
            case TrackState.Delaying:
                _actions.Add(SessionAction.StopTimer(new(SessionTimerKind.DelayOpen, track.Id)));
                SendOpen(track);
                break;
            case TrackState.OpenSent:
                break;
            default:
                OnUnexpected(track, MessageType.Open);
                return;
        }

        if (Negotiation.Validate(message, track.LocalOpen!, _peer, _allowedAs) is { } fault)
        {
            Fail(track, SessionEndReason.NotificationSent, fault);
        }
        else if (Survives(track, message))
        {
            Confirm(track, message);
        }
    }

    private void Confirm(ConnectionTrack track, OpenMessage message)
    {
        NegotiatedSession session = Negotiation.Negotiate(track.LocalOpen!, message, _peer, _speaker.GracefulRestart);
        track.Session = session;
        track.KeepsOutgoing = CollisionRule.KeepsOutgoing(track.LocalOpen!, message);
        track.State = TrackState.OpenConfirm;
        _actions.Add(SessionAction.SendKeepalive(track.Id));
        StartKeepalive(track);
        RestartHold(track);
        if (session.HoldTime == TimeSpan.Zero)
        {
            _actions.Add(SessionAction.StopTimer(new(SessionTimerKind.Hold, track.Id)));
        }
    }

    /// <summary>Looks for other connections of the peer that <paramref name="track"/> collides with, and closes them, or it.</summary>
    /// <returns>False when it was the one to be closed.</returns>
    private bool Survives(ConnectionTrack track, OpenMessage message)
    {
        foreach (ConnectionTrack other in _tracks.ToArray())
        {
            if (other == track)
            {
                continue;
            }

            switch (other.State)
            {
                case TrackState.OpenConfirm:
                    if (CollisionRule.KeepsOutgoing(track.LocalOpen!, message) != track.IsOutgoing)
                    {
                        Drop(track, NotificationMessage.Of(CeaseReason.CollisionResolution));
                        return false;
                    }

                    Drop(other, NotificationMessage.Of(CeaseReason.CollisionResolution));
                    break;
                case TrackState.Connecting:
                    // The peer is there and agrees: what is still being made would only collide.
                    Drop(other, null);
                    _actions.Add(SessionAction.StopTimer(ConnectRetry));
                    break;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether another connection is about to collide with <paramref name="track"/> and to stay. The peer may have chosen it by now; would we choose this
    /// one because it is the first to be ready, each side would close the one that the other keeps, and none were left.
    /// </summary>
    private bool IsToLose(ConnectionTrack track)
    {
        foreach (ConnectionTrack other in _tracks)
        {
            if (other.State is TrackState.Delaying or TrackState.OpenSent && other.IsOutgoing != track.IsOutgoing && other.IsOutgoing == track.KeepsOutgoing)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A connection that was held back carries the session when the one it waited for is gone.</summary>
    private void ReleaseHeldBack()
    {
        foreach (ConnectionTrack track in _tracks)
        {
            if (track.IsHeldBack && !IsToLose(track))
            {
                Establish(track);
                return;
            }
        }
    }
}
