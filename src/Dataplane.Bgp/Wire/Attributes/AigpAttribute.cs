using System.Buffers.Binary;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// AIGP, type 26, optional non-transitive, from peers on which it is enabled (RFC 7311 §3; errors: its §3.2, attribute discard for everything, also
/// for the transitive bit). TLVs of other types, and a second one of type 1, are no error and stay.
/// <code>
/// +---------------+-------------------------------+---------------+
/// |    type 1     |  length 11, all of the TLV    |               |
/// +---------------+-------------------------------+               |
/// |              accumulated IGP metric, 8 octets                 |
/// |                                               +---------------+
/// |                                               |  further TLVs
/// +-----------------------------------------------+
/// </code>
/// </summary>
internal readonly struct AigpAttribute : IPathAttribute
{
    private const int TlvHeader = 3;
    private const byte MetricType = 1;
    private const int MetricSize = 11;

    public static AttributeFlags Flags => AttributeFlags.Optional;

    public static UpdateAction OnFlags => UpdateAction.DiscardAttribute;

    public static bool MayComeFrom(CodecOptions peer) => peer.TakesAigp;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options)
    {
        if (value.IsEmpty)
        {
            return AttributeVerdict.Discard(FaultKind.Length);
        }

        while (!value.IsEmpty)
        {
            if (value.Length < TlvHeader)
            {
                return AttributeVerdict.Discard(FaultKind.Length);
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(value[1..]);
            if (length < TlvHeader || length > value.Length || (value[0] == MetricType && length != MetricSize))
            {
                return AttributeVerdict.Discard(FaultKind.Length);
            }

            value = value[length..];
        }

        return AttributeVerdict.Fine;
    }
}
