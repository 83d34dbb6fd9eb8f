using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// ATOMIC_AGGREGATE, type 6, well-known discretionary, no value (RFC 4271 §4.3 f; errors: RFC 7606 §3 f and §7.6, always attribute discard).
/// </summary>
internal readonly struct AtomicAggregateAttribute : IPathAttribute
{
    public static AttributeFlags Flags => AttributeFlags.Transitive;

    public static UpdateAction OnFlags => UpdateAction.DiscardAttribute;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.IsEmpty ? AttributeVerdict.Fine : AttributeVerdict.Discard(FaultKind.Length);
}
