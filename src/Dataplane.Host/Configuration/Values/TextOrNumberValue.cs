using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A scalar that is a number in its plainest form and a text otherwise: an AS number, a range of numbers. Quotes are optional.</summary>
/// <typeparam name="T">The type in the model.</typeparam>
/// <param name="noun">The kind in words, with an article and an example.</param>
/// <param name="parse">Reads the text.</param>
/// <param name="pattern">A regular expression for editors, for the text form: may let wrong texts through, never keeps a right one out; empty for none.</param>
/// <param name="toJson">A value as JSON; null for its text.</param>
internal sealed class TextOrNumberValue<T>(string noun, TextParser<T> parse, string pattern, Func<T, JsonNode?>? toJson = null)
    : ConfigurationValue<T>
{
    /// <inheritdoc/>
    public override string Noun => noun;

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new()
    {
        ["oneOf"] = new JsonArray(
            new JsonObject { ["type"] = "integer" },
            pattern.Length == 0 ? new JsonObject { ["type"] = "string" } : new JsonObject { ["type"] = "string", ["pattern"] = pattern }),
    };

    /// <inheritdoc/>
    public override JsonNode? ToJson(T value) => toJson is null ? value?.ToString() : toJson(value);

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out T value)
    {
        value = default!;
        if (node is not YamlScalar { Type: ScalarType.Text or ScalarType.Number } scalar)
        {
            return WrongType(node, subject, context);
        }

        if (parse(scalar.Text, out value) is not { } reason)
        {
            return ReadResult.Sound;
        }

        context.Diagnostics.Error(scalar.Location, $"{subject}: {reason}");
        return ReadResult.Unusable;
    }
}
