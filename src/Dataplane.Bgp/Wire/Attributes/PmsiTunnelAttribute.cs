using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// PMSI_TUNNEL, type 22, optional transitive (RFC 6514 §5; errors: there, treat-as-withdraw when the tunnel identifier is none of the tunnel
/// type; types that are not known are no error, RFC 7385). Passed through.
/// <code>
/// +---------------+---------------+-------------------------------+
/// |     flags     |  tunnel type  |                               |
/// +---------------+---------------+---------------+               |
/// |            MPLS label, 3 octets               | tunnel identifier ...
/// +-----------------------------------------------+
/// types: 0 none; 1 RSVP-TE P2MP; 2 mLDP P2MP, 7 mLDP MP2MP (a FEC element); 3, 4, 5 PIM (two addresses); 6 ingress replication (an address)
/// </code>
/// </summary>
internal readonly struct PmsiTunnelAttribute : IPathAttribute
{
    private const int FixedSize = 5;
    private const int ShortestFec = 10; // RFC 6388 §2.2: type, address family, address length, address, opaque length

    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.Length >= FixedSize && IsIdentifierLength(value[1], value.Length - FixedSize)
            ? AttributeVerdict.Fine
            : AttributeVerdict.Withdraw(FaultKind.Length);

    private static bool IsIdentifierLength(byte tunnelType, int length) => tunnelType switch
    {
        0 => length == 0,
        1 => length is 12 or 24,
        3 or 4 or 5 => length is 8 or 32,
        6 => length is 4 or 16,
        2 or 7 => length >= ShortestFec,
        _ => true,
    };
}
