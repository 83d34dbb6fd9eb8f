using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>One word of a choice.</summary>
/// <typeparam name="T">The type in the model.</typeparam>
/// <param name="Word">The word as written in the file.</param>
/// <param name="Value">What it stands for.</param>
/// <param name="Summary">What choosing it means: a clause without a full stop.</param>
internal readonly record struct Choice<T>(string Word, T Value, string Summary);

/// <summary>One of a few words, whatever type they are read as.</summary>
internal interface IChoiceValue
{
    /// <summary>The words with what they mean.</summary>
    IEnumerable<(string Word, string Summary)> Words { get; }
}

/// <summary>One of a few words, or of a few numbers.</summary>
/// <typeparam name="T">The type in the model.</typeparam>
/// <param name="choices">The words in the order in which they are presented.</param>
/// <param name="isNumber">Whether the words are numbers, to be written without quotes.</param>
internal sealed class ChoiceValue<T>(IReadOnlyList<Choice<T>> choices, bool isNumber = false) : ConfigurationValue<T>, IChoiceValue
    where T : notnull
{
    /// <inheritdoc/>
    public IEnumerable<(string Word, string Summary)> Words => choices.Select(static c => (c.Word, c.Summary));

    /// <inheritdoc/>
    public override string Noun { get; } = choices.Count == 1
        ? choices[0].Word
        : $"{string.Join(", ", choices.SkipLast(1).Select(static c => c.Word))} or {choices[^1].Word}";

    /// <inheritdoc/>
    public override JsonObject ToSchema()
    {
        var words = new JsonArray([.. choices.Select(c => WordToJson(c.Word))]);
        var schema = new JsonObject { ["enum"] = words };
        if (choices.Any(static c => c.Summary.Length > 0))
        {
            // Not standard JSON schema, but read by the editors' YAML language server.
            schema["enumDescriptions"] = new JsonArray([.. choices.Select(static c => JsonValue.Create(c.Summary))]);
        }

        return schema;
    }

    /// <inheritdoc/>
    public override JsonNode? ToJson(T value) => WordToJson(Word(value));

    /// <summary>The word for a value of the model.</summary>
    public string Word(T value) => choices.First(c => EqualityComparer<T>.Default.Equals(c.Value, value)).Word;

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out T value)
    {
        value = default!;
        if (node is not YamlScalar scalar || (isNumber && scalar.IsQuoted))
        {
            return WrongType(node, subject, context);
        }

        foreach (var choice in choices)
        {
            if (choice.Word == scalar.Text)
            {
                value = choice.Value;
                return ReadResult.Sound;
            }
        }

        var near = isNumber ? null : Spelling.Nearest(scalar.Text, choices.Select(static c => c.Word));
        return WrongType(node, subject, context, near is null || choices.Count == 1 ? "" : $"; did you mean '{near}'?");
    }

    private JsonNode WordToJson(string word) =>
        isNumber ? int.Parse(word, System.Globalization.CultureInfo.InvariantCulture) : JsonValue.Create(word);
}
