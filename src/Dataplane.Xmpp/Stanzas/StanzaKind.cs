namespace Dataplane.Xmpp.Stanzas;

/// <summary>The three kinds of stanza (RFC 6120 §8.2).</summary>
public enum StanzaKind : byte
{
    /// <summary>A question or order that gets exactly one answer.</summary>
    Iq,

    /// <summary>Something told, without an answer.</summary>
    Message,

    /// <summary>Availability, broadcast. Nothing here uses it; clients may send it.</summary>
    Presence,
}
