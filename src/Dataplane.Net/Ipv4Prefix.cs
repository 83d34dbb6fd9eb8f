namespace Dataplane.Net;

/// <summary>An IPv4 prefix.</summary>
/// <param name="Address">The network; every bit behind the length is zero.</param>
/// <param name="Length">Significant leading bits, 0 to 32.</param>
public readonly record struct Ipv4Prefix(Ipv4Address Address, byte Length)
{
    /// <summary>The mask of a length: that many ones, then zeros.</summary>
    /// <param name="length">0 to 32.</param>
    public static uint MaskOf(int length) => length == 0 ? 0 : uint.MaxValue << (32 - length);

    /// <summary>Whether the prefix is a single address.</summary>
    public bool IsHost => Length == Ipv4Address.Bits;

    /// <summary>The prefix of one address.</summary>
    public static Ipv4Prefix Host(Ipv4Address address) => new(address, Ipv4Address.Bits);

    /// <summary>The prefix of a length that an address is in: bits behind the length are cleared.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is greater than 32.</exception>
    public static Ipv4Prefix Of(Ipv4Address address, byte length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Ipv4Address.Bits);
        var mask = MaskOf(length);
        return new(new Ipv4Address(address.Value & mask), length);
    }

    /// <summary>Whether an address is inside.</summary>
    public bool Contains(Ipv4Address address)
    {
        var mask = MaskOf(Length);
        return new Ipv4Address(address.Value & mask) == Address;
    }

    /// <summary>Whether another prefix lies inside this one or is the same.</summary>
    public bool Contains(Ipv4Prefix other) => other.Length >= Length && Contains(other.Address);

    /// <summary>Parses <c>address/length</c>; without a length, the address alone.</summary>
    /// <exception cref="FormatException">The text is no prefix.</exception>
    public static Ipv4Prefix Parse(string text) => TryParse(text, out var value, out var error)
        ? value
        : throw new FormatException($"'{text}' is not an IPv4 prefix: {error}.");

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Ipv4Prefix, out PrefixError)"/>
    public static bool TryParse(string? text, out Ipv4Prefix value, out PrefixError error) =>
        TryParse(text.AsSpan(), out value, out error);

    /// <summary>Parses <c>address/length</c>; without a length, the address alone.</summary>
    /// <returns>False, 0.0.0.0/0 and the reason when the text is no prefix.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Ipv4Prefix value, out PrefixError error)
    {
        value = default;
        if (!PrefixLength.TrySplit(text, out var addressText, out var length)
            || !Ipv4Address.TryParse(addressText, out var address))
        {
            error = PrefixError.Syntax;
            return false;
        }

        if (length > Ipv4Address.Bits)
        {
            error = PrefixError.LengthOutOfRange;
            return false;
        }

        var prefix = Of(address, (byte)(length < 0 ? Ipv4Address.Bits : length));
        if (prefix.Address != address)
        {
            error = PrefixError.HostBitsSet;
            return false;
        }

        value = prefix;
        error = PrefixError.None;
        return true;
    }

    /// <summary><c>address/length</c>, the length always written.</summary>
    public override string ToString() => $"{Address}/{Length}";
}
