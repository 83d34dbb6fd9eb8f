namespace Dataplane.Xmpp.Streams;

/// <summary>The start tag of a stream (RFC 6120 §4.7). Not checked: what is wrong with it is for the one who negotiates.</summary>
/// <param name="Namespace">The namespace of the element.</param>
/// <param name="LocalName">The name of the element.</param>
/// <param name="Prefix">The prefix of the element; empty: none.</param>
/// <param name="Declarations">Prefixes that are declared for the whole stream, the default namespace under the empty one.</param>
/// <param name="To">For whom the stream is; null: it does not say.</param>
/// <param name="From">Whose it is; null: it does not say.</param>
/// <param name="Id">The name that the receiver gave it; null: it is the initiator's.</param>
/// <param name="Version">The version of XMPP; null: it does not say, which means 0.9.</param>
public sealed record StreamHeader(
    string Namespace,
    string LocalName,
    string Prefix,
    IReadOnlyList<KeyValuePair<string, string>> Declarations,
    string? To,
    string? From,
    string? Id,
    string? Version)
{
    /// <summary>The name with its prefix, as the end tag repeats it.</summary>
    public string QualifiedName => Prefix.Length == 0 ? LocalName : $"{Prefix}:{LocalName}";

    /// <summary>The namespace of children without a prefix; empty: there is none.</summary>
    public string DefaultNamespace => Declarations.FirstOrDefault(static declaration => declaration.Key.Length == 0).Value ?? "";

    /// <summary>What RFC 6120 §4.7.5, §4.8 does not allow of a header from a peer of ours; null: nothing.</summary>
    public StreamFault? Check() =>
        Namespace != Namespaces.Streams.NamespaceName ? new(StreamErrorCondition.InvalidNamespace, "this is not a stream")
        : LocalName != "stream" ? new(StreamErrorCondition.BadFormat, "this is not a stream")
        : Prefix.Length == 0 ? new(StreamErrorCondition.BadNamespacePrefix, "the default namespace is that of stanzas")
        : DefaultNamespace != Namespaces.Client.NamespaceName ? new(StreamErrorCondition.InvalidNamespace, "only streams between client and server are served")
        : !IsSupported(Version) ? new(StreamErrorCondition.UnsupportedVersion, "this is version 1.0")
        : null;

    private static bool IsSupported(string? version) =>
        version?.Split('.') is [var major, var minor] && IsNumber(major, out int number) && IsNumber(minor, out _) && number >= 1;

    private static bool IsNumber(string text, out int number) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);
}
