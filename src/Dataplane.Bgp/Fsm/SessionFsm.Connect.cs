using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <content>Connect and Active: connections that are made, accepted or lost, and when our OPEN goes out.</content>
public sealed partial class SessionFsm
{
    private void Connect()
    {
        var track = new ConnectionTrack(NextConnection(), isOutgoing: true, TrackState.Connecting);
        _tracks.Add(track);
        _actions.Add(SessionAction.Connect(track.Id));
        StartConnectRetry();
    }

    private void StartConnectRetry()
    {
        if (!_peer.Transport.Passive)
        {
            _actions.Add(SessionAction.StartTimer(ConnectRetry, Jittered(_peer.Timers.ConnectRetry)));
        }
    }

    private void OnConnectRetry()
    {
        if (_tracks.Find(track => track.State == TrackState.Connecting) is { } pending)
        {
            Drop(pending, null);
        }

        // With a connection in an exchange of OPENs another attempt could only collide with it.
        if (_tracks.Count == 0 && !_peer.Transport.Passive)
        {
            Connect();
        }
    }

    private void OnConnected(ConnectionTrack track)
    {
        if (track.State == TrackState.Connecting)
        {
            _actions.Add(SessionAction.StopTimer(ConnectRetry));
            Begin(track);
        }
    }

    private void OnAccepted(ConnectionId connection)
    {
        if (_mode != Mode.Running || Established is { Session.GracefulRestart: null })
        {
            _actions.Add(SessionAction.Close(connection, _mode == Mode.Running ? NotificationMessage.Of(CeaseReason.CollisionResolution) : null));
            return;
        }

        // A peer connects again when it has given up its earlier connection, whether we have seen that or not.
        if (_tracks.Find(track => !track.IsOutgoing && track.State != TrackState.Established) is { } earlier)
        {
            Drop(earlier, NotificationMessage.Of(CeaseReason.CollisionResolution));
        }

        if (_tracks.Count == 0)
        {
            _actions.Add(SessionAction.StopTimer(ConnectRetry));
        }

        var accepted = new ConnectionTrack(connection, isOutgoing: false, TrackState.Connecting);
        _tracks.Add(accepted);
        Begin(accepted);
    }

    private void Begin(ConnectionTrack track)
    {
        if (_peer.Timers.DelayOpen > TimeSpan.Zero)
        {
            track.State = TrackState.Delaying;
            _actions.Add(SessionAction.StartTimer(new(SessionTimerKind.DelayOpen, track.Id), _peer.Timers.DelayOpen));
        }
        else
        {
            SendOpen(track);
        }
    }

    private void SendOpen(ConnectionTrack track)
    {
        track.LocalOpen = OpenComposer.Compose(_speaker, _peer, Restart);
        if (_reduced is { } reduced)
        {
            // Once: what comes of it or not, the next OPEN offers everything again.
            track.LocalOpen = track.LocalOpen with { Capabilities = reduced };
            track.IsReduced = true;
            _reduced = null;
        }

        track.State = TrackState.OpenSent;
        _actions.Add(SessionAction.SendOpen(track.Id, track.LocalOpen));
        _actions.Add(SessionAction.StartTimer(new(SessionTimerKind.Hold, track.Id), _peer.Timers.OpenHoldTime));
    }

    private void OnConnectionFailed(ConnectionTrack track)
    {
        if (track.State is TrackState.OpenConfirm or TrackState.Established)
        {
            Fail(track, SessionEndReason.ConnectionLost, null);
            return;
        }

        Drop(track, null);
        BecomeActive();
    }

    /// <summary>Waits for the peer and for ConnectRetryTimer, unless another connection is there.</summary>
    private void BecomeActive()
    {
        if (_tracks.Count == 0)
        {
            StartConnectRetry();
        }
    }
}
