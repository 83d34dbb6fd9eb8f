using Dataplane.Net;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.EndSystem.Interfaces;
using Dataplane.Xmpp.PubSub;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.EndSystem;

/// <summary>
/// Writes into the log, at debug level, what a host does one step after the other (MGT-09): interfaces, stanzas out and in, entries in the forwarding tables.
/// With the log of the gateway between them, the way of an address through all components can be put together by the times. Any thread.
/// </summary>
internal sealed class EndSystemLog(ILogger log)
{
    private bool IsOn => log.IsEnabled(LogLevel.Debug);

    /// <summary>Follows the requests, answers and events of a client.</summary>
    public void Follow(EndSystemClient client)
    {
        client.Sent = (server, id, request) =>
        {
            if (IsOn)
                log.LogDebug("server {Server}: sent {Id}: {Request}", server.Name, id, TextOf(request));
        };
        client.Answered = (server, id, failure) =>
        {
            if (IsOn)
                log.LogDebug("server {Server}: answer to {Id}: {Answer}", server.Name, id, failure?.ToString() ?? "done");
        };
        client.Notified = (server, told) =>
        {
            if (IsOn)
                log.LogDebug("server {Server}: told {Event}", server.Name, TextOf(told));
        };
    }

    /// <summary>An interface was put into the forwarder, or was not.</summary>
    public void InterfaceSet(ForwardedInterface wanted, string? problem)
    {
        if (IsOn)
        {
            log.LogDebug("forwarder: interface {Interface} of {Vpn} with label {Label}{Follows}: {Addresses}{Problem}", wanted.Key, wanted.Vpn, wanted.Label,
                wanted.IsLookedUp ? ", looked up" : "", wanted.Addresses.Count == 0 ? "no addresses" : string.Join(", ", wanted.Addresses), problem is null ? "" : $"; refused: {problem}");
        }
    }

    /// <summary>An interface was taken out of it.</summary>
    public void InterfaceRemoved(string key)
    {
        if (IsOn)
            log.LogDebug("forwarder: interface {Interface} removed", key);
    }

    /// <summary>An entry was written.</summary>
    public void RouteInstalled(string vpn, IpPrefix prefix, ReadOnlySpan<VrfNextHop> nextHops, uint? version, bool isInstalled)
    {
        if (IsOn)
        {
            log.LogDebug("FIB {Vpn}: {Prefix} via {NextHops}{Version}{Problem}", vpn, prefix,
                string.Join(", ", nextHops.ToArray().Select(static hop => $"{hop.Address} label {hop.Label}")), version is { } told ? $", version {told}" : "", isInstalled ? "" : ": not installed");
        }
    }

    /// <summary>An entry was removed.</summary>
    public void RouteRemoved(string vpn, IpPrefix prefix)
    {
        if (IsOn)
            log.LogDebug("FIB {Vpn}: {Prefix} removed", vpn, prefix);
    }

    private static string TextOf(PubSubRequest request) => request switch
    {
        SubscribeRequest subscribe => $"subscribe {subscribe.Node}",
        UnsubscribeRequest unsubscribe => $"unsubscribe {unsubscribe.Node}",
        PublishRequest publish => $"publish {publish.Node}: {string.Join(", ", publish.Items.Select(static item => $"{item.Entry.Prefix} version {item.Entry.Version}"))}",
        RetractRequest retract => $"retract {retract.Node}: {string.Join(", ", retract.Ids)}",
        AssociateRequest associate => $"associate {associate.Leaf} with {associate.Collection}",
        DissociateRequest dissociate => $"dissociate {dissociate.Leaf} from {dissociate.Collection}",
        DeleteRequest delete => $"delete {delete.Node}",
        _ => request.GetType().Name,
    };

    private static string TextOf(PubSubEvent told) => told switch
    {
        RouteChangedEvent changed => $"{changed.Node}: {changed.Entry.Prefix} via {string.Join(", ", changed.Entry.NextHops.Select(static hop => $"{hop.Address} label {hop.Label}"))}, version {changed.Entry.Version}",
        RouteRetractedEvent retracted => $"retract {retracted.Token}",
        RouteDisassociatedEvent disassociated => $"disassociate {disassociated.Token}",
        NodeDeletedEvent deleted => $"delete {deleted.Node}",
        SettledEvent settled => $"settled {settled.Node}",
        _ => told.GetType().Name,
    };
}
