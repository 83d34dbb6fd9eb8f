using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A value type that the model holds as nullable because its key may be left out. Null cannot be written.</summary>
/// <typeparam name="T">The value type.</typeparam>
/// <param name="inner">The kind of value.</param>
internal sealed class NullableValue<T>(ConfigurationValue<T> inner) : ConfigurationValue<T?>
    where T : struct
{
    /// <inheritdoc/>
    public override string Noun => inner.Noun;

    /// <inheritdoc/>
    public override JsonObject ToSchema() => inner.ToSchema();

    /// <inheritdoc/>
    public override JsonNode? ToJson(T? value) => value is { } given ? inner.ToJson(given) : null;

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out T? value)
    {
        var result = inner.Read(node, subject, context, out var read);
        value = result == ReadResult.Unusable ? null : read;
        return result;
    }
}
