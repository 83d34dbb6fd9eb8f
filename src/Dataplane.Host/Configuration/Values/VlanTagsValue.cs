using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A VLAN number, or the outer and the inner number of a QinQ pair.</summary>
internal sealed class VlanTagsValue : ConfigurationValue<VlanTags>
{
    private static readonly IntegerValue Number = new(1, 4094, "0 and 4095 are reserved (IEEE 802.1Q)");

    /// <inheritdoc/>
    public override string Noun => "a VLAN number from 1 to 4094, or a pair [outer, inner]";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new()
    {
        ["oneOf"] = new JsonArray(
            Number.ToSchema(),
            new JsonObject { ["type"] = "array", ["items"] = Number.ToSchema(), ["minItems"] = 2, ["maxItems"] = 2 }),
    };

    /// <inheritdoc/>
    public override JsonNode? ToJson(VlanTags value) => null;

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out VlanTags value)
    {
        value = default;
        if (node is not YamlSequence pair)
        {
            if (node is not YamlScalar)
            {
                return WrongType(node, subject, context);
            }

            var result = Number.Read(node, subject, context, out var number);
            value = VlanTags.Single((ushort)number);
            return result;
        }

        if (pair.Items.Count != 2)
        {
            context.Diagnostics.Error(pair.Location, $"{subject} must be one VLAN number or a pair [outer, inner]; found a list of {pair.Items.Count}");
            return ReadResult.Unusable;
        }

        var outerResult = Number.Read(pair.Items[0], $"the outer number of {subject}", context, out var outer);
        var innerResult = Number.Read(pair.Items[1], $"the inner number of {subject}", context, out var inner);
        value = VlanTags.Pair((ushort)outer, (ushort)inner);
        return outerResult == ReadResult.Sound && innerResult == ReadResult.Sound ? ReadResult.Sound : ReadResult.Unusable;
    }
}
