using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// ORIGINATOR_ID, type 9, optional non-transitive, from internal peers only (RFC 4456 §8; errors: RFC 7606 §7.9).
/// <code>
/// +---------------------------------------------------------------+
/// |                 BGP identifier of the originator              |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal readonly struct OriginatorIdAttribute : IPathAttribute
{
    public static AttributeFlags Flags => AttributeFlags.Optional;

    public static bool MayComeFrom(CodecOptions peer) => peer.IsIbgp;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.Length == 4 ? AttributeVerdict.Fine : AttributeVerdict.Withdraw(FaultKind.Length);
}
