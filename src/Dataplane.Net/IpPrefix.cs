namespace Dataplane.Net;

/// <summary>A prefix of either family. The default value is 0.0.0.0/0.</summary>
/// <param name="Address">The network; every bit behind the length is zero.</param>
/// <param name="Length">Significant leading bits, 0 to 32 or 128.</param>
public readonly record struct IpPrefix(IpAddress Address, byte Length)
{
    /// <summary>Which family this is.</summary>
    public AddressFamily Family => Address.Family;

    /// <summary>Whether the prefix is a single address.</summary>
    public bool IsHost => Length == Address.Bits;

    /// <summary>The IPv4 prefix.</summary>
    /// <exception cref="InvalidOperationException">The family is IPv6.</exception>
    public Ipv4Prefix V4 => new(Address.V4, Length);

    /// <summary>The IPv6 prefix.</summary>
    /// <exception cref="InvalidOperationException">The family is IPv4.</exception>
    public Ipv6Prefix V6 => new(Address.V6, Length);

    /// <summary>The same prefix of either family.</summary>
    public static implicit operator IpPrefix(Ipv4Prefix prefix) => new(prefix.Address, prefix.Length);

    /// <summary>The same prefix of either family.</summary>
    public static implicit operator IpPrefix(Ipv6Prefix prefix) => new(prefix.Address, prefix.Length);

    /// <summary>The prefix of one address.</summary>
    public static IpPrefix Host(IpAddress address) => new(address, (byte)address.Bits);

    /// <summary>The prefix of a length that an address is in: bits behind the length are cleared.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is greater than the family's bits.</exception>
    public static IpPrefix Of(IpAddress address, byte length) =>
        address.IsV6 ? Ipv6Prefix.Of(address.V6, length) : Ipv4Prefix.Of(address.V4, length);

    /// <summary>Whether an address is inside; never one of the other family.</summary>
    public bool Contains(IpAddress address) =>
        address.Family == Family && (address.IsV6 ? V6.Contains(address.V6) : V4.Contains(address.V4));

    /// <summary>Whether another prefix lies inside this one or is the same.</summary>
    public bool Contains(IpPrefix other) => other.Length >= Length && Contains(other.Address);

    /// <summary>Parses <c>address/length</c>; without a length, the address alone.</summary>
    /// <exception cref="FormatException">The text is no prefix.</exception>
    public static IpPrefix Parse(string text) => TryParse(text, out var value, out var error)
        ? value
        : throw new FormatException($"'{text}' is not an IP prefix: {error}.");

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out IpPrefix, out PrefixError)"/>
    public static bool TryParse(string? text, out IpPrefix value, out PrefixError error) =>
        TryParse(text.AsSpan(), out value, out error);

    /// <summary>Parses <c>address/length</c>; without a length, the address alone.</summary>
    /// <returns>False, 0.0.0.0/0 and the reason when the text is no prefix.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out IpPrefix value, out PrefixError error)
    {
        if (text.Contains(':'))
        {
            var isV6 = Ipv6Prefix.TryParse(text, out var v6, out error);
            value = isV6 ? v6 : default(IpPrefix);
            return isV6;
        }

        var isV4 = Ipv4Prefix.TryParse(text, out var v4, out error);
        value = v4;
        return isV4;
    }

    /// <summary><c>address/length</c>, the length always written.</summary>
    public override string ToString() => $"{Address}/{Length}";
}
