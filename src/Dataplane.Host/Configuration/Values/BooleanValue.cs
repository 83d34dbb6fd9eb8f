using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary><c>true</c> or <c>false</c>, without quotes and in lower case.</summary>
internal sealed class BooleanValue : ConfigurationValue<bool>
{
    /// <inheritdoc/>
    public override string Noun => "true or false";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "boolean" };

    /// <inheritdoc/>
    public override JsonNode? ToJson(bool value) => value;

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out bool value)
    {
        value = node is YamlScalar { Text: "true" };
        return node is YamlScalar { Type: ScalarType.Boolean, Text: "true" or "false" }
            ? ReadResult.Sound
            : WrongType(node, subject, context);
    }
}
