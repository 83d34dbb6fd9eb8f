namespace Dataplane.Xmpp.PubSub;

/// <summary>Writes requests as IQs, as section 3 of the requirements shows them.</summary>
public static class RequestWriter
{
    /// <summary>Writes a request.</summary>
    /// <param name="text">Takes it.</param>
    /// <param name="profile">Whose shapes are used: entries, and the instance id.</param>
    /// <param name="from">The client's JID; null leaves it out.</param>
    /// <param name="to">The server's JID.</param>
    /// <param name="id">The IQ's id.</param>
    /// <param name="request">The request.</param>
    public static void Write(StanzaText text, WireProfile profile, string? from, string to, string id, PubSubRequest request)
    {
        text.Raw("<iq type='set'"u8);
        if (from is not null)
        {
            Attribute(text, " from='"u8, from);
        }

        Attribute(text, " to='"u8, to);
        Attribute(text, " id='"u8, id);
        text.Raw(request is DissociateRequest or DeleteRequest
            ? "><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"u8
            : "><pubsub xmlns='http://jabber.org/protocol/pubsub'>"u8);
        switch (request)
        {
            case SubscribeRequest subscribe:
                WriteSubscribe(text, subscribe);
                break;
            case UnsubscribeRequest unsubscribe:
                WriteSubscription(text, "<unsubscribe"u8, unsubscribe.Node, unsubscribe.Jid, unsubscribe.SubscriptionId);
                break;
            case PublishRequest publish:
                WriteItems(text, profile, publish);
                break;
            case RetractRequest retract:
                Attribute(text, "<retract node='"u8, retract.Node).Raw(">"u8);
                foreach (var item in retract.Ids)
                {
                    Attribute(text, "<item id='"u8, item).Raw("/>"u8);
                }

                text.Raw("</retract>"u8);
                break;
            case AssociateRequest associate:
                WriteCollection(text, associate.Collection, "<associate node='"u8, associate.Leaf);
                break;
            case DissociateRequest dissociate:
                WriteCollection(text, dissociate.Collection, "<dissociate node='"u8, dissociate.Leaf);
                break;
            case DeleteRequest delete:
                Attribute(text, "<delete node='"u8, delete.Node).Raw("/>"u8);
                break;
            default:
                throw new ArgumentException($"{request.GetType().Name} has no shape", nameof(request));
        }

        text.Raw("</pubsub></iq>"u8);
    }

    private static void WriteSubscribe(StanzaText text, SubscribeRequest subscribe)
    {
        WriteSubscription(text, "<subscribe"u8, subscribe.Node, subscribe.Jid, null);
        if (subscribe is { Vlan: null, InstanceId: null, WantsSettled: false })
        {
            return;
        }

        text.Raw("<options>"u8);
        if (subscribe.Vlan is { } vlan)
        {
            text.Raw("<x xmlns='jabber:x:data' type='submit'><field var='vpn#vlan_id'><value>"u8).Number(vlan).Raw("</value></field></x>"u8);
        }

        if (subscribe.InstanceId is { } instance)
        {
            text.Raw("<instance-id>"u8).Number(instance).Raw("</instance-id>"u8);
        }

        if (subscribe.WantsSettled)
        {
            text.Raw("<settled xmlns='urn:dataplane:bgpvpn:0'/>"u8);
        }

        text.Raw("</options>"u8);
    }

    private static void WriteSubscription(StanzaText text, ReadOnlySpan<byte> element, string node, string? jid, string? subscription)
    {
        Attribute(text.Raw(element), " node='"u8, node);
        if (jid is not null)
        {
            Attribute(text, " jid='"u8, jid);
        }

        if (subscription is not null)
        {
            Attribute(text, " subid='"u8, subscription);
        }

        text.Raw("/>"u8);
    }

    private static void WriteItems(StanzaText text, WireProfile profile, PublishRequest publish)
    {
        Attribute(text, "<publish node='"u8, publish.Node).Raw(">"u8);
        foreach (PublishedItem item in publish.Items)
        {
            text.Raw("<item"u8);
            if (item.Id is { } id)
            {
                Attribute(text, " id='"u8, id);
            }

            text.Raw(">"u8);
            EntryWriter.Write(text, profile, item.Entry);
            text.Raw("</item>"u8);
        }

        text.Raw("</publish>"u8);
    }

    private static void WriteCollection(StanzaText text, string collection, ReadOnlySpan<byte> member, string leaf)
    {
        Attribute(text, "<collection node='"u8, collection).Raw(">"u8);
        Attribute(text, member, leaf).Raw("/></collection>"u8);
    }

    private static StanzaText Attribute(StanzaText text, ReadOnlySpan<byte> opening, string value) => text.Raw(opening).Text(value).Raw("'"u8);
}
