using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// NEXT_HOP, type 3, well-known, mandatory with the NLRI field (RFC 4271 §4.3 c; errors: RFC 7606 §7.3). Beside MP_REACH_NLRI alone it says
/// nothing (RFC 4760 §3). Whether it can be a host is looked at where it is used, see <see cref="NextHopCodec"/>.
/// <code>
/// +---------------------------------------------------------------+
/// |                         IPv4 address                          |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal readonly struct NextHopAttribute : IPathAttribute
{
    public static AttributeFlags Flags => AttributeFlags.Transitive;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.Length == 4 ? AttributeVerdict.Fine : AttributeVerdict.Withdraw(FaultKind.Length);
}
