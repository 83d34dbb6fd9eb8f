using System.Buffers.Binary;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// AS4_AGGREGATOR, type 18, optional transitive, from speakers without four-octet AS numbers only (RFC 6793 §3; errors: its §6 and
/// RFC 7607 §2, attribute discard).
/// <code>
/// +---------------------------------------------------------------+
/// |                          AS number                            |
/// +---------------------------------------------------------------+
/// |                  IPv4 address of the aggregator               |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal readonly struct As4AggregatorAttribute : IPathAttribute
{
    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static bool MayComeFrom(CodecOptions peer) => !peer.FourOctetAs;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.Length != AggregatorAttribute.Size ? AttributeVerdict.Discard(FaultKind.Length)
        : BinaryPrimitives.ReadUInt32BigEndian(value) == 0 ? AttributeVerdict.Discard(FaultKind.Value)
        : AttributeVerdict.Fine;
}
