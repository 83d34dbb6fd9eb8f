using System.Xml.Linq;

namespace Dataplane.Xmpp.Stanzas;

/// <summary>
/// A stanza that was received (RFC 6120 §8): well formed, of a known kind, within the bounds of its session, with addresses that are addresses. The
/// element is not changed by anybody, so that it may be read by any thread.
/// </summary>
public sealed class Stanza
{
    private Stanza(StanzaKind kind, XElement element, Jid? from, Jid? to)
    {
        Kind = kind;
        Element = element;
        From = from;
        To = to;
    }

    /// <summary>What it is.</summary>
    public StanzaKind Kind { get; }

    /// <summary>Who sent it, as it says; a session has checked that it is the peer.</summary>
    public Jid? From { get; }

    /// <summary>For whom it is; null: for the entity at the other end of the stream.</summary>
    public Jid? To { get; }

    /// <summary>Pairs an answer with its question; null: there is none, as is allowed but for IQs.</summary>
    public string? Id => (string?)Element.Attribute("id");

    /// <summary><c>get</c>, <c>set</c>, <c>result</c> and <c>error</c> of an IQ, and others; null: there is none, as is allowed but for IQs.</summary>
    public string? Type => (string?)Element.Attribute("type");

    /// <summary>When its session read it, in ticks of the loop's time; null: by none.</summary>
    public long? ReceivedAt { get; internal set; }

    /// <summary>The whole stanza.</summary>
    public XElement Element { get; }

    /// <summary>The first child, of an IQ get or set the only one; null: there is none.</summary>
    public XElement? Payload => Element.Elements().FirstOrDefault();

    /// <summary>Whether this is an IQ that has to be answered: get or set.</summary>
    public bool IsRequest => Kind == StanzaKind.Iq && Type is "get" or "set";

    /// <summary>Whether this is an IQ that answers: result or error.</summary>
    public bool IsResponse => Kind == StanzaKind.Iq && Type is "result" or "error";

    /// <summary>Whether this reports an error.</summary>
    public bool IsError => Type == "error";

    /// <summary>The error that this reports; null: none.</summary>
    public StanzaError? Error => IsError ? StanzaError.Read(Element) : null;

    /// <summary>Reads a stanza.</summary>
    /// <param name="element">The element; it must not be changed afterwards.</param>
    /// <param name="stanza">The stanza.</param>
    /// <returns>Null, or what is wrong: its name, its namespace, an address, or an IQ without id, with a type that there is not, or with another number of children than its type allows.</returns>
    public static StanzaFault? TryRead(XElement element, out Stanza? stanza)
    {
        stanza = null;
        StanzaKind kind;
        switch (element.Name.LocalName)
        {
            case "iq":
                kind = StanzaKind.Iq;
                break;
            case "message":
                kind = StanzaKind.Message;
                break;
            case "presence":
                kind = StanzaKind.Presence;
                break;
            default:
                return StanzaFault.UnknownKind;
        }

        if (element.Name.Namespace != Namespaces.Client)
        {
            return StanzaFault.UnknownKind;
        }

        if (!TryReadAddress(element, "from", out Jid? from))
        {
            return StanzaFault.BadFrom;
        }

        bool isAddressed = TryReadAddress(element, "to", out Jid? to);
        stanza = new(kind, element, from, to);
        if (!isAddressed)
        {
            return StanzaFault.BadTo;
        }

        return kind == StanzaKind.Iq && !IsProperIq(stanza) ? StanzaFault.BadIq : null;
    }

    /// <summary>Written as XML.</summary>
    public override string ToString() => Element.ToString(SaveOptions.DisableFormatting);

    // RFC 6120 §8.2.3.
    private static bool IsProperIq(Stanza iq) => iq.Id is not null && iq.Type switch
    {
        "get" or "set" => iq.Element.Elements().Take(2).Count() == 1,
        "result" => iq.Element.Elements().Take(2).Count() <= 1,
        "error" => true,
        _ => false,
    };

    private static bool TryReadAddress(XElement element, string name, out Jid? jid)
    {
        jid = null;
        if (element.Attribute(name) is { } attribute)
        {
            if (!Jid.TryParse(attribute.Value, out Jid read))
            {
                return false;
            }

            jid = read;
        }

        return true;
    }
}
