using System.Xml.Linq;
using Dataplane.Xmpp.Propagation;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Gateway;

/// <content>IQs of clients, each answered exactly once (XMP-15).</content>
public sealed partial class SignalingGateway
{
    /// <inheritdoc/>
    public void Received(IXmppChannel channel, Stanza stanza)
    {
        if (stanza.Kind != StanzaKind.Iq || stanza.Type is not ("get" or "set") || !_sessions.TryGetValue(channel, out GatewayClient? client))
        {
            return; // presence and messages mean nothing here, and nothing was asked
        }

        XElement payload = stanza.Element.Elements().First();
        if (!RequestReader.IsPubSub(payload))
        {
            _delivery.Answer(client, Iq.ServiceUnavailable(stanza));
            return;
        }

        PubSubRequest? request = null;
        XElement? answer = null;
        Refusal? refusal = null;
        if (stanza.To is { Local: not null } to && to.Bare != channel.Local.Bare && to.Bare != client.Jid && IsSystemId(to.Local))
        {
            // Clients reach each other through VRFs, never through us.
            refusal = new(RefusalReason.ForeignAddressee, new(StanzaErrorCondition.ServiceUnavailable, $"{to} has no nodes here"));
        }
        else
        {
            request = RequestReader.Read(payload, stanza.Type == "set", _context.Settings.MaxNameLength, out PubSubFault? fault);
            _context.Doing = (PropagationCause.Published, stanza.ReceivedAt ?? _context.Now);
            refusal = request is null ? Refusal.Malformed(fault!) : Do(client, request, out answer);
            _context.Doing = null;
        }

        if (refusal is null)
        {
            _context.Counters.Requests++;
            foreach (ISignalingObserver observer in _context.Observers)
            {
                observer.Done(client.Jid, request!);
            }

            _delivery.Answer(client, Iq.Result(stanza, answer));
            return;
        }

        _context.Counters.Refused(refusal.Reason);
        foreach (ISignalingObserver observer in _context.Observers)
        {
            observer.Refused(client.Jid, refusal.Reason, refusal.Fault.Text);
        }

        _delivery.Answer(client, Iq.Error(stanza, refusal.Fault.Condition, refusal.Fault.Text, refusal.Fault.Element));
    }

    private Refusal? Do(GatewayClient client, PubSubRequest request, out XElement? answer)
    {
        answer = null;
        switch (request)
        {
            case SubscribeRequest subscribe:
                Refusal? refused = _subscriptions.Subscribe(client, subscribe, out var isInstanceNew);
                if (refused is null)
                {
                    answer = Subscribed(client, subscribe);
                    if (isInstanceNew)
                    {
                        Review(client);
                    }
                }

                return refused;
            case UnsubscribeRequest unsubscribe:
                return _subscriptions.Unsubscribe(client, unsubscribe);
            case PublishRequest publish:
                return _publications.Publish(client, publish);
            case AssociateRequest associate:
                return _publications.Associate(client, associate);
            case DissociateRequest dissociate:
                return _publications.Dissociate(client, dissociate);
            case DeleteRequest delete:
                return _publications.Delete(client, delete.Node);
            case RetractRequest retract:
                return _publications.Retract(client, retract);
            default:
                return Refusal.Malformed(PubSubFault.Unsupported(request.GetType().Name));
        }
    }

    // XEP-0060 §6.1.2; who asked to be told when it knows everything learns here that it will be.
    private static XElement Subscribed(GatewayClient client, SubscribeRequest request) => new(
        PubSubNamespace.PubSub + "pubsub",
        new XElement(
            PubSubNamespace.PubSub + "subscription",
            new XAttribute("node", request.Node),
            new XAttribute("jid", client.Jid.ToString()),
            new XAttribute("subscription", "subscribed"),
            request.WantsSettled ? new XElement(PubSubNamespace.Extension + "settled") : null));
}
