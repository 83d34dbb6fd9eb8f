using System.Buffers.Binary;

namespace Dataplane.Net;

/// <summary>An IPv4 address.</summary>
/// <param name="Value">The address as a number, first octet on the wire most significant.</param>
public readonly record struct Ipv4Address(uint Value) : IComparable<Ipv4Address>
{
    /// <summary>Octets of an address on the wire.</summary>
    public const int Size = 4;

    /// <summary>Bits of an address.</summary>
    public const int Bits = 32;

    /// <summary>Whether this is in 224.0.0.0/4 (RFC 5771).</summary>
    public bool IsMulticast => Value >> 28 == 0xE;

    /// <summary>Whether this is in 169.254.0.0/16 (RFC 3927).</summary>
    public bool IsLinkLocal => Value >> 16 == 0xA9FE;

    /// <summary>Whether this is in 127.0.0.0/8.</summary>
    public bool IsLoopback => Value >> 24 == 127;

    /// <summary>Whether this is 0.0.0.0.</summary>
    public bool IsUnspecified => Value == 0;

    /// <summary>Whether this is 255.255.255.255.</summary>
    public bool IsLimitedBroadcast => Value == uint.MaxValue;

    /// <summary>Reads four octets in network order.</summary>
    /// <param name="source">At least <see cref="Size"/> octets.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter.</exception>
    public static Ipv4Address Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt32BigEndian(source));

    /// <summary>Writes four octets in network order.</summary>
    /// <param name="destination">At least <see cref="Size"/> octets.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter.</exception>
    public void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt32BigEndian(destination, Value);

    /// <summary>Parses a dotted quad.</summary>
    /// <exception cref="FormatException">The text is no dotted quad.</exception>
    public static Ipv4Address Parse(string text) => TryParse(text, out var value)
        ? value
        : throw new FormatException($"'{text}' is not an IPv4 address.");

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Ipv4Address)"/>
    public static bool TryParse(string? text, out Ipv4Address value) => TryParse(text.AsSpan(), out value);

    /// <summary>
    /// Parses a dotted quad: four decimal octets, no sign, space or leading zero (a leading zero means octal to some
    /// readers and decimal to others, so it is refused).
    /// </summary>
    /// <returns>False, and zero, when the text is anything else.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Ipv4Address value)
    {
        value = default;
        uint number = 0;
        var at = 0;
        for (var i = 0; i < Size; i++)
        {
            if (i > 0 && (at >= text.Length || text[at++] != '.'))
            {
                return false;
            }

            var start = at;
            uint octet = 0;
            while (at < text.Length && char.IsAsciiDigit(text[at]) && at - start < 3)
            {
                octet = (octet * 10) + (uint)(text[at++] - '0');
            }

            if (at == start || octet > 255 || (at - start > 1 && text[start] == '0'))
            {
                return false;
            }

            number = number << 8 | octet;
        }

        if (at != text.Length)
        {
            return false;
        }

        value = new(number);
        return true;
    }

    /// <summary>The same address as the base library writes it.</summary>
    public System.Net.IPAddress ToSystem()
    {
        Span<byte> octets = stackalloc byte[Size];
        CopyTo(octets);
        return new(octets);
    }

    /// <summary>The same address from the base library's type.</summary>
    /// <exception cref="ArgumentException">The address is not an IPv4 address.</exception>
    public static Ipv4Address From(System.Net.IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> octets = stackalloc byte[Size];
        return address.TryWriteBytes(octets, out var written) && written == Size
            ? Read(octets)
            : throw new ArgumentException($"{address} is not an IPv4 address.", nameof(address));
    }

    /// <inheritdoc/>
    public int CompareTo(Ipv4Address other) => Value.CompareTo(other.Value);

    /// <summary>The dotted quad.</summary>
    public override string ToString() =>
        string.Create(null, stackalloc char[16], $"{Value >> 24}.{(Value >> 16) & 0xFF}.{(Value >> 8) & 0xFF}.{Value & 0xFF}");
}
