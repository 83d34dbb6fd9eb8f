using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A mapping that may be written as a word, whatever it is read as.</summary>
internal interface IShorthandValue
{
    /// <summary>The mapping.</summary>
    IMappingValue Mapping { get; }
}

/// <summary>A mapping of which often one key is enough: that key's value alone stands for the mapping with all else at its default.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <typeparam name="TWord">The type of the short form.</typeparam>
/// <param name="word">The short form.</param>
/// <param name="expand">The record that a short form stands for.</param>
/// <param name="mapping">The long form.</param>
internal sealed class ShorthandValue<T, TWord>(ConfigurationValue<TWord> word, Func<TWord, T> expand, MappingValue<T> mapping)
    : ConfigurationValue<T>, IShorthandValue
    where T : class
{
    /// <inheritdoc/>
    public IMappingValue Mapping => mapping;

    /// <inheritdoc/>
    public override string Noun => $"{word.Noun}; or a mapping of keys";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["oneOf"] = new JsonArray(word.ToSchema(), mapping.ToSchema()) };

    /// <inheritdoc/>
    public override JsonNode? ToJson(T value) => mapping.ToJson(value);

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out T value)
    {
        if (node is not YamlScalar)
        {
            return mapping.Read(node, subject, context, out value!);
        }

        var result = word.Read(node, subject, context, out var read);
        value = result == ReadResult.Unusable ? mapping.Placeholder : expand(read!);
        return result;
    }
}
