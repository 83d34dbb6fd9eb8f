using System.Globalization;

namespace Dataplane.Net;

/// <summary>An autonomous system number of four octets (RFC 6793).</summary>
/// <param name="Value">The number; 0 is reserved (RFC 7607).</param>
public readonly record struct AsNumber(uint Value) : IComparable<AsNumber>
{
    /// <summary>Stands in a two-octet field for a number that does not fit (RFC 6793 §9).</summary>
    public const ushort Trans = 23456;

    /// <summary>Whether the number fits in two octets.</summary>
    public bool IsTwoOctet => Value <= ushort.MaxValue;

    /// <summary>Whether the number is for private use (RFC 6996): 64512–65534 and 4200000000–4294967294.</summary>
    public bool IsPrivate => Value is (>= 64512 and <= 65534) or (>= 4200000000 and <= 4294967294);

    /// <summary>Parses <c>asplain</c> or <c>asdot</c> text (RFC 5396).</summary>
    /// <returns>False, and zero, when the text is neither.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out AsNumber value)
    {
        value = default;
        var dot = text.IndexOf('.');
        if (dot < 0)
        {
            if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var plain))
            {
                return false;
            }

            value = new(plain);
            return true;
        }

        if (!ushort.TryParse(text[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var high)
            || !ushort.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var low))
        {
            return false;
        }

        value = new((uint)high << 16 | low);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(AsNumber other) => Value.CompareTo(other.Value);

    /// <summary>The number in decimal (<c>asplain</c>, RFC 5396).</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
