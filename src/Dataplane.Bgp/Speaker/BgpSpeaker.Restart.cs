using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.In;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Routing.Loop;

namespace Dataplane.Bgp.Speaker;

/// <content>
/// Its own graceful restart (RFC 4724 §4.1): after a restart nothing is selected and nothing advertised until all peers that were asked to keep our
/// routes have sent End-of-RIB, or for the deferral time. Whether this is a restart tells a marker in the state directory that is younger than the restart time.
/// <para>
/// VRFs have other routes than those of peers, and followers who would wait as long for an address that is new. So of peers that are not even there
/// selection waits for a short time only, while advertisement, which is what would have peers replace routes that they keep, waits on (ADR-0013).
/// </para>
/// </content>
public sealed partial class BgpSpeaker
{
    private static readonly TimeSpan MarkerInterval = TimeSpan.FromSeconds(10);

    private readonly LoopTimer _restartTimer;
    private readonly LoopTimer _sessionTimer;
    private readonly LoopTimer _markerTimer;
    private RestartMarker? _marker;
    private bool _isPatient;

    /// <summary>Whether it has come back while peers kept its routes, and waits for their End-of-RIB.</summary>
    public bool IsRestarting { get; private set; }

    /// <summary>Whether nothing is selected yet because of that.</summary>
    public bool IsDeferringSelection { get; private set; }

    /// <summary>Whether it has come back while peers kept its routes.</summary>
    public bool HasRestarted { get; private set; }

    private void BeginRestart()
    {
        _marker = Settings.StateDirectory is { } directory ? new(directory) : null;
        HasRestarted = _options.IsRestart
            ?? _marker?.IsYoungerThan(Settings.GracefulRestart.RestartTime, Loop.Time.GetUtcNow()) ?? false;
        IsRestarting = HasRestarted
            && (Settings.Peers.Any(static peer => peer.Enabled && KeepsOurRoutes(peer)) || Settings.Ranges.Any(static range => KeepsOurRoutes(range.Template)));
        if (IsRestarting)
        {
            IsDeferringSelection = _isPatient = true;
            _restartTimer.Restart(Settings.GracefulRestart.SelectionDeferral);
            _sessionTimer.Restart(Settings.GracefulRestart.SessionDeferral);
        }

        TouchMarker();
    }

    private void CheckRestart()
    {
        if (!IsRestarting)
        {
            return;
        }

        var isAwaited = false;
        var isSpeaking = false;
        foreach (Peer peer in _order)
        {
            if (!peer.IsDynamic && peer.Settings.Enabled && KeepsOurRoutes(peer.Settings) && !IsHeardOut(peer))
            {
                isAwaited = true;
                isSpeaking |= peer.Session is not null;
            }
        }

        if (!isAwaited)
        {
            EndRestart();
        }
        else if (IsDeferringSelection && !_isPatient && !isSpeaking)
        {
            IsDeferringSelection = false;
            Loop.Wake();
        }
    }

    private void GiveUpAbsentPeers()
    {
        _isPatient = false;
        CheckRestart();
    }

    private static bool KeepsOurRoutes(PeerSettings settings) => settings.GracefulRestart == GracefulRestartMode.Full;

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

        IsRestarting = IsDeferringSelection = false;
        _restartTimer.Stop();
        _sessionTimer.Stop();
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
        _sessionTimer.Stop();
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
