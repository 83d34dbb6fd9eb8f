using System.Xml.Linq;

namespace Dataplane.Xmpp.Stanzas;

/// <summary>Makes IQs, encoded for <see cref="Sessions.IXmppChannel.TrySend"/> (RFC 6120 §8.2.3).</summary>
public static class Iq
{
    /// <summary>Answers that it was done.</summary>
    /// <param name="request">The get or set.</param>
    /// <param name="payload">What the answer holds; null: nothing.</param>
    public static ReadOnlyMemory<byte> Result(Stanza request, XElement? payload = null) =>
        StanzaEncoder.Encode(Answer(request, "result", payload));

    /// <summary>Answers that it was not done.</summary>
    /// <param name="request">The get or set.</param>
    /// <param name="condition">Why.</param>
    /// <param name="text">In words; null: none.</param>
    /// <param name="applicationSpecific">Why in the words of an extension; null: none.</param>
    public static ReadOnlyMemory<byte> Error(
        Stanza request, StanzaErrorCondition condition, string? text = null, XElement? applicationSpecific = null) =>
        Error(request, StanzaError.Of(condition, text, applicationSpecific));

    /// <summary>Answers that it was not done.</summary>
    public static ReadOnlyMemory<byte> Error(Stanza request, StanzaError error) =>
        StanzaEncoder.Encode(Answer(request, "error", error.ToElement()));

    /// <summary>Answers what nobody here handles (RFC 6120 §8.4).</summary>
    public static ReadOnlyMemory<byte> ServiceUnavailable(Stanza request) => Error(request, StanzaErrorCondition.ServiceUnavailable);

    /// <summary>Asks for something.</summary>
    public static ReadOnlyMemory<byte> Get(string id, Jid? to, XElement payload) => Request("get", id, to, payload);

    /// <summary>Orders something.</summary>
    public static ReadOnlyMemory<byte> Set(string id, Jid? to, XElement payload) => Request("set", id, to, payload);

    private static ReadOnlyMemory<byte> Request(string type, string id, Jid? to, XElement payload) => StanzaEncoder.Encode(new(
        Namespaces.Client + "iq",
        new XAttribute("type", type),
        to is { } jid ? new XAttribute("to", jid.ToString()) : null,
        new XAttribute("id", id),
        payload));

    private static XElement Answer(Stanza request, string type, XElement? payload) => new(
        Namespaces.Client + "iq",
        new XAttribute("type", type),
        request.To is { } to ? new XAttribute("from", to.ToString()) : null,
        request.From is { } from ? new XAttribute("to", from.ToString()) : null,
        request.Id is { } id ? new XAttribute("id", id) : null,
        payload);
}
