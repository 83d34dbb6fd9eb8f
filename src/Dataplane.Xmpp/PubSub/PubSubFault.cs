using System.Xml.Linq;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.PubSub;

/// <summary>Why a request or an entry is refused: a stanza error (RFC 6120 §8.3.3) and, where there is one, a pubsub condition (XEP-0060 §16).</summary>
/// <param name="Condition">The stanza error.</param>
/// <param name="Text">For people.</param>
/// <param name="Specific">Name of the pubsub condition; null without.</param>
/// <param name="Feature">What is not supported, with <c>unsupported</c>.</param>
public sealed record PubSubFault(StanzaErrorCondition Condition, string Text, string? Specific = null, string? Feature = null)
{
    /// <summary>The pubsub condition as an element of the error; null without.</summary>
    public XElement? Element => Specific is null ? null
        : new XElement(PubSubNamespace.Errors + Specific, Feature is null ? null : new XAttribute("feature", Feature));

    /// <summary>What was sent is not what it has to be.</summary>
    public static PubSubFault Malformed(string text, string? specific = null) => new(StanzaErrorCondition.BadRequest, text, specific);

    /// <summary>An entry is not what it has to be.</summary>
    public static PubSubFault Payload(string text) => new(StanzaErrorCondition.BadRequest, text, "invalid-payload");

    /// <summary>A request of XEP-0060 that has no meaning here.</summary>
    public static PubSubFault Unsupported(string feature) =>
        new(StanzaErrorCondition.FeatureNotImplemented, $"{feature} is not supported", "unsupported", feature);
}
