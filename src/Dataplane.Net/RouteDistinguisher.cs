namespace Dataplane.Net;

/// <summary>A route distinguisher (RFC 4364 §4.2): two octets of type, six of value.</summary>
/// <param name="Value">The eight octets as a number, the first octet on the wire most significant.</param>
public readonly record struct RouteDistinguisher(ulong Value) : IComparable<RouteDistinguisher>
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 8;

    /// <summary>0: two-octet AS and 32-bit number; 1: IPv4 address and 16-bit number; 2: four-octet AS and 16-bit number.</summary>
    public ushort Type => (ushort)(Value >> 48);

    /// <summary>Type 0: a two-octet AS number and a number that the AS assigns.</summary>
    public static RouteDistinguisher OfAs(ushort asNumber, uint assigned) => new((ulong)asNumber << 32 | assigned);

    /// <summary>Type 1: an IPv4 address and a number that its owner assigns.</summary>
    public static RouteDistinguisher OfAddress(Ipv4Address address, ushort assigned) =>
        new(1UL << 48 | (ulong)address.Value << 16 | assigned);

    /// <summary>Type 2: a four-octet AS number and a number that the AS assigns.</summary>
    public static RouteDistinguisher OfLongAs(AsNumber asNumber, ushort assigned) =>
        new(2UL << 48 | (ulong)asNumber.Value << 16 | assigned);

    /// <summary>
    /// Parses <c>65000:1</c> (type 0), <c>192.0.2.1:1</c> (type 1), <c>4200000000:1</c> (type 2; also <c>65000L:1</c> or
    /// <c>64.2:1</c> for a small number), and <c>TYPE:0xHEX</c> for what has no text of its own.
    /// </summary>
    /// <returns>False, and zero, when the text is none of these.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out RouteDistinguisher value)
    {
        var parsed = AdministratorText.TryParse(text, out var type, out var six);
        value = parsed ? new((ulong)type << 48 | six) : default;
        return parsed;
    }

    /// <summary>Parses what <see cref="TryParse"/> does.</summary>
    /// <exception cref="FormatException">The text is no route distinguisher.</exception>
    public static RouteDistinguisher Parse(string text) => TryParse(text, out var value)
        ? value
        : throw new FormatException($"'{text}' is not a route distinguisher.");

    /// <inheritdoc/>
    public int CompareTo(RouteDistinguisher other) => Value.CompareTo(other.Value);

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => AdministratorText.Format(Type, Value & 0xFFFF_FFFF_FFFF);
}
