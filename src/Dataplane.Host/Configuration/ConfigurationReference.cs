using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;

namespace Dataplane.Host.Configuration;

/// <summary>The reference of configuration keys in Markdown, from the same key descriptions that the loader reads files with.</summary>
internal static class ConfigurationReference
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The whole reference, with newlines as line ends.</summary>
    public static string Create()
    {
        var text = new StringBuilder();
        Line(text, "# Configuration reference");
        Line(text);
        Line(text, "Generated from the descriptions the loader reads files with; a test fails when it is out of date. `dataplane check --config F`");
        Line(text, "tells all errors of a file with line and column. Complete files to start from are in `Examples/`.");
        WriteMapping(text, "", RootKeys.Mapping);
        return text.ToString();
    }

    private static void WriteMapping(StringBuilder text, string path, IMappingValue mapping)
    {
        Line(text);
        Line(text, path.Length == 0 ? "## The file" : $"## `{path}`");
        Line(text);
        Line(text, "| key | value | default | meaning |");
        Line(text, "|---|---|---|---|");
        foreach (var key in mapping.Keys)
        {
            var shown = key.IsRequired ? "**required**"
                : key.DefaultJson is { } value ? $"`{value.ToJsonString(Plain)}`"
                : "";
            Line(text, $"| `{key.Name}` | {Cell(key.Kind.Noun)} | {shown} | {Cell(key.Summary)}{Words(key.Kind)} |");
        }

        foreach (var key in mapping.Keys)
        {
            var inner = path.Length == 0 ? key.Name : $"{path}.{key.Name}";
            if (key.Kind is IMappingValue nested)
            {
                WriteMapping(text, inner, nested);
            }
            else if (key.Kind is IShorthandValue shorthand)
            {
                WriteMapping(text, inner, shorthand.Mapping);
            }
            else if (key.Kind is IListValue { Item: IMappingValue item })
            {
                WriteMapping(text, inner + "[]", item);
            }
            else if (key.Kind is IListValue { Item: IShorthandValue entry })
            {
                WriteMapping(text, inner + "[]", entry.Mapping);
            }
        }
    }

    private static string Words(ConfigurationValue kind)
    {
        if (kind is not IChoiceValue choice || choice.Words.All(static w => w.Summary.Length == 0))
        {
            return "";
        }

        return "<br>" + string.Join("<br>", choice.Words.Where(static w => w.Summary.Length > 0).Select(static w => $"`{w.Word}`: {Cell(w.Summary)}"));
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static void Line(StringBuilder text, string line = "") => text.Append(line).Append('\n');
}
