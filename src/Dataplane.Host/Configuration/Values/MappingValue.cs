using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A mapping with a fixed set of keys, whatever record it is read as.</summary>
internal interface IMappingValue
{
    /// <summary>What the mapping is in a message: "a port", "'limits'".</summary>
    string Subject { get; }

    /// <summary>The keys in the order in which they are presented.</summary>
    IReadOnlyList<ConfigurationKey> Keys { get; }
}

/// <summary>A mapping with a fixed set of keys that is read as one record of the model.</summary>
/// <typeparam name="T">The record.</typeparam>
internal sealed class MappingValue<T> : ConfigurationValue<T>, IMappingValue
    where T : class
{
    private readonly Func<ParsedMapping, T> _build;

    /// <summary>Makes a kind of mapping.</summary>
    /// <param name="noun">What the mapping is in a message: "a port", "'limits'".</param>
    /// <param name="build">Makes the record; every key has a value, if only a placeholder.</param>
    /// <param name="keys">The keys in the order in which they are presented; at most 64, each in one mapping only.</param>
    public MappingValue(string noun, Func<ParsedMapping, T> build, params IReadOnlyList<ConfigurationKey> keys)
    {
        _build = build;
        Subject = noun;
        Keys = keys;
        for (var i = 0; i < keys.Count; i++)
        {
            keys[i].Index = i;
        }

        Placeholder = build(new(SourceLocation.Start, keys));
    }

    /// <inheritdoc/>
    public string Subject { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ConfigurationKey> Keys { get; }

    /// <summary>Sets of keys of which exactly one must be there in full; the rules say so in words, the schema to editors.</summary>
    public IReadOnlyList<IReadOnlyList<ConfigurationKey>> Alternatives { get; init; } = [];

    /// <inheritdoc/>
    public override string Noun => "a mapping of keys";

    /// <summary>The record in which every key has its default.</summary>
    public override T Placeholder { get; }

    /// <inheritdoc/>
    public override JsonObject ToSchema()
    {
        var properties = new JsonObject();
        foreach (var key in Keys)
        {
            var schema = key.Kind.ToSchema();
            schema["description"] = key.Summary;
            if (key.DefaultJson is { } value)
            {
                schema["default"] = value;
            }

            properties[key.Name] = schema;
        }

        var mapping = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        if (Keys.Any(static k => k.IsRequired))
        {
            mapping["required"] = new JsonArray([.. Keys.Where(static k => k.IsRequired).Select(static k => JsonValue.Create(k.Name))]);
        }

        if (Alternatives.Count > 0)
        {
            mapping["oneOf"] = new JsonArray([.. Alternatives.Select(static set => new JsonObject
            {
                ["required"] = new JsonArray([.. set.Select(static k => JsonValue.Create(k.Name))]),
            })]);
        }

        return mapping;
    }

    /// <inheritdoc/>
    public override JsonNode? ToJson(T value) => null;

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out T value)
    {
        value = Placeholder;
        if (node is not YamlMapping mapping)
        {
            return WrongType(node, subject, context, node is YamlScalar { Type: ScalarType.Null } ? "; give it keys or remove it" : "");
        }

        var parsed = new ParsedMapping(mapping.Location, Keys);
        foreach (var entry in mapping.Entries)
        {
            if (Find(entry.Key.Text) is { } key)
            {
                var (read, isSound) = key.Read(entry.Value, context);
                parsed.Set(key, entry.Value, read, isSound);
            }
            else
            {
                context.Diagnostics.Error(entry.Key.Location, Unknown(entry.Key.Text));
            }
        }

        foreach (var key in Keys)
        {
            if (key.IsRequired && !parsed.IsGiven(key))
            {
                context.Diagnostics.Error(mapping.Location, $"{Subject} needs the key '{key.Name}', {key.Kind.Noun}");
                parsed.SetMissing(key);
            }
        }

        value = _build(parsed);
        context.Source.Add(value, parsed);
        return ReadResult.Sound;
    }

    private ConfigurationKey? Find(string name)
    {
        foreach (var key in Keys)
        {
            if (key.Name == name)
            {
                return key;
            }
        }

        return null;
    }

    private string Unknown(string name)
    {
        var advice = Spelling.Nearest(name, Keys.Select(static k => k.Name)) is { } near
            ? $"did you mean '{near}'?"
            : $"known keys: {string.Join(", ", Keys.Select(static k => k.Name))}";
        return $"{Subject} has no key {YamlScalar.Quote(name)}; {advice}";
    }
}
