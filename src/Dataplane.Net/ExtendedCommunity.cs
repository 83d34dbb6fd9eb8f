namespace Dataplane.Net;

/// <summary>An extended community of eight octets (RFC 4360).</summary>
/// <param name="Value">The eight octets as a number, the first octet on the wire most significant.</param>
public readonly record struct ExtendedCommunity(ulong Value) : IComparable<ExtendedCommunity>
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 8;

    /// <summary>The type octet, IANA and transitivity bits included.</summary>
    public byte Type => (byte)(Value >> 56);

    /// <summary>The sub-type octet.</summary>
    public byte SubType => (byte)(Value >> 48);

    /// <summary>The last six octets.</summary>
    public ulong Six => Value & 0xFFFF_FFFF_FFFF;

    /// <summary>Whether it crosses AS boundaries (RFC 4360 §2: the second bit is clear).</summary>
    public bool IsTransitive => (Type & 0x40) == 0;

    /// <summary>Whether this is a route target: sub-type 2 of types 0, 1 and 2 (RFC 4360 §4, RFC 5668).</summary>
    public bool IsRouteTarget => Type <= 2 && SubType == 2;

    /// <summary>Whether this is MAC Mobility (RFC 7432 §7.7), which carries the version number (AMB-03).</summary>
    public bool IsMobility => Value >> 48 == 0x0600;

    /// <summary>The sequence number of MAC Mobility, 32 bits.</summary>
    public uint MobilitySequence => (uint)Value;

    /// <summary>MAC Mobility with flags 0 (AMB-03).</summary>
    public static ExtendedCommunity Mobility(uint sequence) => new(0x0600_0000_0000_0000UL | sequence);

    /// <summary>A route target from its text, as <see cref="RouteDistinguisher.TryParse"/> reads it.</summary>
    /// <returns>False when the text is no route target; AS and address forms only.</returns>
    public static bool TryParseRouteTarget(ReadOnlySpan<char> text, out ExtendedCommunity value)
    {
        var parsed = AdministratorText.TryParse(text, out var type, out var six) && type <= 2;
        value = parsed ? new((ulong)type << 56 | 2UL << 48 | six) : default;
        return parsed;
    }

    /// <summary>A route target from its text.</summary>
    /// <exception cref="FormatException">The text is no route target.</exception>
    public static ExtendedCommunity ParseRouteTarget(string text) => TryParseRouteTarget(text, out var value)
        ? value
        : throw new FormatException($"'{text}' is not a route target.");

    /// <inheritdoc/>
    public int CompareTo(ExtendedCommunity other) => Value.CompareTo(other.Value);

    /// <summary><c>rt:65000:1</c>, <c>soo:…</c>, <c>mobility:7</c>, <c>encap:2</c>, or sixteen hexadecimal digits.</summary>
    public override string ToString() => this switch
    {
        { IsRouteTarget: true } => $"rt:{AdministratorText.Format(Type, Six)}",
        { Type: <= 2, SubType: 3 } => $"soo:{AdministratorText.Format(Type, Six)}",
        { IsMobility: true } => $"mobility:{MobilitySequence}",
        { Type: 3, SubType: 0x0C } => $"encap:{(ushort)Value}",
        _ => $"0x{Value:x16}",
    };
}
