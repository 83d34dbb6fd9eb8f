using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>
/// Prefix components between octets and values. An IPv4 prefix is written as in an UPDATE; an IPv6 one as length, offset and the bits between
/// the two, moved up to the first bit of an octet (RFC 8956 §3.1).
/// </summary>
internal static class FlowSpecPrefixOctets
{
    public static FlowSpecPrefix Read(FlowSpecComponentType type, ReadOnlySpan<byte> body, AddressFamily family)
    {
        var length = body[0];
        Span<byte> octets = stackalloc byte[Ipv6Address.Size];
        octets.Clear();
        if (family == AddressFamily.Ipv4)
        {
            body[1..].CopyTo(octets);
            return FlowSpecPrefix.Of(type, Ipv4Prefix.Of(Ipv4Address.Read(octets), length));
        }

        var offset = body[1];
        body[2..].CopyTo(octets);
        UInt128 pattern = Read(octets) & Mask(length - offset);
        return new(type, Address(offset == 0 ? pattern : pattern >> offset), length, offset);
    }

    public static void Write(FlowSpecPrefix prefix, AddressFamily family, List<byte> octets)
    {
        octets.Add(prefix.Length);
        Span<byte> pattern = stackalloc byte[Ipv6Address.Size];
        pattern.Clear();
        prefix.Address.CopyTo(pattern);
        if (family == AddressFamily.Ipv6)
        {
            octets.Add(prefix.Offset);
            Address(Read(pattern) << prefix.Offset).CopyTo(pattern);
        }

        octets.AddRange(pattern[..Math.Max(0, (prefix.Length - prefix.Offset + 7) / 8)]);
    }

    /// <summary>
    /// Which of two prefix components of one type goes first: the lower offset, then the lower bits over their common length, then the longer
    /// (RFC 8955 §5.1, RFC 8956 §4).
    /// </summary>
    public static int Compare(FlowSpecPrefix left, FlowSpecPrefix right)
    {
        if (left.Offset != right.Offset)
        {
            return left.Offset.CompareTo(right.Offset);
        }

        UInt128 mask = Mask(Math.Min(left.Length, right.Length));
        var byBits = (Wide(left.Address) & mask).CompareTo(Wide(right.Address) & mask);
        return byBits != 0 ? byBits : right.Length.CompareTo(left.Length);
    }

    /// <summary>The bits that a prefix component does not compare, of an address, cleared.</summary>
    public static IpAddress Clear(IpAddress address, int length, int offset)
    {
        UInt128 bits = Wide(address) & Mask(length) & ~Mask(offset);
        return address.IsV6 ? Address(bits) : new Ipv4Address((uint)(bits >> 96));
    }

    private static UInt128 Wide(IpAddress address) =>
        address.IsV6 ? new UInt128(address.V6.High, address.V6.Low) : (UInt128)address.V4.Value << 96;

    private static UInt128 Mask(int length) => length == 0 ? 0 : UInt128.MaxValue << (128 - length);

    private static UInt128 Read(ReadOnlySpan<byte> octets)
    {
        var address = Ipv6Address.Read(octets);
        return new(address.High, address.Low);
    }

    private static Ipv6Address Address(UInt128 bits) => new((ulong)(bits >> 64), (ulong)bits);
}
