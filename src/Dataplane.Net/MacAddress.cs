using System.Globalization;

namespace Dataplane.Net;

/// <summary>A 48-bit IEEE 802 MAC address.</summary>
/// <param name="Value">The six octets in the low 48 bits, first octet on the wire most significant; the upper 16 bits are zero.</param>
public readonly record struct MacAddress(ulong Value) : IComparable<MacAddress>
{
    /// <summary>Octets of an address on the wire.</summary>
    public const int Size = 6;

    private const ulong Mask = 0xFFFF_FFFF_FFFF;

    /// <summary><c>ff:ff:ff:ff:ff:ff</c>.</summary>
    public static MacAddress Broadcast => new(Mask);

    /// <summary>Whether the group bit is set (true of broadcast too).</summary>
    public bool IsMulticast => (Value & 0x0100_0000_0000) != 0;

    /// <summary>Whether this is the all-ones address.</summary>
    public bool IsBroadcast => Value == Mask;

    /// <summary>Whether every octet is zero.</summary>
    public bool IsZero => Value == 0;

    /// <summary>Reads six octets in wire order.</summary>
    /// <param name="source">At least <see cref="Size"/> octets.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter.</exception>
    public static MacAddress Read(ReadOnlySpan<byte> source)
    {
        source = source[..Size];
        return new((ulong)source[0] << 40 | (ulong)source[1] << 32 | (ulong)source[2] << 24
            | (ulong)source[3] << 16 | (ulong)source[4] << 8 | source[5]);
    }

    /// <summary>Writes six octets in wire order.</summary>
    /// <param name="destination">At least <see cref="Size"/> octets.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter.</exception>
    public void CopyTo(Span<byte> destination)
    {
        destination = destination[..Size];
        destination[0] = (byte)(Value >> 40);
        destination[1] = (byte)(Value >> 32);
        destination[2] = (byte)(Value >> 24);
        destination[3] = (byte)(Value >> 16);
        destination[4] = (byte)(Value >> 8);
        destination[5] = (byte)Value;
    }

    /// <summary>Parses six two-digit hexadecimal octets separated by colons or by hyphens.</summary>
    /// <exception cref="FormatException">The text is no MAC address.</exception>
    public static MacAddress Parse(string text) => TryParse(text, out var value)
        ? value
        : throw new FormatException($"'{text}' is not a MAC address.");

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out MacAddress)"/>
    public static bool TryParse(string? text, out MacAddress value) => TryParse(text.AsSpan(), out value);

    /// <summary>Parses six two-digit hexadecimal octets separated by colons or by hyphens (one kind throughout).</summary>
    /// <returns>False, and zero, when the text is anything else.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out MacAddress value)
    {
        value = default;
        if (text.Length != 17 || text[2] is not (':' or '-'))
        {
            return false;
        }

        ulong number = 0;
        for (var i = 0; i < Size; i++)
        {
            if (i > 0 && text[(i * 3) - 1] != text[2])
            {
                return false;
            }

            if (!byte.TryParse(text.Slice(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                return false;
            }

            number = number << 8 | octet;
        }

        value = new(number);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(MacAddress other) => Value.CompareTo(other.Value);

    /// <summary>Lower-case octets with colons: <c>02:00:00:00:00:11</c>.</summary>
    public override string ToString() => string.Create(17, Value, static (span, value) =>
    {
        const string Digits = "0123456789abcdef";
        for (var i = 0; i < Size; i++)
        {
            var octet = (int)(value >> (40 - (8 * i))) & 0xFF;
            span[i * 3] = Digits[octet >> 4];
            span[(i * 3) + 1] = Digits[octet & 0xF];
            if (i < Size - 1)
            {
                span[(i * 3) + 2] = ':';
            }
        }
    });
}
