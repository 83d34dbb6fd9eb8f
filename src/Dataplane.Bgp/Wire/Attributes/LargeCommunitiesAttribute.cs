using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// LARGE_COMMUNITY, type 32, optional transitive (RFC 8092; errors: its §6).
/// <code>
/// +---------------------------------------------------------------+
/// |                     global administrator                      |
/// +---------------------------------------------------------------+
/// |                      local data part 1                        |
/// +---------------------------------------------------------------+
/// |                      local data part 2                        |  one or more
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal readonly struct LargeCommunitiesAttribute : IPathAttribute
{
    private const int Size = 12;

    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        AttributeVerdict.MultipleOf(Size, value.Length);
}
