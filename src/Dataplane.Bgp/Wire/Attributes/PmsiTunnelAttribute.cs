using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// PMSI_TUNNEL, type 22, optional transitive (RFC 6514 §5). Passed through; its value is looked at as far as the length of the tunnel
/// identifier follows from the tunnel type.
/// <code>
/// +---------------+---------------+-------------------------------+
/// |     flags     |  tunnel type  |                               |
/// +---------------+---------------+---------------+               |
/// |            MPLS label, 3 octets               | tunnel identifier ...
/// +-----------------------------------------------+
/// </code>
/// </summary>
internal readonly struct PmsiTunnelAttribute : IPathAttribute
{
    private const int FixedSize = 5;

    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.Length >= FixedSize ? AttributeVerdict.Fine : AttributeVerdict.Withdraw(FaultKind.Length);
}
