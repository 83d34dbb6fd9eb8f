using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// AS_PATH, type 2, well-known mandatory (RFC 4271 §4.3 b, RFC 6793, RFC 5065 §3; errors: RFC 7606 §7.2, RFC 7607 §2, RFC 5065 §5).
/// <code>
/// +---------------+---------------+-------------------------------+
/// | segment type  |  AS numbers   |  AS numbers, 2 or 4 octets each ...
/// +---------------+---------------+-------------------------------+
///   1 AS_SET, 2 AS_SEQUENCE, 3 AS_CONFED_SEQUENCE, 4 AS_CONFED_SET; may be empty as a whole, a segment may not
/// </code>
/// </summary>
internal readonly struct AsPathAttribute : IPathAttribute
{
    /// <summary>Octets before a segment's numbers.</summary>
    public const int SegmentHeader = 2;

    public static AttributeFlags Flags => AttributeFlags.Transitive;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options)
    {
        var size = options.FourOctetAs ? 4 : 2;
        if (options.EnforceFirstAs && !options.IsIbgp && !StartsWith(value, size, options))
        {
            // An empty path from outside is as wrong as one that starts elsewhere: the peer did not put its AS in (RFC 4271 §5.1.2).
            return AttributeVerdict.Withdraw(FaultKind.Value);
        }

        while (!value.IsEmpty)
        {
            if (value.Length < SegmentHeader || value[1] == 0 || value.Length < SegmentHeader + (value[1] * size))
            {
                return AttributeVerdict.Withdraw(FaultKind.Length);
            }

            var type = (AsSegmentType)value[0];
            if (type is < AsSegmentType.Set or > AsSegmentType.ConfedSet
                || (type >= AsSegmentType.ConfedSequence && !options.IsConfederation)
                || (options.RejectAsSets && type is AsSegmentType.Set or AsSegmentType.ConfedSet)
                || HasZero(value.Slice(SegmentHeader, value[1] * size), size))
            {
                return AttributeVerdict.Withdraw(FaultKind.Value);
            }

            value = value[(SegmentHeader + (value[1] * size))..];
        }

        return AttributeVerdict.Fine;
    }

    /// <summary>
    /// Replaces AS_PATH and AGGREGATOR by their two-octet forms, with AS4_PATH and AS4_AGGREGATOR where a number does not fit
    /// (RFC 6793 §4.2.2).
    /// </summary>
    /// <param name="block">What is to be sent, in four-octet form.</param>
    /// <param name="to">Holds a copy of it, and is changed.</param>
    public static void ToTwoOctets(AttributeBlock block, AttributeBlockBuilder to)
    {
        AggregatorAttribute.ToTwoOctets(block, to);
        if (!block.TryGet(AttributeCode.AsPath, out ReadOnlySpan<byte> path))
        {
            return;
        }

        Span<byte> narrow = path.Length <= 1024 ? stackalloc byte[path.Length] : new byte[path.Length];
        Span<byte> wide = path.Length <= 1024 ? stackalloc byte[path.Length] : new byte[path.Length];
        var (narrowSize, wideSize, fits) = (0, 0, true);
        for (ReadOnlySpan<byte> rest = path; !rest.IsEmpty;)
        {
            ReadOnlySpan<byte> segment = rest[..(SegmentHeader + (rest[1] * 4))];
            segment[..SegmentHeader].CopyTo(narrow[narrowSize..]);
            narrowSize += SegmentHeader;
            for (ReadOnlySpan<byte> numbers = segment[SegmentHeader..]; !numbers.IsEmpty; numbers = numbers[4..])
            {
                var number = new AsNumber(BinaryPrimitives.ReadUInt32BigEndian(numbers));
                BinaryPrimitives.WriteUInt16BigEndian(narrow[narrowSize..], number.IsTwoOctet ? (ushort)number.Value : AsNumber.Trans);
                narrowSize += 2;
                fits &= number.IsTwoOctet;
            }

            // Confederation segments are not part of AS4_PATH.
            if ((AsSegmentType)segment[0] is AsSegmentType.Set or AsSegmentType.Sequence)
            {
                segment.CopyTo(wide[wideSize..]);
                wideSize += segment.Length;
            }

            rest = rest[segment.Length..];
        }

        to.Set(AttributeCode.AsPath, Flags, narrow[..narrowSize]);
        if (!fits && wideSize > 0)
        {
            to.Set(AttributeCode.As4Path, As4PathAttribute.Flags, wide[..wideSize]);
        }
    }

    private static bool StartsWith(ReadOnlySpan<byte> value, int size, CodecOptions options)
    {
        if (value.Length < SegmentHeader + size || value[1] == 0)
        {
            return false;
        }

        var type = (AsSegmentType)value[0];
        var first = Read(value[SegmentHeader..], size);
        var expected = size == 2 && !options.PeerAs.IsTwoOctet ? AsNumber.Trans : options.PeerAs.Value;
        return first == expected && type == (options.IsConfederation ? AsSegmentType.ConfedSequence : AsSegmentType.Sequence);
    }

    private static bool HasZero(ReadOnlySpan<byte> numbers, int size)
    {
        for (; !numbers.IsEmpty; numbers = numbers[size..])
        {
            if (Read(numbers, size) == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static uint Read(ReadOnlySpan<byte> number, int size) =>
        size == 4 ? BinaryPrimitives.ReadUInt32BigEndian(number) : BinaryPrimitives.ReadUInt16BigEndian(number);
}
