using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>As much of a JSON schema validator as the generated schema uses; an unknown keyword is an error.</summary>
internal static class JsonSchemaCheck
{
    /// <summary>Where and why a node does not match; null when it does.</summary>
    public static string? Mismatch(JsonObject schema, YamlNode node) => Mismatch(schema, ToJson(node), "$");

    public static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlSequence sequence => new JsonArray([.. sequence.Items.Select(ToJson)]),
        YamlMapping mapping => new JsonObject(mapping.Entries.Select(static e => KeyValuePair.Create(e.Key.Text, ToJson(e.Value)))),
        YamlScalar { Type: ScalarType.Null } => null,
        YamlScalar { Type: ScalarType.Boolean } scalar => bool.Parse(scalar.Text),
        YamlScalar { Type: ScalarType.Number } scalar => double.Parse(scalar.Text, System.Globalization.CultureInfo.InvariantCulture),
        YamlScalar scalar => scalar.Text,
        _ => throw new InvalidOperationException(node.Describe()),
    };

    private static double Number(JsonNode bound) => double.Parse(bound.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    private static string? Mismatch(JsonObject schema, JsonNode? value, string path)
    {
        foreach (var (keyword, expected) in schema)
        {
            if (!Holds(keyword, expected!, schema, value, path, out var inner))
            {
                return inner ?? $"{path}: {keyword}";
            }
        }

        return null;
    }

    private static bool Holds(string keyword, JsonNode expected, JsonObject schema, JsonNode? value, string path, out string? inner)
    {
        inner = null;
        switch (keyword)
        {
            case "$schema" or "title" or "description" or "default" or "enumDescriptions":
                return true;
            case "type":
                return expected.GetValue<string>() switch
                {
                    "object" => value is JsonObject,
                    "array" => value is JsonArray,
                    "string" => value is JsonValue v && v.TryGetValue<string>(out _),
                    "boolean" => value is JsonValue v && v.TryGetValue<bool>(out _),
                    "integer" => value is JsonValue v && v.TryGetValue<double>(out var number) && number == Math.Floor(number),
                    var type => throw new InvalidOperationException(type),
                };
            case "minimum":
                return value is JsonValue low && low.TryGetValue<double>(out var min) && min >= Number(expected);
            case "maximum":
                return value is JsonValue high && high.TryGetValue<double>(out var max) && max <= Number(expected);
            case "pattern":
                return value is JsonValue text && text.TryGetValue<string>(out var s) && Regex.IsMatch(s, expected.GetValue<string>());
            case "enum":
                return expected.AsArray().Any(word => word!.ToJsonString() == (value?.ToJsonString() ?? "null"));
            case "properties":
                foreach (var (name, property) in expected.AsObject())
                {
                    if (value is JsonObject o && o.ContainsKey(name) && Mismatch(property!.AsObject(), o[name], $"{path}.{name}") is { } why)
                    {
                        inner = why;
                        return false;
                    }
                }

                return true;
            case "additionalProperties":
                return !expected.GetValue<bool>() && value is JsonObject given
                    && given.All(p => schema["properties"]!.AsObject().ContainsKey(p.Key));
            case "required":
                return value is JsonObject complete && expected.AsArray().All(name => complete.ContainsKey(name!.GetValue<string>()));
            case "items":
                inner = (value as JsonArray)?.Select((item, i) => Mismatch(expected.AsObject(), item, $"{path}[{i}]")).FirstOrDefault(static w => w is not null);
                return inner is null;
            case "minItems":
                return value is JsonArray few && few.Count >= expected.GetValue<int>();
            case "maxItems":
                return value is JsonArray many && many.Count <= expected.GetValue<int>();
            case "uniqueItems":
                return value is JsonArray all && all.Select(static i => i?.ToJsonString()).Distinct().Count() == all.Count;
            case "oneOf":
                return expected.AsArray().Count(option => Mismatch(option!.AsObject(), value, path) is null) == 1;
            default:
                throw new InvalidOperationException($"the schema uses '{keyword}', which this check does not know");
        }
    }
}
