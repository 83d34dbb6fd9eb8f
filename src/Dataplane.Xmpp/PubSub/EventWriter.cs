using Dataplane.Routing.FlowSpec;

namespace Dataplane.Xmpp.PubSub;

/// <summary>
/// Writes the payloads of event messages: what stands between <c>&lt;message …></c> and <c>&lt;/message></c> and is the same for all
/// subscribers of a VPN (requirements sections 3.5 and 3.6).
/// </summary>
public static class EventWriter
{
    /// <summary>Begins a message about routes of a VPN.</summary>
    public static void BeginItems(StanzaText text, string node) =>
        text.Raw("<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='"u8).Text(node).Raw("'>"u8);

    /// <summary>Writes a route.</summary>
    public static void WriteItem(StanzaText text, WireProfile profile, string token, VpnEntry entry)
    {
        text.Raw("<item id='"u8).Text(token).Raw("'>"u8);
        EntryWriter.Write(text, profile, entry);
        text.Raw("</item>"u8);
    }

    /// <summary>Writes a flow specification.</summary>
    public static void WriteItem(StanzaText text, string token, VrfFilter filter)
    {
        text.Raw("<item id='"u8).Text(token).Raw("'>"u8);
        FilterEntryWriter.Write(text, filter);
        text.Raw("</item>"u8);
    }

    /// <summary>Writes that a route has gone: <see cref="WireProfile.EndSystem06"/>.</summary>
    public static void WriteRetract(StanzaText text, string token) => text.Raw("<retract id='"u8).Text(token).Raw("'/>"u8);

    /// <summary>Ends what <see cref="BeginItems"/> began.</summary>
    public static void EndItems(StanzaText text) => text.Raw("</items></event>"u8);

    /// <summary>Writes that a route has left a VPN: the first of two messages (AMB-08).</summary>
    public static void WriteDisassociate(StanzaText text, string node, string token) => text
        .Raw("<event xmlns='http://jabber.org/protocol/pubsub#event'><collection node='"u8).Text(node)
        .Raw("'><disassociate node='"u8).Text(token).Raw("'/></collection></event>"u8);

    /// <summary>Writes that a node is deleted: the second one; or a VPN that is no longer there.</summary>
    public static void WriteDelete(StanzaText text, string node) => text
        .Raw("<event xmlns='http://jabber.org/protocol/pubsub#event'><delete node='"u8).Text(node).Raw("'/></event>"u8);

    /// <summary>Writes that a snapshot is whole, for clients that asked for it.</summary>
    public static void WriteSettled(StanzaText text, string node) =>
        text.Raw("<settled xmlns='urn:dataplane:bgpvpn:0' node='"u8).Text(node).Raw("'/>"u8);
}
