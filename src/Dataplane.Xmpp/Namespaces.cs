using System.Xml.Linq;

namespace Dataplane.Xmpp;

/// <summary>The namespaces of XML that streams and sessions know. Those of publish-subscribe are with its elements.</summary>
public static class Namespaces
{
    /// <summary>Stream headers, features and errors (RFC 6120 §4.8).</summary>
    public static XNamespace Streams { get; } = "http://etherx.jabber.org/streams";

    /// <summary>Stanzas between clients and servers (RFC 6120 §4.8.2).</summary>
    public static XNamespace Client { get; } = "jabber:client";

    /// <summary>Conditions of stream errors (RFC 6120 §4.9.2).</summary>
    public static XNamespace StreamErrors { get; } = "urn:ietf:params:xml:ns:xmpp-streams";

    /// <summary>Conditions of stanza errors (RFC 6120 §8.3.2).</summary>
    public static XNamespace StanzaErrors { get; } = "urn:ietf:params:xml:ns:xmpp-stanzas";

    /// <summary>STARTTLS (RFC 6120 §5).</summary>
    public static XNamespace Tls { get; } = "urn:ietf:params:xml:ns:xmpp-tls";

    /// <summary>SASL (RFC 6120 §6).</summary>
    public static XNamespace Sasl { get; } = "urn:ietf:params:xml:ns:xmpp-sasl";

    /// <summary>Resource binding (RFC 6120 §7).</summary>
    public static XNamespace Bind { get; } = "urn:ietf:params:xml:ns:xmpp-bind";

    /// <summary>Session establishment of RFC 3921, which does nothing any more and old clients still ask for.</summary>
    public static XNamespace Session { get; } = "urn:ietf:params:xml:ns:xmpp-session";

    /// <summary>Application-specific conditions of errors (XEP-0205 and others).</summary>
    public static XNamespace Errors { get; } = "urn:xmpp:errors";

    /// <summary>Ping (XEP-0199).</summary>
    public static XNamespace Ping { get; } = "urn:xmpp:ping";

    /// <summary>Service discovery: what an entity can do (XEP-0030).</summary>
    public static XNamespace DiscoInfo { get; } = "http://jabber.org/protocol/disco#info";

    /// <summary>Service discovery: what belongs to an entity (XEP-0030).</summary>
    public static XNamespace DiscoItems { get; } = "http://jabber.org/protocol/disco#items";
}
