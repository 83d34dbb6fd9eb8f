using System.Buffers.Binary;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// Tunnel Encapsulation, type 23, optional transitive (RFC 9012 §2; errors: its §13). Passed through.
/// <code>
/// +-------------------------------+-------------------------------+
/// |         tunnel type           |   length of the sub-TLVs      |  one or more
/// +---------------+---------------+-------------------------------+
/// | sub-TLV type  |  length, 1 octet for types 0–127, else 2      |
/// +---------------+-----------------------------------------------+
/// |  value ...
/// </code>
/// A TLV that its sub-TLVs do not fill exactly: treat-as-withdraw. No TLV at all, or not transitive: attribute discard.
/// </summary>
internal readonly struct TunnelEncapsulationAttribute : IPathAttribute
{
    private const int TlvHeader = 4;
    private const byte LongLength = 0x80;

    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static UpdateAction OnFlags => UpdateAction.DiscardAttribute;

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
                return AttributeVerdict.Withdraw(FaultKind.Length);
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(value[2..]);
            if (length > value.Length - TlvHeader || !AreSubTlvs(value.Slice(TlvHeader, length)))
            {
                return AttributeVerdict.Withdraw(FaultKind.Length);
            }

            value = value[(TlvHeader + length)..];
        }

        return AttributeVerdict.Fine;
    }

    private static bool AreSubTlvs(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            var header = octets[0] >= LongLength ? 3 : 2;
            if (octets.Length < header)
            {
                return false;
            }

            int length = header == 3 ? BinaryPrimitives.ReadUInt16BigEndian(octets[1..]) : octets[1];
            if (length > octets.Length - header)
            {
                return false;
            }

            octets = octets[(header + length)..];
        }

        return true;
    }
}
