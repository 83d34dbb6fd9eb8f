using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// MULTI_EXIT_DISC, type 4, optional non-transitive (RFC 4271 §4.3 d; errors: RFC 7606 §7.4).
/// <code>
/// +---------------------------------------------------------------+
/// |                            metric                             |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal readonly struct MultiExitDiscAttribute : IPathAttribute
{
    public static AttributeFlags Flags => AttributeFlags.Optional;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.Length == 4 ? AttributeVerdict.Fine : AttributeVerdict.Withdraw(FaultKind.Length);
}
