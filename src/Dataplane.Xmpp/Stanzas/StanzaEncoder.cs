using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Dataplane.Xmpp.Stanzas;

/// <summary>Elements as the octets of a stream whose default namespace is <c>jabber:client</c>, which is therefore not repeated. Any thread.</summary>
public static class StanzaEncoder
{
    private static readonly XmlWriterSettings Settings = new()
    {
        ConformanceLevel = ConformanceLevel.Fragment,
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
        OmitXmlDeclaration = true,
    };

    /// <summary>Encodes a stanza, or another child of the stream.</summary>
    /// <exception cref="ArgumentException">There are characters that XML does not have.</exception>
    public static ReadOnlyMemory<byte> Encode(XElement element)
    {
        using var octets = new MemoryStream(512);
        using var writer = XmlWriter.Create(octets, Settings);

        // The writer is told what the stream has declared; what it wrote for that is cut off.
        writer.WriteStartElement("stream", Namespaces.Client.NamespaceName);
        writer.WriteString("");
        writer.Flush();
        int start = (int)octets.Position;
        element.WriteTo(writer);
        writer.Flush();
        return octets.GetBuffer().AsMemory(start, (int)octets.Position - start);
    }
}
