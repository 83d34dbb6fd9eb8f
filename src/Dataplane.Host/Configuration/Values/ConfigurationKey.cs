using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>
/// One key of a mapping: its name, kind, default and documentation. The same object drives reading, the JSON schema
/// and the reference, so that the three cannot disagree.
/// </summary>
/// <param name="name">The key in kebab-case.</param>
/// <param name="isRequired">Whether it may not be left out.</param>
/// <param name="summary">What the key means, in whole sentences.</param>
internal abstract class ConfigurationKey(string name, bool isRequired, string summary)
{
    /// <summary>The key in kebab-case.</summary>
    public string Name { get; } = name;

    /// <summary>Whether it may not be left out.</summary>
    public bool IsRequired { get; } = isRequired;

    /// <summary>What the key means, in whole sentences.</summary>
    public string Summary { get; } = summary;

    /// <summary>Position among the keys of its mapping; set by the mapping.</summary>
    public int Index { get; set; } = -1;

    /// <summary>The kind of its value.</summary>
    public abstract ConfigurationValue Kind { get; }

    /// <summary>The default as JSON; null when there is none to show.</summary>
    public abstract JsonNode? DefaultJson { get; }

    /// <summary>The value when the key is left out.</summary>
    public abstract object? DefaultObject { get; }

    /// <summary>Reads the key's value.</summary>
    /// <returns>The value, or the default after an error, and whether there was none.</returns>
    public abstract (object? Value, bool IsSound) Read(YamlNode node, ReadContext context);

    /// <summary>A key that may not be left out.</summary>
    public static ConfigurationKey<T> Required<T>(string name, ConfigurationValue<T> kind, string summary) =>
        new(name, kind, true, kind.Placeholder, null, summary);

    /// <summary>A key with a default that the reference shows.</summary>
    public static ConfigurationKey<T> WithDefault<T>(string name, ConfigurationValue<T> kind, T value, string summary) =>
        new(name, kind, false, value, kind.ToJson(value), summary);

    /// <summary>A key that may be left out; its summary says what then happens.</summary>
    public static ConfigurationKey<T?> OptionalStruct<T>(string name, ConfigurationValue<T> kind, string summary)
        where T : struct => new(name, new NullableValue<T>(kind), false, null, null, summary);

    /// <summary>A key that may be left out; its summary says what then happens.</summary>
    public static ConfigurationKey<T?> Optional<T>(string name, ConfigurationValue<T> kind, string summary)
        where T : class => new(name, kind!, false, null, null, summary);

    /// <summary>A key that may be left out, so that something else may say it; the default shown is what counts when nothing does.</summary>
    public static ConfigurationKey<T?> Inherited<T>(string name, ConfigurationValue<T> kind, T value, string summary)
        where T : struct => new(name, new NullableValue<T>(kind), false, null, kind.ToJson(value), summary);

    /// <summary>A list that is empty when left out.</summary>
    public static ConfigurationKey<IReadOnlyList<T>> List<T>(string name, ListValue<T> kind, string summary) =>
        new(name, kind, false, [], null, summary);

    /// <summary>A nested mapping; when left out, each of its keys has its own default.</summary>
    public static ConfigurationKey<T> Section<T>(string name, MappingValue<T> kind, string summary)
        where T : class => new(name, kind, false, kind.Placeholder, null, summary);
}

/// <summary>A key whose value is read as <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The type in the model.</typeparam>
internal sealed class ConfigurationKey<T>(
    string name, ConfigurationValue<T> kind, bool isRequired, T defaultValue, JsonNode? defaultJson, string summary)
    : ConfigurationKey(name, isRequired, summary)
{
    private readonly string _subject = $"'{name}'";

    /// <inheritdoc/>
    public override ConfigurationValue Kind => kind;

    /// <inheritdoc/>
    public override JsonNode? DefaultJson => defaultJson?.DeepClone();

    /// <inheritdoc/>
    public override object? DefaultObject { get; } = defaultValue;

    /// <inheritdoc/>
    public override (object? Value, bool IsSound) Read(YamlNode node, ReadContext context)
    {
        var result = kind.Read(node, _subject, context, out var value);
        return (result == ReadResult.Unusable ? DefaultObject : value, result == ReadResult.Sound);
    }
}
