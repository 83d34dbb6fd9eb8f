using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Speaker;

/// <content>What operators do. On the loop; the ones that answer with a task from any thread.</content>
public sealed partial class BgpSpeaker
{
    /// <summary>The peers as they are now, in the order in which they were added. Any thread.</summary>
    public Task<IReadOnlyList<PeerSnapshot>> SnapshotAsync() => Loop.InvokeAsync(Snapshot);

    /// <summary>The peers as they are now.</summary>
    public IReadOnlyList<PeerSnapshot> Snapshot() => [.. _order.Select(PeerSnapshot.Of)];

    /// <summary>One peer as it is now; null when there is none at that address.</summary>
    public PeerSnapshot? Snapshot(IpAddress peer) => _peers.TryGetValue(peer, out Peer? found) ? PeerSnapshot.Of(found) : null;

    /// <summary>Starts a peer's session that was stopped by hand, by its settings, or by a limit.</summary>
    /// <returns>False when there is no such peer.</returns>
    public bool Enable(IpAddress peer) => With(peer, found => found.SetEnabled(true, null));

    /// <summary>Ends a peer's session until it is enabled.</summary>
    /// <param name="peer">Whose.</param>
    /// <param name="text">What its operator is told (RFC 9003); cut to 255 octets of UTF-8.</param>
    /// <returns>False when there is no such peer.</returns>
    public bool Disable(IpAddress peer, string? text = null) => With(peer, found => found.SetEnabled(false, text));

    /// <summary>Ends a peer's session and begins it again.</summary>
    /// <returns>False when there is no such peer.</returns>
    public bool Reset(IpAddress peer, string? text = null) => With(peer, found => found.Reset(text));

    /// <summary>Asks a peer for its routes of a family again (RFC 2918).</summary>
    /// <returns>False when there is no such peer, or it cannot be asked.</returns>
    public bool RefreshIn(IpAddress peer, RouteFamily family) => _peers.TryGetValue(peer, out Peer? found) && found.RefreshIn(family);

    /// <summary>Sends a peer our routes of a family again.</summary>
    /// <returns>False when there is no such peer, or its session is not up.</returns>
    public bool RefreshOut(IpAddress peer, RouteFamily family) => _peers.TryGetValue(peer, out Peer? found) && found.RefreshOut(family);

    /// <summary>
    /// Whether a peer has been sent a route to a destination: its Adj-RIB-Out. For management; with add-path, by any path identifier.
    /// </summary>
    public bool IsAdvertised(IpAddress peer, RouteFamily family, DestinationId destination) =>
        _peers.TryGetValue(peer, out Peer? found) && found.IsAdvertised(family, destination);

    /// <summary>Tells what a peer has been sent for a destination and not withdrawn, with the attributes that it was sent with.</summary>
    public void ForEachSent(IpAddress peer, RouteFamily family, DestinationId destination, Out.SentRoute each)
    {
        if (_peers.TryGetValue(peer, out Peer? found))
        {
            found.ForEachSent(family, destination, each);
        }
    }

    /// <summary>Ends all sessions and stops. Any thread.</summary>
    /// <param name="keepsForwarding">
    /// True for a restart: connections are closed without a word, and peers with graceful restart keep our routes; false: peers are told that we
    /// shut down.
    /// </param>
    /// <param name="text">What their operators are told (RFC 9003).</param>
    public Task StopAsync(bool keepsForwarding = false, string? text = null) => Loop.InvokeAsync(() => Stop(keepsForwarding, text));

    /// <summary>As <see cref="StopAsync"/>, on the loop.</summary>
    public void Stop(bool keepsForwarding = false, string? text = null)
    {
        if (!_isRunning)
        {
            return;
        }

        _isRunning = false;
        foreach (Transport.BgpListener listener in _listeners)
        {
            listener.Dispose();
        }

        _listeners.Clear();
        NotificationMessage? last = keepsForwarding ? null : NotificationMessage.WithText(CeaseReason.AdministrativeShutdown, text);
        foreach (Peer peer in _order)
        {
            peer.Dispose(last, keepRoutes: true);
        }

        foreach (CancellationTokenSource connecting in _connecting.Values)
        {
            connecting.Cancel();
        }

        _connecting.Clear();
        RemoveWork();
        EndMarker(keepsForwarding);
    }

    private bool With(IpAddress peer, Action<Peer> action)
    {
        if (!_peers.TryGetValue(peer, out Peer? found))
        {
            return false;
        }

        action(found);
        Loop.Wake();
        return true;
    }
}
