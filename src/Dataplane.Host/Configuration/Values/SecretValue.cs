using System.Text;
using System.Text.Json.Nodes;
using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A shared secret of TCP-MD5. Messages never repeat it.</summary>
internal sealed class SecretValue : ConfigurationValue<string>
{
    /// <inheritdoc/>
    public override string Noun => $"a text of 1 to {PeerTransportSettings.MaximumPasswordBytes} octets";

    /// <inheritdoc/>
    public override string Placeholder => "";

    /// <summary>Why a text cannot be a secret; null when it can.</summary>
    public static string? WhyNot(string secret) => Encoding.UTF8.GetByteCount(secret) switch
    {
        0 => "is empty",
        > PeerTransportSettings.MaximumPasswordBytes and var size =>
            $"has {size} octets; Linux takes at most {PeerTransportSettings.MaximumPasswordBytes}",
        _ => null,
    };

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "string" };

    /// <inheritdoc/>
    public override JsonNode? ToJson(string value) => null;

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out string value)
    {
        value = (node as YamlScalar)?.Text ?? "";
        var reason = node is not YamlScalar scalar ? $"must be {Noun}; found {node.Describe()}"
            : scalar.Type is ScalarType.Number or ScalarType.Boolean ? "is not read as text; put it in quotes"
            : WhyNot(scalar.Text);
        if (reason is null)
        {
            return ReadResult.Sound;
        }

        context.Diagnostics.Error(node.Location, $"{subject} {reason}");
        return ReadResult.Unusable;
    }
}
