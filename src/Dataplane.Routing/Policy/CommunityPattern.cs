using System.Globalization;
using Dataplane.Net;

namespace Dataplane.Routing.Policy;

/// <summary>
/// A community, or all that agree with it where it has no asterisk: <c>65000:*</c>, <c>*:100</c>, <c>rt:65000:*</c>, <c>rt:*</c>, <c>65000:1:*</c>.
/// Immutable.
/// </summary>
public sealed class CommunityPattern
{
    // Opaque, sub-type 12 (RFC 9012 §4.1); the type of tunnel is in the last two octets.
    private const ulong Encapsulation = 0x030C_0000_0000_0000;

    private readonly string _text;
    private readonly Masked[] _alternatives;

    private CommunityPattern(string text, CommunityKind kind, params Masked[] alternatives)
    {
        _text = text;
        Kind = kind;
        _alternatives = alternatives;
        if (alternatives is [{ HighMask: uint.MaxValue, LowMask: ulong.MaxValue } only])
        {
            Exact = new CommunityValue(kind, only.High, only.Low);
        }
    }

    /// <summary>The kind that is matched.</summary>
    public CommunityKind Kind { get; }

    /// <summary>The one community that is matched; null when there are several.</summary>
    public CommunityValue? Exact { get; }

    /// <summary>Every route target.</summary>
    public static CommunityPattern AnyRouteTarget { get; } = ParseAdministrator("rt:*", 2) ?? throw new InvalidOperationException();

    /// <summary>Parses a pattern.</summary>
    /// <param name="text">As in the summary; without an asterisk as <see cref="CommunityValue.TryParse"/> has it.</param>
    /// <param name="pattern">The pattern; null when the text is none.</param>
    /// <returns>Null when the text is a pattern; otherwise what is wrong with it.</returns>
    public static string? Parse(string text, out CommunityPattern? pattern)
    {
        ArgumentNullException.ThrowIfNull(text);
        pattern = ParseKind(text);
        return pattern is not null ? null
            : $"'{text}' is not a community; write for instance 65000:1, no-export, rt:65000:1, soo:192.0.2.1:1 or 65000:1:2, with * for any number";
    }

    /// <summary>Whether a community is one that is meant. It is of the pattern's kind.</summary>
    public bool Matches(in CommunityValue value)
    {
        foreach (Masked masked in _alternatives)
        {
            if ((value.Low & masked.LowMask) == masked.Low && (value.High & masked.HighMask) == masked.High)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The text it was parsed from.</summary>
    public override string ToString() => _text;

    private static CommunityPattern? ParseKind(string text)
    {
        if (CommunityValue.TryParseWord(text, out var known))
        {
            return new(text, CommunityKind.Standard, Masked.Exactly(0, known));
        }

        if (text.StartsWith("rt:", StringComparison.Ordinal))
        {
            return ParseAdministrator(text, 2);
        }

        if (text.StartsWith("soo:", StringComparison.Ordinal))
        {
            return ParseAdministrator(text, 3);
        }

        if (text.StartsWith("mobility:", StringComparison.Ordinal))
        {
            return uint.TryParse(text.AsSpan(9), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                ? new(text, CommunityKind.Extended, Masked.Exactly(0, ExtendedCommunity.Mobility(sequence).Value))
                : null;
        }

        if (text.StartsWith("encap:", StringComparison.Ordinal))
        {
            return ushort.TryParse(text.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var type)
                ? new(text, CommunityKind.Extended, Masked.Exactly(0, Encapsulation | type))
                : null;
        }

        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return text.Length == 18 && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var raw)
                ? new(text, CommunityKind.Extended, Masked.Exactly(0, raw))
                : null;
        }

        var parts = text.Split(':');
        Span<uint> values = stackalloc uint[3];
        Span<uint> masks = stackalloc uint[3];
        if (parts.Length is not (2 or 3))
        {
            return null;
        }

        for (var i = 0; i < parts.Length; i++)
        {
            masks[i] = parts[i] == "*" ? 0 : uint.MaxValue;
            if (masks[i] != 0 && !uint.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out values[i]))
            {
                return null;
            }
        }

        if (parts.Length == 3)
        {
            return new(text, CommunityKind.Large, new Masked(
                values[0], masks[0], (ulong)values[1] << 32 | values[2], (ulong)masks[1] << 32 | masks[2]));
        }

        return values[0] > ushort.MaxValue || values[1] > ushort.MaxValue ? null
            : new(text, CommunityKind.Standard, new Masked(
                0, uint.MaxValue, values[0] << 16 | values[1], 0xFFFF_FFFF_0000_0000 | (masks[0] & 0xFFFF_0000) | (masks[1] & 0xFFFF)));
    }

    /// <summary>Types 0 to 2 with an administrator: AS of two octets and 32 bits, address and 16 bits, AS of four octets and 16 bits.</summary>
    private static CommunityPattern? ParseAdministrator(string text, byte subType)
    {
        ReadOnlySpan<char> body = text.AsSpan(text.IndexOf(':', StringComparison.Ordinal) + 1);
        var sub = (ulong)subType << 48;
        if (body.SequenceEqual("*"))
        {
            return new(text, CommunityKind.Extended, [.. new ulong[] { 0, 1, 2 }.Select(type => new Masked(
                0, uint.MaxValue, type << 56 | sub, 0xFFFF_0000_0000_0000))]);
        }

        if (body.StartsWith("*:") && uint.TryParse(body[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var assigned))
        {
            Masked wide = new(0, uint.MaxValue, sub | assigned, 0xFFFF_0000_FFFF_FFFF);
            return assigned > ushort.MaxValue
                ? new(text, CommunityKind.Extended, wide)
                : new(text, CommunityKind.Extended, wide,
                    new(0, uint.MaxValue, 1UL << 56 | sub | assigned, 0xFFFF_0000_0000_FFFF),
                    new(0, uint.MaxValue, 2UL << 56 | sub | assigned, 0xFFFF_0000_0000_FFFF));
        }

        // The rest is as distinguishers have it; an asterisk stands for all of the assigned number.
        var any = body.EndsWith(":*");
        if (!RouteDistinguisher.TryParse(any ? $"{body[..^1]}0" : body, out RouteDistinguisher pair) || pair.Type > 2)
        {
            return null;
        }

        var six = pair.Value & 0xFFFF_FFFF_FFFF;
        if (!any)
        {
            return new(text, CommunityKind.Extended, Masked.Exactly(0, (ulong)pair.Type << 56 | sub | six));
        }

        Masked own = new(0, uint.MaxValue, (ulong)pair.Type << 56 | sub | six, pair.Type == 0 ? 0xFFFF_FFFF_0000_0000 : 0xFFFF_FFFF_FFFF_0000);
        return pair.Type != 0
            ? new(text, CommunityKind.Extended, own)
            : new(text, CommunityKind.Extended, own, new(0, uint.MaxValue, 2UL << 56 | sub | (six >> 32) << 16, 0xFFFF_FFFF_FFFF_0000));
    }

    private readonly record struct Masked(uint High, uint HighMask, ulong Low, ulong LowMask)
    {
        public static Masked Exactly(uint high, ulong low) => new(high, uint.MaxValue, low, ulong.MaxValue);
    }
}
