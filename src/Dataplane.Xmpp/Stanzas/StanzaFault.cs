namespace Dataplane.Xmpp.Stanzas;

/// <summary>Why an element is not a stanza, or not a proper one.</summary>
public enum StanzaFault : byte
{
    /// <summary>Not an IQ, message or presence of clients: <c>unsupported-stanza-type</c> (RFC 6120 §4.9.3.24).</summary>
    UnknownKind,

    /// <summary><c>from</c> is no address: <c>invalid-from</c> (RFC 6120 §4.9.3.9).</summary>
    BadFrom,

    /// <summary><c>to</c> is no address: a stanza error <c>jid-malformed</c> (RFC 6120 §8.3.3.8).</summary>
    BadTo,

    /// <summary>An IQ without id, of no known type, or with the wrong number of children: a stanza error <c>bad-request</c> (RFC 6120 §8.2.3).</summary>
    BadIq,
}
