using System.Security;
using System.Xml.Linq;

namespace Dataplane.Xmpp.Streams;

/// <summary>The parts of a stream that are not whole elements, and the elements whose prefix is that of the stream.</summary>
internal static class StreamText
{
    /// <summary>The end of a stream.</summary>
    public const string End = "</stream:stream>";

    private static readonly string[] ConditionNames = [.. Enum.GetNames<StreamErrorCondition>().Select(ElementNames.FromPascalCase)];

    /// <summary>The start of a stream (RFC 6120 §4.7); addresses that are null are left out.</summary>
    public static string Header(string? to, string? from, string? id) =>
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'"
        + Attribute("to", to) + Attribute("from", from) + Attribute("id", id) + " xml:lang='en'>";

    /// <summary>Features (RFC 6120 §4.3.2).</summary>
    public static string Features(string children) => $"<stream:features>{children}</stream:features>";

    /// <summary>A stream error (RFC 6120 §4.9).</summary>
    public static string Error(StreamFault fault) =>
        $"<stream:error><{NameOf(fault.Condition)} xmlns='{Namespaces.StreamErrors}'/>"
        + (fault.Text.Length == 0 ? "" : $"<text xmlns='{Namespaces.StreamErrors}' xml:lang='en'>{Escape(fault.Text)}</text>")
        + (fault.Specific is null ? "" : $"<{fault.Specific} xmlns='{Namespaces.Errors}'/>")
        + "</stream:error>";

    /// <summary>The element's name: <c>not-well-formed</c>.</summary>
    public static string NameOf(StreamErrorCondition condition) => ConditionNames[(int)condition];

    /// <summary>Reads a stream error; one that is not known is an undefined condition.</summary>
    public static (StreamErrorCondition Condition, string? Text) ReadError(XElement error)
    {
        int condition = -1;
        foreach (XElement child in error.Elements().Where(static child => child.Name.Namespace == Namespaces.StreamErrors))
        {
            condition = Math.Max(condition, Array.IndexOf(ConditionNames, child.Name.LocalName));
        }

        return (
            condition < 0 ? StreamErrorCondition.UndefinedCondition : (StreamErrorCondition)condition,
            (string?)error.Element(Namespaces.StreamErrors + "text"));
    }

    private static string Attribute(string name, string? value) => value is null ? "" : $" {name}='{Escape(value)}'";

    // What a peer sent may be in a text; characters that XML does not have are replaced.
    private static string Escape(string text) => SecurityElement.Escape(string.Concat(text.Select(static character =>
        System.Xml.XmlConvert.IsXmlChar(character) ? character : '?')));
}
