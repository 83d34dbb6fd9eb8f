using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// CLUSTER_LIST, type 10, optional non-transitive, from internal peers only (RFC 4456 §8; errors: RFC 7606 §7.10).
/// <code>
/// +---------------------------------------------------------------+
/// |              cluster identifier, the latest first             |  one or more
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal readonly struct ClusterListAttribute : IPathAttribute
{
    private const int Size = 4;

    public static AttributeFlags Flags => AttributeFlags.Optional;

    public static bool MayComeFrom(CodecOptions peer) => peer.IsIbgp;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        AttributeVerdict.MultipleOf(Size, value.Length);
}
