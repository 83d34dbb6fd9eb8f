using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Host.Management;
using Dataplane.Routing.FlowSpec;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Gateway;

/// <summary>
/// Writes what happens to sessions into the log and, at debug level, every UPDATE in and out (MGT-09). Routing thread, so that the times are those of
/// receiving and sending.
/// </summary>
internal sealed class SpeakerLog(ILogger log) : ISpeakerObserver
{
    /// <inheritdoc/>
    public SpeakerInterest Interest => log.IsEnabled(LogLevel.Debug) ? SpeakerInterest.Received | SpeakerInterest.Sent : SpeakerInterest.None;

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
    public void MessageReceived(IPeerView peer, MessageType type, ReadOnlySpan<byte> message) => Tell(peer, "received", type, message);

    /// <inheritdoc/>
    public void MessagesSent(IPeerView peer, ReadOnlySpan<byte> messages)
    {
        while (MessageHeader.TryTake(ref messages, out MessageType type, out ReadOnlySpan<byte> message))
            Tell(peer, "sent", type, message);
    }

    /// <inheritdoc/>
    public void Warning(IPeerView? peer, string text)
    {
        if (peer is null)
            log.LogWarning("{Text}", text);
        else
            log.LogWarning("peer {Peer}: {Text}", peer.Address, text);
    }

    private void Tell(IPeerView peer, string what, MessageType type, ReadOnlySpan<byte> message)
    {
        if (log.IsEnabled(LogLevel.Debug) && type == MessageType.Update)
        {
            log.LogDebug("peer {Peer}: {What} UPDATE: {Text}", peer.Address, what,
                MessageText.Of(MessageType.Update, message[MessageHeader.Size..], peer.Session?.Codec ?? new CodecOptions(), new FlowSpecStore()));
        }
    }
}
