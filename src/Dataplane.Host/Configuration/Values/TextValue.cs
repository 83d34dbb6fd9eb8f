using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>Reads a text.</summary>
/// <typeparam name="T">The type in the model.</typeparam>
/// <param name="text">The text without quotes.</param>
/// <param name="value">What it stands for.</param>
/// <returns>Null when the text is good; otherwise what is wrong with it and what to write, ready to follow "'mtu': ".</returns>
internal delegate string? TextParser<T>(string text, out T value);

/// <summary>A text with a meaning: an address, a prefix, a name.</summary>
/// <typeparam name="T">The type in the model.</typeparam>
/// <param name="noun">The kind in words, with an article and an example.</param>
/// <param name="parse">Reads the text.</param>
/// <param name="pattern">A regular expression for editors: may let wrong texts through, never keeps a right one out.</param>
internal sealed class TextValue<T>(string noun, TextParser<T> parse, string? pattern = null) : ConfigurationValue<T>
{
    /// <inheritdoc/>
    public override string Noun => noun;

    /// <inheritdoc/>
    public override T Placeholder { get; } = typeof(T) == typeof(string) ? (T)(object)"" : default!;

    /// <inheritdoc/>
    public override JsonObject ToSchema()
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (pattern is not null)
        {
            schema["pattern"] = pattern;
        }

        return schema;
    }

    /// <inheritdoc/>
    public override JsonNode? ToJson(T value) => value?.ToString();

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out T value)
    {
        value = default!;
        if (node is not YamlScalar scalar)
        {
            return WrongType(node, subject, context);
        }

        if (scalar.Type != ScalarType.Text)
        {
            var quotes = scalar.Type == ScalarType.Null ? "" : $"; if that is meant as text, put it in quotes: \"{scalar.Text}\"";
            return WrongType(node, subject, context, quotes);
        }

        if (parse(scalar.Text, out value) is not { } reason)
        {
            return ReadResult.Sound;
        }

        context.Diagnostics.Error(scalar.Location, $"{subject}: {reason}");
        return ReadResult.Unusable;
    }
}
