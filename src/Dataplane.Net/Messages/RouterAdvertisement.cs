using System.Buffers.Binary;

namespace Dataplane.Net;

/// <summary>
/// Writer of ICMPv6 router advertisements (RFC 4861 section 4.2) that make the sender a default router and announce no
/// prefix.
/// <code>
/// +---------------+---------------+-------------------------------+
/// |   type 134    |    code 0     |           checksum            |
/// +---------------+-+-+-----------+-------------------------------+
/// | cur hop limit |M|O| reserved  |      router lifetime (s)      |
/// +---------------+-+-+-----------+-------------------------------+
/// |                   reachable time (ms) = 0                     |
/// |                   retrans timer (ms) = 0                      |
/// +---------------------------------------------------------------+
/// |  options: source link-layer address, MTU                      |
/// </code>
/// </summary>
public static class RouterAdvertisement
{
    /// <summary>Octets of the message with its two options.</summary>
    public const int Length = 16 + 2 * NeighborDiscoveryOptions.OptionLength;

    /// <summary>Writes <see cref="Length"/> octets, checksum zero.</summary>
    /// <param name="message">Destination.</param>
    /// <param name="hopLimit">Hop limit that hosts should use.</param>
    /// <param name="routerLifetimeSeconds">How long the sender stays a default router.</param>
    /// <param name="sourceMac">Link-layer address of the sender.</param>
    /// <param name="mtu">MTU of the link in octets.</param>
    public static void Write(
        Span<byte> message, byte hopLimit, ushort routerLifetimeSeconds, MacAddress sourceMac, uint mtu)
    {
        IcmpMessage.WriteHeader(
            message, Icmpv6Type.RouterAdvertisement, 0, (uint)hopLimit << 24 | routerLifetimeSeconds);
        BinaryPrimitives.WriteUInt64BigEndian(message[8..], 0);
        NeighborDiscoveryOptions.WriteLinkLayer(
            message[16..], NeighborDiscoveryOptions.SourceLinkLayerType, sourceMac);
        NeighborDiscoveryOptions.WriteMtu(message[24..], mtu);
    }
}
