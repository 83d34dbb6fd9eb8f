using System.Buffers.Binary;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// The path that a two-octet speaker's AS_PATH and AS4_PATH stand for together (RFC 6793 §4.2.3): as many leading numbers of AS_PATH as it
/// has more than AS4_PATH, then AS4_PATH. A set counts as one number, confederation segments as none; they are kept when they
/// lead or stand next to a segment that is kept.
/// </summary>
internal static class AsPathMerge
{
    private const int Header = AsPathAttribute.SegmentHeader;

    /// <summary>Octets that a result may have.</summary>
    public static int Bound(ReadOnlySpan<byte> path, ReadOnlySpan<byte> as4Path) => (path.Length * 2) + as4Path.Length;

    /// <summary>Writes the path in four-octet form.</summary>
    /// <param name="path">AS_PATH in two-octet form, well-formed.</param>
    /// <param name="as4Path">AS4_PATH, well-formed; empty when there is none, or it does not count.</param>
    /// <param name="to">At least <see cref="Bound"/> octets.</param>
    /// <returns>How many octets were written.</returns>
    public static int Write(ReadOnlySpan<byte> path, ReadOnlySpan<byte> as4Path, Span<byte> to)
    {
        var leading = Count(path, 2) - Count(as4Path, 4);
        if (as4Path.IsEmpty || leading < 0)
        {
            leading = int.MaxValue;
            as4Path = default;
        }

        var written = 0;
        while (!path.IsEmpty)
        {
            ReadOnlySpan<byte> segment = path[..(Header + (path[1] * 2))];
            var type = (AsSegmentType)segment[0];
            var isConfederation = type >= AsSegmentType.ConfedSequence;
            if (!isConfederation && leading == 0)
            {
                break;
            }

            // Of a sequence only the numbers that lead count; of a set all or none.
            var take = type == AsSegmentType.Sequence ? Math.Min(leading, segment[1]) : segment[1];
            leading -= leading == int.MaxValue || isConfederation ? 0 : type == AsSegmentType.Set ? 1 : take;
            written += Widen(segment, take, to[written..]);
            path = path[segment.Length..];
        }

        while (!as4Path.IsEmpty)
        {
            ReadOnlySpan<byte> segment = as4Path[..(Header + (as4Path[1] * 4))];
            if ((AsSegmentType)segment[0] is AsSegmentType.Set or AsSegmentType.Sequence)
            {
                segment.CopyTo(to[written..]);
                written += segment.Length;
            }

            as4Path = as4Path[segment.Length..];
        }

        return written;
    }

    private static int Count(ReadOnlySpan<byte> path, int size)
    {
        var count = 0;
        while (!path.IsEmpty)
        {
            count += (AsSegmentType)path[0] switch
            {
                AsSegmentType.Sequence => path[1],
                AsSegmentType.Set => 1,
                _ => 0,
            };
            path = path[(Header + (path[1] * size))..];
        }

        return count;
    }

    private static int Widen(ReadOnlySpan<byte> segment, int take, Span<byte> to)
    {
        to[0] = segment[0];
        to[1] = (byte)take;
        for (var i = 0; i < take; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(to[(Header + (4 * i))..], BinaryPrimitives.ReadUInt16BigEndian(segment[(Header + (2 * i))..]));
        }

        return Header + (take * 4);
    }
}
