namespace Dataplane.Net;

/// <summary>An address of either family. The default value is 0.0.0.0.</summary>
public readonly record struct IpAddress : IComparable<IpAddress>
{
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly bool _isV6;

    /// <summary>Wraps an IPv4 address.</summary>
    public IpAddress(Ipv4Address address) => _low = address.Value;

    /// <summary>Wraps an IPv6 address. An IPv4-mapped one stays IPv6.</summary>
    public IpAddress(Ipv6Address address)
    {
        _high = address.High;
        _low = address.Low;
        _isV6 = true;
    }

    /// <summary>Which family this is.</summary>
    public AddressFamily Family => _isV6 ? AddressFamily.Ipv6 : AddressFamily.Ipv4;

    /// <summary>Whether <see cref="Family"/> is IPv4.</summary>
    public bool IsV4 => !_isV6;

    /// <summary>Whether <see cref="Family"/> is IPv6.</summary>
    public bool IsV6 => _isV6;

    /// <summary>The IPv4 address.</summary>
    /// <exception cref="InvalidOperationException">The family is IPv6.</exception>
    public Ipv4Address V4 => _isV6 ? throw new InvalidOperationException($"{this} is not an IPv4 address.") : new((uint)_low);

    /// <summary>The IPv6 address.</summary>
    /// <exception cref="InvalidOperationException">The family is IPv4.</exception>
    public Ipv6Address V6 => _isV6 ? new(_high, _low) : throw new InvalidOperationException($"{this} is not an IPv6 address.");

    /// <summary>The IPv4 address of an IPv4-mapped one; any other as it is.</summary>
    public IpAddress Unmapped => _isV6 && V6.IsIpv4Mapped ? new Ipv4Address((uint)_low) : this;

    /// <summary>Bits of an address of this family: 32 or 128.</summary>
    public int Bits => _isV6 ? Ipv6Address.Bits : Ipv4Address.Bits;

    /// <summary>Octets of an address of this family: 4 or 16.</summary>
    public int Size => _isV6 ? Ipv6Address.Size : Ipv4Address.Size;

    /// <summary>Whether this is a multicast address of its family.</summary>
    public bool IsMulticast => _isV6 ? V6.IsMulticast : V4.IsMulticast;

    /// <summary>Whether this is a link-local address of its family.</summary>
    public bool IsLinkLocal => _isV6 ? V6.IsLinkLocal : V4.IsLinkLocal;

    /// <summary>Whether this is a loopback address of its family.</summary>
    public bool IsLoopback => _isV6 ? V6.IsLoopback : V4.IsLoopback;

    /// <summary>Whether this is the unspecified address of its family.</summary>
    public bool IsUnspecified => (_high | _low) == 0;

    /// <summary>Wraps an IPv4 address.</summary>
    public static implicit operator IpAddress(Ipv4Address address) => new(address);

    /// <summary>Wraps an IPv6 address.</summary>
    public static implicit operator IpAddress(Ipv6Address address) => new(address);

    /// <summary>Writes the address in network order.</summary>
    /// <param name="destination">At least <see cref="Size"/> octets.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (_isV6)
        {
            V6.CopyTo(destination);
        }
        else
        {
            V4.CopyTo(destination);
        }
    }

    /// <summary>Parses an address of either family.</summary>
    /// <exception cref="FormatException">The text is no IP address.</exception>
    public static IpAddress Parse(string text) => TryParse(text, out var value)
        ? value
        : throw new FormatException($"'{text}' is not an IP address.");

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out IpAddress)"/>
    public static bool TryParse(string? text, out IpAddress value) => TryParse(text.AsSpan(), out value);

    /// <summary>Parses an address of either family, as <see cref="Ipv4Address"/> and <see cref="Ipv6Address"/> do.</summary>
    /// <returns>False, and 0.0.0.0, when the text is anything else.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress value)
    {
        if (Ipv4Address.TryParse(text, out var v4))
        {
            value = v4;
            return true;
        }

        var parsed = Ipv6Address.TryParse(text, out var v6);
        value = parsed ? v6 : default(IpAddress);
        return parsed;
    }

    /// <summary>The same address as the base library writes it.</summary>
    public System.Net.IPAddress ToSystem() => _isV6 ? V6.ToSystem() : V4.ToSystem();

    /// <summary>The same address from the base library's type; a zone is dropped.</summary>
    public static IpAddress From(System.Net.IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? Ipv6Address.From(address)
            : Ipv4Address.From(address);
    }

    /// <summary>IPv4 before IPv6, then by number.</summary>
    public int CompareTo(IpAddress other)
    {
        var family = _isV6.CompareTo(other._isV6);
        return family != 0 ? family : new Ipv6Address(_high, _low).CompareTo(new(other._high, other._low));
    }

    /// <summary>The canonical text of the family.</summary>
    public override string ToString() => _isV6 ? V6.ToString() : V4.ToString();
}
