using System.Xml.Linq;

namespace Dataplane.Xmpp.Stanzas;

/// <summary>What a stanza of type error reports (RFC 6120 §8.3).</summary>
/// <param name="Type">What can be done about it.</param>
/// <param name="Condition">What is wrong.</param>
/// <param name="Text">In words; null: none.</param>
/// <param name="ApplicationSpecific">What is wrong in the words of an extension; null: none.</param>
public sealed record StanzaError(StanzaErrorType Type, StanzaErrorCondition Condition, string? Text = null, XElement? ApplicationSpecific = null)
{
    private static readonly string[] ConditionNames = [.. Enum.GetNames<StanzaErrorCondition>().Select(ElementNames.FromPascalCase)];
    private static readonly string[] TypeNames = [.. Enum.GetNames<StanzaErrorType>().Select(ElementNames.FromPascalCase)];

    /// <summary>An error of the type that RFC 6120 recommends for its condition.</summary>
    public static StanzaError Of(StanzaErrorCondition condition, string? text = null, XElement? applicationSpecific = null) =>
        new(UsualType(condition), condition, text, applicationSpecific);

    /// <summary>The element's name: <c>item-not-found</c>.</summary>
    public static string NameOf(StanzaErrorCondition condition) => ConditionNames[(int)condition];

    /// <summary>The type that RFC 6120 §8.3.3 associates with a condition.</summary>
    public static StanzaErrorType UsualType(StanzaErrorCondition condition) => condition switch
    {
        StanzaErrorCondition.BadRequest or StanzaErrorCondition.JidMalformed or StanzaErrorCondition.NotAcceptable
            or StanzaErrorCondition.PolicyViolation or StanzaErrorCondition.Redirect => StanzaErrorType.Modify,
        StanzaErrorCondition.Forbidden or StanzaErrorCondition.NotAuthorized or StanzaErrorCondition.RegistrationRequired
            or StanzaErrorCondition.SubscriptionRequired => StanzaErrorType.Auth,
        StanzaErrorCondition.RecipientUnavailable or StanzaErrorCondition.RemoteServerTimeout or StanzaErrorCondition.ResourceConstraint
            or StanzaErrorCondition.UnexpectedRequest => StanzaErrorType.Wait,
        _ => StanzaErrorType.Cancel,
    };

    /// <summary>Reads the error of a stanza; what cannot be understood is an undefined condition (RFC 6120 §8.3.1).</summary>
    public static StanzaError Read(XElement stanza)
    {
        XElement? error = stanza.Element(Namespaces.Client + "error");
        var condition = StanzaErrorCondition.UndefinedCondition;
        foreach (XElement child in error?.Elements() ?? [])
        {
            int known = child.Name.Namespace == Namespaces.StanzaErrors ? Array.IndexOf(ConditionNames, child.Name.LocalName) : -1;
            if (known >= 0)
            {
                condition = (StanzaErrorCondition)known;
                break;
            }
        }

        int type = Array.IndexOf(TypeNames, (string?)error?.Attribute("type"));
        return new(
            type >= 0 ? (StanzaErrorType)type : UsualType(condition),
            condition,
            (string?)error?.Element(Namespaces.StanzaErrors + "text"),
            error?.Elements().FirstOrDefault(child => child.Name.Namespace != Namespaces.StanzaErrors));
    }

    /// <summary>As the element <c>error</c> of a stanza.</summary>
    public XElement ToElement() => new(
        Namespaces.Client + "error",
        new XAttribute("type", TypeNames[(int)Type]),
        new XElement(Namespaces.StanzaErrors + NameOf(Condition)),
        Text is null ? null : new XElement(Namespaces.StanzaErrors + "text", Text),
        ApplicationSpecific);
}
