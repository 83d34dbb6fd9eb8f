using Dataplane.Bgp.Speaker.In;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Routing.Loop;

namespace Dataplane.Bgp.Speaker;

/// <content>
/// Its own graceful restart (RFC 4724 §4.1): after a restart nothing is selected and nothing advertised until all peers have sent End-of-RIB, or
/// for the deferral time. Whether this is a restart tells a marker in the state directory that is younger than the restart time.
/// </content>
public sealed partial class BgpSpeaker
{
    private static readonly TimeSpan MarkerInterval = TimeSpan.FromSeconds(10);

    private readonly LoopTimer _restartTimer;
    private readonly LoopTimer _markerTimer;
    private RestartMarker? _marker;

    /// <summary>Whether it has come back while peers kept its routes, and waits for their End-of-RIB.</summary>
    public bool IsRestarting { get; private set; }

    /// <summary>Whether it has come back while peers kept its routes.</summary>
    public bool HasRestarted { get; private set; }

    private void BeginRestart()
    {
        _marker = Settings.StateDirectory is { } directory ? new(directory) : null;
        HasRestarted = _options.IsRestart
            ?? _marker?.IsYoungerThan(Settings.GracefulRestart.RestartTime, Loop.Time.GetUtcNow()) ?? false;
        IsRestarting = HasRestarted;
        if (IsRestarting)
        {
            _restartTimer.Restart(Settings.GracefulRestart.SelectionDeferral);
        }

        TouchMarker();
    }

    private void CheckRestart()
    {
        if (!IsRestarting)
        {
            return;
        }

        foreach (Peer peer in _order)
        {
            if (!peer.IsDynamic && peer.Settings.Enabled && !IsHeardOut(peer))
            {
                return;
            }
        }

        EndRestart();
    }

    // RFC 4724 §4.1: a peer without the capability, or one that restarts itself, is not awaited.
    private static bool IsHeardOut(Peer peer)
    {
        if (peer.Session is not { } session)
        {
            return false;
        }

        if (session.GracefulRestart is not { Restarting: false })
        {
            return true;
        }

        foreach (PeerFamily family in peer.Families)
        {
            if (family.IsUp && session.GracefulRestart.Families.Contains(family.Family) && !family.EndOfRibReceived)
            {
                return false;
            }
        }

        return true;
    }

    private void EndRestart()
    {
        if (!IsRestarting)
        {
            return;
        }

        IsRestarting = false;
        _restartTimer.Stop();
        foreach (Peer peer in _order)
        {
            peer.RestartIsOver();
        }

        Loop.Wake();
    }

    private void TouchMarker()
    {
        if (_marker is not null && _isRunning)
        {
            _marker.Touch(Loop.Time.GetUtcNow());
            _markerTimer.Restart(MarkerInterval);
        }
    }

    private void EndMarker(bool keepsForwarding)
    {
        _markerTimer.Stop();
        _restartTimer.Stop();
        if (keepsForwarding)
        {
            _marker?.Touch(Loop.Time.GetUtcNow());
        }
        else
        {
            _marker?.Remove();
        }
    }
}
