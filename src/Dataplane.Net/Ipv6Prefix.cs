namespace Dataplane.Net;

/// <summary>An IPv6 prefix.</summary>
/// <param name="Address">The network; every bit behind the length is zero.</param>
/// <param name="Length">Significant leading bits, 0 to 128.</param>
public readonly record struct Ipv6Prefix(Ipv6Address Address, byte Length)
{
    /// <summary>The mask of a length: that many ones, then zeros.</summary>
    /// <param name="length">0 to 128.</param>
    public static Ipv6Address MaskOf(int length) => length switch
    {
        0 => default,
        <= 64 => new(ulong.MaxValue << (64 - length), 0),
        _ => new(ulong.MaxValue, ulong.MaxValue << (128 - length)),
    };

    /// <summary>Whether the prefix is a single address.</summary>
    public bool IsHost => Length == Ipv6Address.Bits;

    /// <summary>The prefix of one address.</summary>
    public static Ipv6Prefix Host(Ipv6Address address) => new(address, Ipv6Address.Bits);

    /// <summary>The prefix of a length that an address is in: bits behind the length are cleared.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is greater than 128.</exception>
    public static Ipv6Prefix Of(Ipv6Address address, byte length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Ipv6Address.Bits);
        var mask = MaskOf(length);
        return new(new Ipv6Address(address.High & mask.High, address.Low & mask.Low), length);
    }

    /// <summary>Whether an address is inside.</summary>
    public bool Contains(Ipv6Address address)
    {
        var mask = MaskOf(Length);
        return new Ipv6Address(address.High & mask.High, address.Low & mask.Low) == Address;
    }

    /// <summary>Whether another prefix lies inside this one or is the same.</summary>
    public bool Contains(Ipv6Prefix other) => other.Length >= Length && Contains(other.Address);

    /// <summary>Parses <c>address/length</c>; without a length, the address alone.</summary>
    /// <exception cref="FormatException">The text is no prefix.</exception>
    public static Ipv6Prefix Parse(string text) => TryParse(text, out var value, out var error)
        ? value
        : throw new FormatException($"'{text}' is not an IPv6 prefix: {error}.");

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Ipv6Prefix, out PrefixError)"/>
    public static bool TryParse(string? text, out Ipv6Prefix value, out PrefixError error) =>
        TryParse(text.AsSpan(), out value, out error);

    /// <summary>Parses <c>address/length</c>; without a length, the address alone.</summary>
    /// <returns>False, ::/0 and the reason when the text is no prefix.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Ipv6Prefix value, out PrefixError error)
    {
        value = default;
        if (!PrefixLength.TrySplit(text, out var addressText, out var length)
            || !Ipv6Address.TryParse(addressText, out var address))
        {
            error = PrefixError.Syntax;
            return false;
        }

        if (length > Ipv6Address.Bits)
        {
            error = PrefixError.LengthOutOfRange;
            return false;
        }

        var prefix = Of(address, (byte)(length < 0 ? Ipv6Address.Bits : length));
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
