using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// AS4_PATH, type 17, optional transitive, from speakers without four-octet AS numbers only (RFC 6793 §3; errors: its §6 and RFC 7607 §2,
/// attribute discard). Confederation segments in it are left out, see <see cref="AsPathMerge"/>.
/// <code>
/// +---------------+---------------+-------------------------------+
/// | segment type  |  AS numbers   |  AS numbers, 4 octets each ...
/// +---------------+---------------+-------------------------------+
/// </code>
/// </summary>
internal readonly struct As4PathAttribute : IPathAttribute
{
    private const int ShortestLength = 6;

    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static bool MayComeFrom(CodecOptions peer) => !peer.FourOctetAs;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options)
    {
        if (value.Length < ShortestLength || value.Length % 2 != 0)
        {
            return AttributeVerdict.Discard(FaultKind.Length);
        }

        while (!value.IsEmpty)
        {
            if (value.Length < AsPathAttribute.SegmentHeader || value[1] == 0 || value.Length < AsPathAttribute.SegmentHeader + (value[1] * 4))
            {
                return AttributeVerdict.Discard(FaultKind.Length);
            }

            ReadOnlySpan<byte> numbers = value.Slice(AsPathAttribute.SegmentHeader, value[1] * 4);
            if ((AsSegmentType)value[0] is < AsSegmentType.Set or > AsSegmentType.ConfedSet || HasZero(numbers))
            {
                return AttributeVerdict.Discard(FaultKind.Value);
            }

            value = value[(AsPathAttribute.SegmentHeader + numbers.Length)..];
        }

        return AttributeVerdict.Fine;
    }

    private static bool HasZero(ReadOnlySpan<byte> numbers)
    {
        for (; !numbers.IsEmpty; numbers = numbers[4..])
        {
            if (!numbers[..4].ContainsAnyExcept((byte)0))
            {
                return true;
            }
        }

        return false;
    }
}
