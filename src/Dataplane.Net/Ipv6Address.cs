using System.Buffers.Binary;

namespace Dataplane.Net;

/// <summary>An IPv6 address, without a zone.</summary>
/// <param name="High">The first eight octets as a number, first octet on the wire most significant.</param>
/// <param name="Low">The last eight octets, likewise.</param>
public readonly record struct Ipv6Address(ulong High, ulong Low) : IComparable<Ipv6Address>
{
    /// <summary>Octets of an address on the wire.</summary>
    public const int Size = 16;

    /// <summary>Bits of an address.</summary>
    public const int Bits = 128;

    /// <summary>Whether this is in ff00::/8 (RFC 4291).</summary>
    public bool IsMulticast => High >> 56 == 0xFF;

    /// <summary>Whether this is in fe80::/10 (RFC 4291).</summary>
    public bool IsLinkLocal => High >> 54 == 0xFE80 >> 6;

    /// <summary>Whether this is ::1.</summary>
    public bool IsLoopback => High == 0 && Low == 1;

    /// <summary>Whether this is in ::ffff:0:0/96, an IPv4 address mapped (RFC 4291 §2.5.5.2).</summary>
    public bool IsIpv4Mapped => High == 0 && Low >> 32 == 0xFFFF;

    /// <summary>Whether this is ::.</summary>
    public bool IsUnspecified => (High | Low) == 0;

    /// <summary>The solicited-node multicast address of this address (RFC 4291 §2.7.1): ff02::1:ff00:0/104 and the low 24 bits.</summary>
    public Ipv6Address SolicitedNode => new(0xFF02_0000_0000_0000, 0x0000_0001_FF00_0000 | (Low & 0xFF_FFFF));

    /// <summary>Reads sixteen octets in network order.</summary>
    /// <param name="source">At least <see cref="Size"/> octets.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter.</exception>
    public static Ipv6Address Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt64BigEndian(source),
        BinaryPrimitives.ReadUInt64BigEndian(source[8..]));

    /// <summary>Writes sixteen octets in network order.</summary>
    /// <param name="destination">At least <see cref="Size"/> octets.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter; nothing is written.</exception>
    public void CopyTo(Span<byte> destination)
    {
        destination = destination[..Size];
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>Parses the text forms of RFC 4291 §2.2.</summary>
    /// <exception cref="FormatException">The text is no IPv6 address.</exception>
    public static Ipv6Address Parse(string text) => TryParse(text, out var value)
        ? value
        : throw new FormatException($"'{text}' is not an IPv6 address.");

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Ipv6Address)"/>
    public static bool TryParse(string? text, out Ipv6Address value) => TryParse(text.AsSpan(), out value);

    /// <summary>
    /// Parses the text forms of RFC 4291 §2.2: eight groups, one <c>::</c> for at least one group, the last 32 bits as
    /// a dotted quad. No brackets and no zone.
    /// </summary>
    /// <returns>False, and ::, when the text is anything else.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Ipv6Address value)
    {
        value = default;
        Span<ushort> groups = stackalloc ushort[8];
        groups.Clear();
        var count = 0;
        var gap = -1;
        var at = 0;

        if (text.StartsWith("::"))
        {
            gap = 0;
            at = 2;
        }

        while (at < text.Length)
        {
            if (count == 8)
            {
                return false;
            }

            var rest = text[at..];
            var end = rest.IndexOf(':');
            var group = end < 0 ? rest : rest[..end];
            if (end < 0 && group.Contains('.'))
            {
                if (count > 6 || !Ipv4Address.TryParse(group, out var tail))
                {
                    return false;
                }

                groups[count++] = (ushort)(tail.Value >> 16);
                groups[count++] = (ushort)tail.Value;
                break;
            }

            if (!TryParseGroup(group, out groups[count]))
            {
                return false;
            }

            count++;
            if (end < 0)
            {
                break;
            }

            at += end + 1;
            if (at == text.Length)
            {
                return false; // a single trailing colon
            }

            if (text[at] == ':')
            {
                if (gap >= 0)
                {
                    return false;
                }

                gap = count;
                at++;
            }
        }

        if (gap < 0 ? count != 8 : count > 7)
        {
            return false;
        }

        if (gap >= 0)
        {
            var tailLength = count - gap;
            groups.Slice(gap, tailLength).CopyTo(groups[(8 - tailLength)..]);
            groups[gap..(8 - tailLength)].Clear();
        }

        value = new(
            (ulong)groups[0] << 48 | (ulong)groups[1] << 32 | (ulong)groups[2] << 16 | groups[3],
            (ulong)groups[4] << 48 | (ulong)groups[5] << 32 | (ulong)groups[6] << 16 | groups[7]);
        return true;
    }

    private static bool TryParseGroup(ReadOnlySpan<char> text, out ushort group)
    {
        group = 0;
        if (text.Length is < 1 or > 4)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }

            group = (ushort)(group << 4 | (char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10));
        }

        return true;
    }

    /// <summary>The same address as the base library writes it.</summary>
    public System.Net.IPAddress ToSystem()
    {
        Span<byte> octets = stackalloc byte[Size];
        CopyTo(octets);
        return new(octets);
    }

    /// <summary>The same address from the base library's type; a zone is dropped.</summary>
    /// <exception cref="ArgumentException">The address is not an IPv6 address.</exception>
    public static Ipv6Address From(System.Net.IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> octets = stackalloc byte[Size];
        return address.TryWriteBytes(octets, out var written) && written == Size
            ? Read(octets)
            : throw new ArgumentException($"{address} is not an IPv6 address.", nameof(address));
    }

    /// <inheritdoc/>
    public int CompareTo(Ipv6Address other) =>
        High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>The canonical text of RFC 5952; an IPv4-mapped address ends in a dotted quad (its §5).</summary>
    public override string ToString()
    {
        if (IsIpv4Mapped)
        {
            return $"::ffff:{new Ipv4Address((uint)Low)}";
        }

        var (gapStart, gapLength) = LongestZeroRun();
        Span<char> text = stackalloc char[39];
        var at = 0;
        for (var i = 0; i < 8; i++)
        {
            if (i == gapStart)
            {
                text[at++] = ':';
                text[at++] = ':';
                i += gapLength - 1;
                continue;
            }

            if (at > 0 && text[at - 1] != ':')
            {
                text[at++] = ':';
            }

            _ = Group(i).TryFormat(text[at..], out var written, "x", null);
            at += written;
        }

        return new(text[..at]);
    }

    private ushort Group(int index) => (ushort)(index < 4 ? High >> (48 - (16 * index)) : Low >> (112 - (16 * index)));

    private (int Start, int Length) LongestZeroRun()
    {
        var (bestStart, bestLength) = (-1, 1); // RFC 5952 §4.2.2: never shorten a single group
        for (var i = 0; i < 8; i++)
        {
            var length = 0;
            while (i + length < 8 && Group(i + length) == 0)
            {
                length++;
            }

            if (length > bestLength)
            {
                (bestStart, bestLength) = (i, length);
            }

            i += length;
        }

        return (bestStart, bestLength);
    }
}
