using System.Xml.Linq;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.ExternalForwarder;

/// <summary>Answers one request of a host, once. Routing loop.</summary>
internal readonly struct HostReply(IXmppChannel channel, Stanza request)
{
    /// <summary>When the request was read from its socket, in ticks of the loop's time; null when that is not known.</summary>
    public long? ReceivedAt => request.ReceivedAt;

    /// <summary>It was done.</summary>
    public void Done(XElement? payload = null) => _ = channel.TrySend(Iq.Result(request, payload));

    /// <summary>It was done: the host takes part with this interface (AMB-54).</summary>
    public void Subscribed(Jid host, TaggedInterface bound) => Done(new XElement(
        PubSubNamespace.PubSub + "pubsub",
        new XElement(
            PubSubNamespace.PubSub + "subscription",
            new XAttribute("node", bound.Vpn),
            new XAttribute("jid", host.ToString()),
            new XAttribute("subid", bound.SubscriptionId),
            new XAttribute("subscription", "subscribed"))));

    /// <summary>It was not done.</summary>
    public void Refused(PubSubFault fault) => _ = channel.TrySend(Iq.Error(request, fault.Condition, fault.Text, fault.Element));

    /// <summary>It was not done.</summary>
    public void Refused(StanzaErrorCondition condition, string text, string? specific = null) => Refused(new PubSubFault(condition, text, specific));
}
