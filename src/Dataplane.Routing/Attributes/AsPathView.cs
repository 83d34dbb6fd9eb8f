using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Dataplane.Net;

namespace Dataplane.Routing.Attributes;

/// <summary>
/// Reads the value of an AS_PATH with four-octet numbers (RFC 4271 §4.3, RFC 5065): segments of type, count and numbers.
/// </summary>
/// <param name="octets">The value.</param>
public readonly ref struct AsPathView(ReadOnlySpan<byte> octets)
{
    /// <summary>Segment type of an unordered set.</summary>
    public const byte Set = 1;

    /// <summary>Segment type of a sequence.</summary>
    public const byte Sequence = 2;

    /// <summary>Segment type of a sequence within a confederation (RFC 5065).</summary>
    public const byte ConfederationSequence = 3;

    /// <summary>Segment type of a set within a confederation (RFC 5065).</summary>
    public const byte ConfederationSet = 4;

    /// <summary>Header of a segment in octets.</summary>
    public const int SegmentHeader = 2;

    private readonly ReadOnlySpan<byte> _octets = octets;

    /// <summary>The path of a route; empty when it has none.</summary>
    public static AsPathView Of(AttributeBlock attributes)
    {
        _ = attributes.TryGet(AttributeCode.AsPath, out ReadOnlySpan<byte> octets);
        return new(octets);
    }

    /// <summary>The length that selection counts: a set is one, confederation segments are none (RFC 4271 §9.1.2.2, RFC 5065 §5.3).</summary>
    public int Length
    {
        get
        {
            var length = 0;
            foreach (Segment segment in this)
            {
                length += segment.Type == Sequence ? segment.Count : segment.Type == Set ? 1 : 0;
            }

            return length;
        }
    }

    /// <summary>The first number, the neighbour that the route came by; null when the path does not begin with a sequence.</summary>
    public AsNumber? Neighbor
    {
        get
        {
            foreach (Segment segment in this)
            {
                if (segment.Type is Set or Sequence)
                {
                    return segment.Type == Sequence && segment.Count > 0 ? segment[0] : null;
                }
            }

            return null;
        }
    }

    /// <summary>The last number, which originated the route; null when the path does not end with a sequence (RFC 6811 §2).</summary>
    public AsNumber? Origin
    {
        get
        {
            AsNumber? last = null;
            foreach (Segment segment in this)
            {
                if (segment.Type is Set or Sequence)
                {
                    last = segment.Type == Sequence && segment.Count > 0 ? segment[segment.Count - 1] : null;
                }
            }

            return last;
        }
    }

    /// <summary>Numbers with spaces between them; sets in braces with commas, confederation segments in parentheses.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (Segment segment in this)
        {
            var (open, separator, close) = segment.Type switch
            {
                Set => ("{", ",", "}"),
                ConfederationSequence => ("(", " ", ")"),
                ConfederationSet => ("(", ",", ")"),
                _ => ("", " ", ""),
            };
            _ = text.Append(text.Length > 0 ? " " : "").Append(open);
            for (var i = 0; i < segment.Count; i++)
            {
                _ = text.Append(i > 0 ? separator : "").Append(CultureInfo.InvariantCulture, $"{segment[i]}");
            }

            _ = text.Append(close);
        }

        return text.ToString();
    }

    /// <summary>The segments in order.</summary>
    public Enumerator GetEnumerator() => new(_octets);

    /// <summary>One segment.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="numbers">Its numbers, four octets each.</param>
    public readonly ref struct Segment(byte type, ReadOnlySpan<byte> numbers)
    {
        private readonly ReadOnlySpan<byte> _numbers = numbers;

        /// <summary>Its type.</summary>
        public byte Type { get; } = type;

        /// <summary>How many numbers it has.</summary>
        public int Count => _numbers.Length / 4;

        /// <summary>A number of it.</summary>
        public AsNumber this[int index] => new(BinaryPrimitives.ReadUInt32BigEndian(_numbers[(4 * index)..]));
    }

    /// <summary>Walks the segments.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> octets)
    {
        private ReadOnlySpan<byte> _rest = octets;

        /// <summary>The segment the walk is at.</summary>
        public Segment Current { get; private set; }

        /// <summary>Goes on to the next segment.</summary>
        public bool MoveNext()
        {
            if (_rest.Length < SegmentHeader)
            {
                return false;
            }

            var size = SegmentHeader + (4 * _rest[1]);
            Current = new(_rest[0], _rest[SegmentHeader..size]);
            _rest = _rest[size..];
            return true;
        }
    }
}
