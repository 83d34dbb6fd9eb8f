using System.Buffers.Binary;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// BGP Prefix-SID, type 40, optional transitive (RFC 8669 §3; errors: its §6, attribute discard). Passed through.
/// <code>
/// +---------------+-------------------------------+---------------+
/// |     type      |  length of the value          |  value ...    |  one or more
/// +---------------+-------------------------------+---------------+
///   1 label-index: 7 octets    3 originator SRGB: 2 + 6n octets
/// </code>
/// </summary>
internal readonly struct PrefixSidAttribute : IPathAttribute
{
    private const int TlvHeader = 3;
    private const byte LabelIndex = 1;
    private const byte OriginatorSrgb = 3;

    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

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
            if (length > value.Length - TlvHeader || !IsLength(value[0], length))
            {
                return AttributeVerdict.Discard(FaultKind.Length);
            }

            value = value[(TlvHeader + length)..];
        }

        return AttributeVerdict.Fine;
    }

    private static bool IsLength(byte type, int length) => type switch
    {
        LabelIndex => length == 7,
        OriginatorSrgb => length >= 8 && (length - 2) % 6 == 0,
        _ => true,
    };
}
