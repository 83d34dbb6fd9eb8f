using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Keys;

namespace Dataplane.Host.Configuration;

/// <summary>
/// The JSON schema (draft 7, which editors' YAML language server reads) of configuration files, from the same key
/// descriptions that the loader reads files with. It covers single keys; rules that span keys are the loader's.
/// </summary>
internal static class ConfigurationSchema
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The schema.</summary>
    public static JsonObject Create()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "Dataplane configuration",
        };
        foreach (var (name, value) in RootKeys.Mapping.ToSchema())
        {
            schema[name] = value?.DeepClone();
        }

        return schema;
    }

    /// <summary>Writes the schema as indented UTF-8 with a final newline; the same octets every time.</summary>
    public static void Write(Stream stream)
    {
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            Create().WriteTo(writer);
        }

        stream.WriteByte((byte)'\n');
    }
}
