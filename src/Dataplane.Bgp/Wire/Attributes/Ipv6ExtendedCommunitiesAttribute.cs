using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// IPv6 Address Specific Extended Community, type 25, optional transitive (RFC 5701; errors: RFC 7606 §7.15).
/// <code>
/// +---------------+---------------+-------------------------------+
/// |     type      |   sub-type    |                               |
/// +---------------+---------------+     IPv6 address, 16 octets   |
/// |                                                               |
/// |                               +-------------------------------+
/// |                               |     local administrator       |  one or more
/// +-------------------------------+-------------------------------+
/// </code>
/// </summary>
internal readonly struct Ipv6ExtendedCommunitiesAttribute : IPathAttribute
{
    private const int Size = 20;

    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        AttributeVerdict.MultipleOf(Size, value.Length);
}
