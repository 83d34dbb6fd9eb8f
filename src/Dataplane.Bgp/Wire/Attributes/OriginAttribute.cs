using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// ORIGIN, type 1, well-known mandatory (RFC 4271 §4.3 a; errors: RFC 7606 §7.1).
/// <code>
/// +---------------+
/// |    origin     |  0 IGP, 1 EGP, 2 INCOMPLETE
/// +---------------+
/// </code>
/// </summary>
internal readonly struct OriginAttribute : IPathAttribute
{
    private const byte Incomplete = 2;

    public static AttributeFlags Flags => AttributeFlags.Transitive;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.Length != 1 ? AttributeVerdict.Withdraw(FaultKind.Length)
        : value[0] > Incomplete ? AttributeVerdict.Withdraw(FaultKind.Value)
        : AttributeVerdict.Fine;
}
