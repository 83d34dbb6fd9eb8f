using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Bgp.Speaker.Rules;

/// <summary>
/// Reads and rewrites the value of a four-octet AS_PATH (RFC 4271 §5.1.2): segments of type (1 set, 2 sequence, 3 and 4 the same
/// within a confederation), count, and numbers. Written into a span that the caller gives; all return the octets written.
/// </summary>
internal static class AsPath
{
    /// <summary>AS_SEQUENCE.</summary>
    public const byte Sequence = 2;

    private const int NumberBytes = 4;
    private const int HeaderBytes = 2;

    /// <summary>How often a number is in the path.</summary>
    public static int Count(ReadOnlySpan<byte> path, AsNumber number)
    {
        var count = 0;
        while (!path.IsEmpty)
        {
            int numbers = path[1];
            for (var i = 0; i < numbers; i++)
            {
                count += Number(path, i) == number.Value ? 1 : 0;
            }

            path = path[SegmentBytes(numbers)..];
        }

        return count;
    }

    /// <summary>The number that stands first, when the path begins with a sequence.</summary>
    public static AsNumber? First(ReadOnlySpan<byte> path) =>
        path.Length >= HeaderBytes + NumberBytes && path[0] == Sequence && path[1] > 0 ? new AsNumber(Number(path, 0)) : null;

    /// <summary>Puts a number in front: into the first sequence, or into a new one when there is none or it is full.</summary>
    public static int Prepend(ReadOnlySpan<byte> path, AsNumber number, Span<byte> into)
    {
        if (!path.IsEmpty && path[0] == Sequence && path[1] < byte.MaxValue)
        {
            into[0] = Sequence;
            into[1] = (byte)(path[1] + 1);
            BinaryPrimitives.WriteUInt32BigEndian(into[HeaderBytes..], number.Value);
            path[HeaderBytes..].CopyTo(into[(HeaderBytes + NumberBytes)..]);
            return path.Length + NumberBytes;
        }

        into[0] = Sequence;
        into[1] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(into[HeaderBytes..], number.Value);
        path.CopyTo(into[(HeaderBytes + NumberBytes)..]);
        return path.Length + HeaderBytes + NumberBytes;
    }

    /// <summary>Replaces a number by another wherever it stands, in place.</summary>
    public static void Replace(Span<byte> path, AsNumber number, AsNumber by)
    {
        for (; !path.IsEmpty; path = path[SegmentBytes(path[1])..])
        {
            for (var i = 0; i < path[1]; i++)
            {
                if (Number(path, i) == number.Value)
                {
                    BinaryPrimitives.WriteUInt32BigEndian(path[(HeaderBytes + NumberBytes * i)..], by.Value);
                }
            }
        }
    }

    /// <summary>Replaces each private number by another, in place.</summary>
    public static void ReplacePrivate(Span<byte> path, AsNumber by)
    {
        for (; !path.IsEmpty; path = path[SegmentBytes(path[1])..])
        {
            for (var i = 0; i < path[1]; i++)
            {
                if (new AsNumber(Number(path, i)).IsPrivate)
                {
                    BinaryPrimitives.WriteUInt32BigEndian(path[(HeaderBytes + NumberBytes * i)..], by.Value);
                }
            }
        }
    }

    /// <summary>Whether the path has numbers and all of them are private.</summary>
    public static bool IsAllPrivate(ReadOnlySpan<byte> path)
    {
        var any = false;
        for (; !path.IsEmpty; path = path[SegmentBytes(path[1])..])
        {
            for (var i = 0; i < path[1]; i++)
            {
                if (!new AsNumber(Number(path, i)).IsPrivate)
                {
                    return false;
                }

                any = true;
            }
        }

        return any;
    }

    /// <summary>Copies the path without private numbers; segments that become empty go.</summary>
    public static int RemovePrivate(ReadOnlySpan<byte> path, Span<byte> into)
    {
        var written = 0;
        for (; !path.IsEmpty; path = path[SegmentBytes(path[1])..])
        {
            var header = written;
            written += HeaderBytes;
            byte kept = 0;
            for (var i = 0; i < path[1]; i++)
            {
                if (!new AsNumber(Number(path, i)).IsPrivate)
                {
                    BinaryPrimitives.WriteUInt32BigEndian(into[written..], Number(path, i));
                    written += NumberBytes;
                    kept++;
                }
            }

            into[header] = path[0];
            into[header + 1] = kept;
            written = kept == 0 ? header : written;
        }

        return written;
    }

    private static int SegmentBytes(int numbers) => HeaderBytes + numbers * NumberBytes;

    private static uint Number(ReadOnlySpan<byte> segment, int index) =>
        BinaryPrimitives.ReadUInt32BigEndian(segment[(HeaderBytes + NumberBytes * index)..]);
}
