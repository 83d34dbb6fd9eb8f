using System.Globalization;
using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A whole number of 32 bits without a sign, within bounds.</summary>
/// <param name="min">Smallest value allowed.</param>
/// <param name="max">Largest value allowed.</param>
internal sealed class UnsignedValue(uint min, uint max) : ConfigurationValue<uint>
{
    /// <inheritdoc/>
    public override string Noun => string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}");

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };

    /// <inheritdoc/>
    public override JsonNode? ToJson(uint value) => value;

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out uint value)
    {
        value = 0;
        return node is YamlScalar { IsQuoted: false } scalar
            && uint.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value >= min && value <= max
            ? ReadResult.Sound
            : WrongType(node, subject, context);
    }
}

/// <summary>A time in whole seconds, within bounds; maybe 0 besides.</summary>
/// <param name="min">Shortest time allowed, in seconds.</param>
/// <param name="max">Longest time allowed, in seconds.</param>
/// <param name="orZero">Whether 0 is allowed although it is below <paramref name="min"/>.</param>
internal sealed class SecondsValue(int min, int max, bool orZero = false) : ConfigurationValue<TimeSpan>
{
    private readonly IntegerValue _number = new(orZero ? 0 : min, max);

    /// <inheritdoc/>
    public override string Noun => $"a number of seconds, {(orZero ? "0 or " : "")}{min} to {max}";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => _number.ToSchema();

    /// <inheritdoc/>
    public override JsonNode? ToJson(TimeSpan value) => (int)value.TotalSeconds;

    /// <inheritdoc/>
    protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out TimeSpan value)
    {
        value = default;
        if (node is not YamlScalar { IsQuoted: false } scalar
            || !int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > max
            || (seconds < min && !(orZero && seconds == 0)))
        {
            return WrongType(node, subject, context);
        }

        value = TimeSpan.FromSeconds(seconds);
        return ReadResult.Sound;
    }
}

/// <summary>Kinds of numbers that routing has.</summary>
internal static class NumberValues
{
    /// <summary>An AS number that somebody may have.</summary>
    public static ConfigurationValue<AsNumber> As { get; } = new TextOrNumberValue<AsNumber>(
        "an AS number from 1 to 4294967294", ParseAs, @"^[0-9]+(\.[0-9]+)?$", static number => number.Value);

    /// <summary>AS numbers from one to another.</summary>
    public static ConfigurationValue<AsRange> AsRange { get; } = new TextOrNumberValue<AsRange>(
        "an AS number such as 65000, or a range such as 64512-64520",
        ParseAsRange,
        "^[0-9.]+(-[0-9.]+)?$");

    /// <summary>A number or a range of numbers of 32 bits.</summary>
    public static ConfigurationValue<NumberRange> Range { get; } = new TextOrNumberValue<NumberRange>(
        "a whole number, or a range such as 100-200", ParseRange, "^[0-9]*-?[0-9]*$");

    /// <summary>Reads AS numbers from one to another.</summary>
    public static string? ParseAsRange(string text, out AsRange value) => Routing.Policy.AsRange.TryParse(text, out value)
        ? null
        : $"{YamlScalar.Quote(text)} is not an AS number or a range; write for instance 65000 or 64512-64520";

    private static string? ParseAs(string text, out AsNumber value) =>
        !AsNumber.TryParse(text, out value) ? $"{YamlScalar.Quote(text)} is not an AS number; write for instance 65000"
        : value.Value switch
        {
            0 => "AS 0 belongs to nobody (RFC 7607); write the number that was assigned",
            AsNumber.Trans => "AS 23456 stands for numbers of four octets (RFC 6793); write the number itself",
            ushort.MaxValue or uint.MaxValue => $"AS {value} is reserved (RFC 7300); write the number that was assigned",
            _ => null,
        };

    private static string? ParseRange(string text, out NumberRange value)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        ReadOnlySpan<char> low = dash < 0 ? text : text.AsSpan(0, dash), high = dash < 0 ? text : text.AsSpan(dash + 1);
        uint min = 0, max = uint.MaxValue;
        var isRange = text.Length > 1 || dash < 0;
        isRange &= (low.IsEmpty && dash == 0) || uint.TryParse(low, NumberStyles.None, CultureInfo.InvariantCulture, out min);
        isRange &= (high.IsEmpty && dash > 0) || uint.TryParse(high, NumberStyles.None, CultureInfo.InvariantCulture, out max);
        value = new(min, max);
        return !isRange ? $"{YamlScalar.Quote(text)} is not a range; write for instance 100, 100-200 or 100-"
            : min > max ? $"no number is from {min} to {max}"
            : null;
    }
}
