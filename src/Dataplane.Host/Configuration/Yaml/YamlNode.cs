namespace Dataplane.Host.Configuration.Yaml;

/// <summary>A node of a YAML document that remembers where it was written.</summary>
/// <param name="location">The first character of the node.</param>
internal abstract class YamlNode(SourceLocation location)
{
    /// <summary>The first character of the node.</summary>
    public SourceLocation Location { get; } = location;

    /// <summary>What the node is, in a message: "a list", "the number 12", "nothing".</summary>
    public abstract string Describe();
}

/// <summary>A list.</summary>
/// <param name="location">The first character of the list: its first dash or its bracket.</param>
/// <param name="items">The items in file order.</param>
internal sealed class YamlSequence(SourceLocation location, IReadOnlyList<YamlNode> items) : YamlNode(location)
{
    /// <summary>The items in file order.</summary>
    public IReadOnlyList<YamlNode> Items { get; } = items;

    /// <inheritdoc/>
    public override string Describe() => "a list";
}

/// <summary>A key with its value.</summary>
/// <param name="Key">The key as written.</param>
/// <param name="Value">The value.</param>
internal readonly record struct YamlEntry(YamlScalar Key, YamlNode Value);

/// <summary>Keys with values; no key twice.</summary>
/// <param name="location">The first character: the first key or the brace.</param>
/// <param name="entries">The entries in file order.</param>
internal sealed class YamlMapping(SourceLocation location, IReadOnlyList<YamlEntry> entries) : YamlNode(location)
{
    /// <summary>The entries in file order.</summary>
    public IReadOnlyList<YamlEntry> Entries { get; } = entries;

    /// <inheritdoc/>
    public override string Describe() => "a mapping of keys";
}

/// <summary>A node that has been reported already and stands for no value (an alias, a tagged node).</summary>
/// <param name="location">The first character of the node.</param>
internal sealed class YamlUnusable(SourceLocation location) : YamlNode(location)
{
    /// <inheritdoc/>
    public override string Describe() => "something unusable";
}
