using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Transport;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Gateway;

/// <summary>Writes what happens to sessions into the log. Routing thread.</summary>
internal sealed class SpeakerLog(ILogger log) : ISpeakerObserver
{
    /// <inheritdoc/>
    public void PeerAdded(IPeerView peer) => log.LogInformation("peer {Peer}: added, AS {As}", peer.Address, peer.Settings.As);

    /// <inheritdoc/>
    public void PeerRemoved(IPeerView peer) => log.LogInformation("peer {Peer}: removed", peer.Address);

    /// <inheritdoc/>
    public void StateChanged(IPeerView peer, SessionState from, SessionState to) =>
        log.LogDebug("peer {Peer}: {From} to {To}", peer.Address, from, to);

    /// <inheritdoc/>
    public void SessionUp(IPeerView peer, NegotiatedSession session, LinkEnds ends) =>
        log.LogInformation("peer {Peer}: session is up, {Local} to {Remote}", peer.Address, ends.Local, ends.Remote);

    /// <inheritdoc/>
    public void SessionDown(IPeerView peer, SessionEnd end, bool keepsRoutes) => log.LogWarning(
        "peer {Peer}: session is down: {Reason}{Notification}{Kept}", peer.Address, end.Reason,
        end.Notification is { } last ? $", {last}" : "", keepsRoutes ? "; its routes are kept for now" : "");

    /// <inheritdoc/>
    public void Warning(IPeerView? peer, string text)
    {
        if (peer is null)
            log.LogWarning("{Text}", text);
        else
            log.LogWarning("peer {Peer}: {Text}", peer.Address, text);
    }
}
