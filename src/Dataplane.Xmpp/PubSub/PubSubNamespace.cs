using System.Xml.Linq;

namespace Dataplane.Xmpp.PubSub;

/// <summary>Namespaces of requests, events and entries (requirements section 3).</summary>
public static class PubSubNamespace
{
    /// <summary>Requests (XEP-0060).</summary>
    public static readonly XNamespace PubSub = "http://jabber.org/protocol/pubsub";

    /// <summary>Requests about nodes of one's own (XEP-0060 §8, XEP-0248).</summary>
    public static readonly XNamespace Owner = "http://jabber.org/protocol/pubsub#owner";

    /// <summary>Events.</summary>
    public static readonly XNamespace Event = "http://jabber.org/protocol/pubsub#event";

    /// <summary>Conditions of errors (XEP-0060 §16).</summary>
    public static readonly XNamespace Errors = "http://jabber.org/protocol/pubsub#errors";

    /// <summary>Data forms (XEP-0004).</summary>
    public static readonly XNamespace DataForm = "jabber:x:data";

    /// <summary>Entries of the profile <see cref="WireProfile.Esv05"/> (XMP-10).</summary>
    public static readonly XNamespace Entry05 = "http://ietf.org/protocol/bgpvpn";

    /// <summary>Entries of the profile <see cref="WireProfile.EndSystem06"/>.</summary>
    public static readonly XNamespace Entry06 = "urn:ietf:params:xml:ns:bgp:l3vpn:unicast";

    /// <summary>
    /// Our own: <c>settled</c> after a snapshot, for clients that ask for it (it is in the answer too, so that they know to wait), and the <c>vlan</c> of an entry (AMB-18). A server that knows them
    /// lists the namespace among its features (XEP-0030).
    /// </summary>
    public static readonly XNamespace Extension = "urn:dataplane:bgpvpn:0";


}
