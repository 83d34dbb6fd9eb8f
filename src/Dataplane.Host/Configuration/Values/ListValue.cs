using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A list of values of one kind, whatever type they are read as.</summary>
internal interface IListValue
{
    /// <summary>The kind of the items.</summary>
    ConfigurationValue Item { get; }
}

/// <summary>A list of values of one kind.</summary>
/// <typeparam name="T">The type of an item in the model.</typeparam>
/// <param name="item">The kind of the items.</param>
/// <param name="plural">What the items are, in words and without an article: "addresses".</param>
/// <param name="minimum">Fewest items allowed.</param>
/// <param name="maximum">Most items allowed.</param>
/// <param name="unique">Whether no item may be written twice.</param>
internal sealed class ListValue<T>(ConfigurationValue<T> item, string plural, int minimum = 0, int maximum = int.MaxValue, bool unique = false)
    : ConfigurationValue<IReadOnlyList<T>>, IListValue
{
    /// <summary>The kind of the items.</summary>
    public ConfigurationValue Item => item;

    /// <inheritdoc/>
    public override string Noun => minimum > 0 ? $"a list of {plural}, at least {minimum}" : $"a list of {plural}";

    /// <inheritdoc/>
    public override IReadOnlyList<T> Placeholder => [];

    /// <inheritdoc/>
    public override JsonObject ToSchema()
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = item.ToSchema() };
        if (minimum > 0)
        {
            schema["minItems"] = minimum;
        }

        if (maximum < int.MaxValue)
        {
            schema["maxItems"] = maximum;
        }

        if (unique)
        {
            schema["uniqueItems"] = true;
        }

        return schema;
    }

    /// <inheritdoc/>
    public override JsonNode ToJson(IReadOnlyList<T> value) => new JsonArray([.. value.Select(item.ToJson)]);

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out IReadOnlyList<T> value)
    {
        value = [];
        if (node is not YamlSequence sequence)
        {
            return WrongType(node, subject, context, node is YamlScalar { Type: ScalarType.Null } ? "; write [] or remove the key" : "");
        }

        var items = new List<T>(sequence.Items.Count);
        var locations = new List<SourceLocation>(sequence.Items.Count);
        var seen = unique ? new Dictionary<string, SourceLocation>() : null;
        var sound = true;
        var itemSubject = $"an entry of {subject}";
        foreach (var itemNode in sequence.Items)
        {
            var result = item.Read(itemNode, itemSubject, context, out var read);
            sound &= result == ReadResult.Sound;
            if (result == ReadResult.Unusable)
            {
                continue;
            }

            var text = read?.ToString() ?? "";
            if (seen is not null && !seen.TryAdd(text, itemNode.Location))
            {
                context.Diagnostics.Error(itemNode.Location, $"{subject} lists {YamlScalar.Quote(text)} twice; remove one of them");
                sound = false;
                continue;
            }

            items.Add(read!);
            locations.Add(itemNode.Location);
        }

        if (sequence.Items.Count < minimum || sequence.Items.Count > maximum)
        {
            var bound = sequence.Items.Count < minimum ? $"at least {minimum}" : $"at most {maximum}";
            context.Diagnostics.Error(sequence.Location, $"{subject} must be a list of {plural}, {bound}; found {sequence.Items.Count}");
            sound = false;
        }

        if (items.Count > 0)
        {
            value = items.AsReadOnly();
            context.Source.AddList(value, [.. locations]);
        }

        return sound ? ReadResult.Sound : ReadResult.Partial;
    }
}
