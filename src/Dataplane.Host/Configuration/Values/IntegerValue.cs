using System.Globalization;
using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A whole number within bounds, written in decimal without quotes.</summary>
/// <param name="min">Smallest value allowed.</param>
/// <param name="max">Largest value allowed.</param>
/// <param name="reason">Why the bounds are what they are; goes into the message behind a colon. May be empty.</param>
internal sealed class IntegerValue(int min, int max, string reason = "") : ConfigurationValue<int>
{
    /// <inheritdoc/>
    public override string Noun => $"a whole number from {min} to {max}";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };

    /// <inheritdoc/>
    public override JsonNode? ToJson(int value) => value;

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out int value)
    {
        value = 0;
        if (node is not YamlScalar scalar)
        {
            return WrongType(node, subject, context);
        }

        if (scalar.IsQuoted)
        {
            return WrongType(node, subject, context, IsDecimal(scalar.Text) ? "; remove the quotes" : "");
        }

        if (!IsDecimal(scalar.Text))
        {
            return WrongType(node, subject, context);
        }

        var digits = scalar.Text.AsSpan().TrimStart('-');
        if (digits.Length > 1 && digits[0] == '0')
        {
            return WrongType(node, subject, context, "; remove the leading zero, some readers take such a number for octal");
        }

        // A number that is too long for the parser is out of bounds as well.
        if (!int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            || value < min || value > max)
        {
            return WrongType(node, subject, context, reason.Length == 0 ? "" : $": {reason}");
        }

        return ReadResult.Sound;
    }

    private static bool IsDecimal(string text)
    {
        var digits = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
    }
}
