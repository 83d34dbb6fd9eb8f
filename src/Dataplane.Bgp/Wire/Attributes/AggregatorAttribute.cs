using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// AGGREGATOR, type 7, optional transitive (RFC 4271 §4.3 g, four-octet form RFC 6793 §4.1; errors: RFC 7606 §3 f and §7.7, RFC 7607 §2,
/// always attribute discard).
/// <code>
/// +-------------------------------+
/// |  AS number, 2 or 4 octets     |  4 when both sides announced four-octet AS numbers
/// +-------------------------------+-------------------------------+
/// |                  IPv4 address of the aggregator               |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal readonly struct AggregatorAttribute : IPathAttribute
{
    /// <summary>Octets of the four-octet form, which a block holds.</summary>
    public const int Size = 8;

    private const int TwoOctetSize = 6;

    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static UpdateAction OnFlags => UpdateAction.DiscardAttribute;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        value.Length != (options.FourOctetAs ? Size : TwoOctetSize) ? AttributeVerdict.Discard(FaultKind.Length)
        : AsOf(value) == 0 ? AttributeVerdict.Discard(FaultKind.Value)
        : AttributeVerdict.Fine;

    /// <summary>The AS number of either form.</summary>
    public static uint AsOf(ReadOnlySpan<byte> value) =>
        value.Length == Size ? BinaryPrimitives.ReadUInt32BigEndian(value) : BinaryPrimitives.ReadUInt16BigEndian(value);

    /// <summary>Sets the four-octet form of a two-octet one.</summary>
    public static void Widen(ReadOnlySpan<byte> value, AttributeFlags flags, AttributeBlockBuilder to)
    {
        Span<byte> wide = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(wide, AsOf(value));
        value[2..].CopyTo(wide[4..]);
        to.Set(AttributeCode.Aggregator, flags, wide);
    }

    /// <summary>Replaces the four-octet form by a two-octet one, with AS4_AGGREGATOR when the number does not fit (RFC 6793 §4.2.2).</summary>
    public static void ToTwoOctets(AttributeBlock block, AttributeBlockBuilder to)
    {
        if (!block.TryGet(AttributeCode.Aggregator, out ReadOnlySpan<byte> value))
        {
            return;
        }

        var number = new AsNumber(AsOf(value));
        Span<byte> narrow = stackalloc byte[TwoOctetSize];
        BinaryPrimitives.WriteUInt16BigEndian(narrow, number.IsTwoOctet ? (ushort)number.Value : AsNumber.Trans);
        value[4..].CopyTo(narrow[2..]);
        to.Set(AttributeCode.Aggregator, Flags, narrow);
        if (!number.IsTwoOctet)
        {
            to.Set(AttributeCode.As4Aggregator, As4AggregatorAttribute.Flags, value);
        }
    }
}
