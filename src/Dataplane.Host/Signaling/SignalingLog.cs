using Dataplane.Net;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Signaling;

/// <summary>
/// Writes what happens between end-systems and VRFs into the log (MGT-09): sessions and alarms always, and at debug level every stanza in, route in and
/// out of a VRF, and notification, from whose times a propagation can be put together.
/// </summary>
internal sealed class SignalingLog(ILogger log) : ISignalingObserver
{
    /// <inheritdoc/>
    public void SessionOpened(IXmppChannel channel) =>
        log.LogInformation("end-system {Client}: session is up, {Identity}", channel.Peer, channel.Identity);

    /// <inheritdoc/>
    public void SessionClosed(IXmppChannel channel, SessionEnd end, bool keepsState) => log.LogInformation(
        "end-system {Client}: session is down: {Reason}{Error}{Text}{Kept}", channel.Peer, end.Reason,
        end.Error is { } error ? $", {error}" : "", end.Text is { } text ? $", {text}" : "",
        keepsState ? "; what it published is kept for now" : "");

    /// <inheritdoc/>
    public void Alarm(string text) => log.LogWarning("{Text}", text);

    /// <inheritdoc/>
    public void Done(Jid client, PubSubRequest request)
    {
        if (log.IsEnabled(LogLevel.Debug))
            log.LogDebug("end-system {Client}: {Request}", client, TextOf(request));
    }

    /// <inheritdoc/>
    public void Refused(Jid client, RefusalReason reason, string text) =>
        log.LogInformation("end-system {Client}: refused ({Reason}): {Text}", client, reason, text);

    /// <inheritdoc/>
    public void Published(Jid client, string vrf, in VrfLocalRoute route)
    {
        if (log.IsEnabled(LogLevel.Debug))
        {
            log.LogDebug("VRF {Vrf}: {Prefix} of {Client} in, RD {Distinguisher}, next hop {NextHop}, label {Label}, version {Version}",
                vrf, route.Prefix, client, route.Distinguisher, route.NextHop, route.Label, route.Version);
        }
    }

    /// <inheritdoc/>
    public void Withdrawn(Jid client, string vrf, IpPrefix prefix, string why) =>
        log.LogDebug("VRF {Vrf}: {Prefix} of {Client} out, {Why}", vrf, prefix, client, why);

    /// <inheritdoc/>
    public void Notified(Jid client, string vrf, NotifiedChanges changes)
    {
        if (log.IsEnabled(LogLevel.Debug))
        {
            log.LogDebug("VRF {Vrf}: told {Client}: {Changes}", vrf, client,
                string.Join(", ", changes.Routes.Select(static change => change.IsGone ? $"withdraw {change.Route}" : change.Route)));
        }
    }

    private static string TextOf(PubSubRequest request) => request switch
    {
        SubscribeRequest subscribe => $"subscribe {subscribe.Node}",
        UnsubscribeRequest unsubscribe => $"unsubscribe {unsubscribe.Node}",
        PublishRequest publish => $"publish {publish.Node}: {string.Join(", ", publish.Items.Select(static item => item.Entry.Prefix))}",
        RetractRequest retract => $"retract {retract.Node}: {string.Join(", ", retract.Ids)}",
        AssociateRequest associate => $"associate {associate.Leaf} with {associate.Collection}",
        DissociateRequest dissociate => $"dissociate {dissociate.Leaf} from {dissociate.Collection}",
        DeleteRequest delete => $"delete {delete.Node}",
        _ => request.GetType().Name,
    };
}
