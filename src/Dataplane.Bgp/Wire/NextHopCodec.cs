using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// Next hops as MP_REACH_NLRI and NEXT_HOP carry them, and as an attribute block holds them: 4, 16 or 32 octets without route distinguisher.
/// <code>
/// IPv4 unicast      4                 NEXT_HOP (RFC 4271 §5.1.3), or MP_REACH_NLRI
/// IPv6 unicast      16 | 32           global | global and link-local (RFC 2545 §3)
/// VPN-IPv4          12                zero RD (8) and IPv4 (RFC 4364 §4.3.2)
/// VPN-IPv6          24 | 48           zero RD (8) and IPv6, once or twice (RFC 4659 §3.2.1); IPv4-mapped in an IPv4 core
/// IPv4 unicast      16 | 32           with RFC 8950
/// VPN-IPv4          24 | 48           with RFC 8950
/// membership        4 | 16            RFC 4684 §5, whatever the AFI says
/// flow spec         0, or ignored     RFC 8955 §4; an address is kept for what redirects to it
/// </code>
/// </summary>
internal static class NextHopCodec
{
    /// <summary>The longest next hop.</summary>
    public const int MaximumSize = 48;

    private const int RdSize = RouteDistinguisher.Size;
    private const ulong MappedLow = 0xFFFF_0000_0000;

    /// <summary>Whether the length of a next hop is one that the family has (RFC 7606 §7.11).</summary>
    public static bool IsLength(RouteFamily family, int length, CodecOptions options) => family switch
    {
        RouteFamily.Ipv4Unicast => length == 4 || (length is 16 or 32 && options.ExtendedNextHop.Contains(family)),
        RouteFamily.Ipv6Unicast => length is 16 or 32,
        RouteFamily.VpnIpv4 => length == 12 || (length is 24 or 48 && options.ExtendedNextHop.Contains(family)),
        RouteFamily.VpnIpv6 => length is 24 or 48,
        RouteFamily.RouteTargetConstraint => length is 4 or 16,
        _ => length is 0 or 4 or 12 or 16 or 24 or 32 or 48,
    };

    /// <summary>Reads a next hop whose length is fine.</summary>
    /// <param name="wire">The next hop field.</param>
    /// <param name="held">Takes the form of the block.</param>
    /// <returns>Octets in <paramref name="held"/>: 0, 4, 16 or 32.</returns>
    public static int Read(ReadOnlySpan<byte> wire, Span<byte> held)
    {
        switch (wire.Length)
        {
            case 12 or 24:
                wire = wire[RdSize..];
                break;
            case 48:
                wire.Slice(RdSize, 16).CopyTo(held);
                wire.Slice(RdSize + 16 + RdSize, 16).CopyTo(held[16..]);
                return 32;
        }

        wire.CopyTo(held);
        return wire.Length;
    }

    /// <summary>Whether a next hop of the block's form can be a host's address (RFC 4271 §6.3): neither unspecified nor multicast.</summary>
    public static bool IsHost(ReadOnlySpan<byte> held) => held.Length == 4
        ? held[0] is not 0 and < 224
        : held[0] != 0xFF && held[..16].ContainsAnyExcept((byte)0);

    /// <summary>Writes the next hop field.</summary>
    /// <param name="family">The family.</param>
    /// <param name="held">The next hop in the block's form; empty when the block has none.</param>
    /// <param name="options">What the session negotiated.</param>
    /// <param name="to">At least <see cref="MaximumSize"/> octets.</param>
    /// <returns>Its length; −1 when the session cannot carry that next hop in that family.</returns>
    public static int Write(RouteFamily family, ReadOnlySpan<byte> held, CodecOptions options, Span<byte> to)
    {
        if (held.IsEmpty)
        {
            return family.IsFlowSpec ? 0 : -1;
        }

        if (family is RouteFamily.RouteTargetConstraint || family.IsFlowSpec)
        {
            held.CopyTo(to);
            return held.Length;
        }

        Span<byte> address = stackalloc byte[32];
        address.Clear();
        var size = held.Length;
        held.CopyTo(address);
        if (family.AddressFamily == AddressFamily.Ipv6 && size == 4)
        {
            BinaryPrimitives.WriteUInt64BigEndian(address, 0);
            BinaryPrimitives.WriteUInt64BigEndian(address[8..], MappedLow | BinaryPrimitives.ReadUInt32BigEndian(held));
            size = 16;
        }
        else if (family.AddressFamily == AddressFamily.Ipv4 && size != 4 && !options.ExtendedNextHop.Contains(family))
        {
            if (size != 16 || BinaryPrimitives.ReadUInt64BigEndian(held) != 0 || BinaryPrimitives.ReadUInt64BigEndian(held[8..]) >> 32 != 0xFFFF)
            {
                return -1;
            }

            held[12..].CopyTo(address);
            size = 4;
        }

        if (!family.IsVpn)
        {
            address[..size].CopyTo(to);
            return size;
        }

        to[..MaximumSize].Clear();
        var one = Math.Min(size, 16);
        address[..one].CopyTo(to[RdSize..]);
        if (size <= 16)
        {
            return RdSize + one;
        }

        address[16..].CopyTo(to[(RdSize + 16 + RdSize)..]);
        return MaximumSize;
    }
}
