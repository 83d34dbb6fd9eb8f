using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// LOCAL_PREF, type 5, well-known, from internal and confederation peers only (RFC 4271 §5.1.5, RFC 5065 §4.1.1; errors: RFC 7606 §7.5).
/// <code>
/// +---------------------------------------------------------------+
/// |                     degree of preference                      |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal readonly struct LocalPrefAttribute : IPathAttribute
{
    public static AttributeFlags Flags => AttributeFlags.Transitive;

    public static bool MayComeFrom(CodecOptions peer) => peer.IsIbgp || peer.IsConfederation;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.Length == 4 ? AttributeVerdict.Fine : AttributeVerdict.Withdraw(FaultKind.Length);
}
