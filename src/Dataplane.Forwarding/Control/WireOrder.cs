using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <summary>Numbers as the workers' little-endian loads see network-order bytes, and as the tries want them.</summary>
internal static class WireOrder
{
    internal static ulong Mac(MacAddress mac)
    {
        ulong wire = 0;
        for (int i = 0; i < 6; i++)
            wire |= (mac.Value >> (40 - 8 * i) & 0xFF) << (8 * i);
        return wire;
    }

    internal static MacAddress ToMac(ulong wire) => new(BinaryPrimitives.ReverseEndianness(wire << 16));

    internal static uint V4(Ipv4Address address) => BinaryPrimitives.ReverseEndianness(address.Value);

    internal static (ulong First, ulong Second) V6(Ipv6Address address) =>
        (BinaryPrimitives.ReverseEndianness(address.High), BinaryPrimitives.ReverseEndianness(address.Low));

    /// <summary>Left-justified 128 bits, as the tries take them.</summary>
    internal static (ulong High, ulong Low) TrieKey(IpAddress address) => address.Family == AddressFamily.Ipv4
        ? ((ulong)address.V4.Value << 32, 0)
        : (address.V6.High, address.V6.Low);

    internal static uint Mask4(int length) =>
        length == 0 ? 0 : BinaryPrimitives.ReverseEndianness(uint.MaxValue << (32 - length));

    internal static (ulong First, ulong Second) Mask6(int length)
    {
        ulong high = length == 0 ? 0 : length >= 64 ? ulong.MaxValue : ulong.MaxValue << (64 - length);
        ulong low = length <= 64 ? 0 : ulong.MaxValue << (128 - length);
        return (BinaryPrimitives.ReverseEndianness(high), BinaryPrimitives.ReverseEndianness(low));
    }
}
