using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// COMMUNITIES, type 8, optional transitive (RFC 1997; errors: RFC 7606 §7.8).
/// <code>
/// +-------------------------------+-------------------------------+
/// |          AS number            |            value              |  one or more
/// +-------------------------------+-------------------------------+
/// </code>
/// </summary>
internal readonly struct CommunitiesAttribute : IPathAttribute
{
    private const int Size = 4;

    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        AttributeVerdict.MultipleOf(Size, value.Length);
}
