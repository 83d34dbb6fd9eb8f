using System.Buffers.Binary;

namespace Dataplane.Routing.Attributes;

/// <summary>
/// The canonical form in which path attributes are held, compared and interned: octets as RFC 4271 §4.3 writes path attributes, in
/// ascending order of type code, each code once, extended length only where the value is longer than 255 octets, with
/// AS_PATH and AGGREGATOR in four-octet form (no AS4_ attributes), and without MP_REACH_NLRI and MP_UNREACH_NLRI. The next hop of every
/// family is a NEXT_HOP of 4 octets (IPv4), 16 (IPv6) or 32 (IPv6 global and link-local), without a route distinguisher; flow specifications
/// and RT-Constraint routes without next hop have none. Unknown transitive attributes are there with the Partial bit set
/// (RFC 4271 §5); unknown non-transitive ones are not there.
/// </summary>
/// <remarks>Reads trust the block: only validated octets become one (the wire decoder or a builder made it).</remarks>
public readonly ref struct AttributeBlock(ReadOnlySpan<byte> octets)
{
    /// <summary>The whole block.</summary>
    public ReadOnlySpan<byte> Octets { get; } = octets;

    /// <summary>The attributes in order.</summary>
    public Enumerator GetEnumerator() => new(Octets);

    /// <summary>The value of an attribute; empty and false when it is not there.</summary>
    public bool TryGet(AttributeCode code, out ReadOnlySpan<byte> value)
    {
        foreach (AttributeView attribute in this)
        {
            if (attribute.Code >= code)
            {
                value = attribute.Code == code ? attribute.Value : default;
                return attribute.Code == code;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Walks a block.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> octets)
    {
        private ReadOnlySpan<byte> _rest = octets;

        /// <summary>The attribute the walk is at.</summary>
        public AttributeView Current { get; private set; }

        /// <summary>Goes on to the next attribute.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            var flags = (AttributeFlags)_rest[0];
            var header = (flags & AttributeFlags.ExtendedLength) != 0 ? 4 : 3;
            int length = header == 4 ? BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]) : _rest[2];
            Current = new(flags, (AttributeCode)_rest[1], _rest.Slice(header, length), _rest[..(header + length)]);
            _rest = _rest[(header + length)..];
            return true;
        }
    }
}

/// <summary>One attribute of a block.</summary>
/// <param name="flags">The flags octet.</param>
/// <param name="code">The type code.</param>
/// <param name="value">The value.</param>
/// <param name="whole">Header and value.</param>
public readonly ref struct AttributeView(AttributeFlags flags, AttributeCode code, ReadOnlySpan<byte> value, ReadOnlySpan<byte> whole)
{
    /// <summary>The flags octet.</summary>
    public AttributeFlags Flags { get; } = flags;

    /// <summary>The type code; also one that the enumeration does not name.</summary>
    public AttributeCode Code { get; } = code;

    /// <summary>The value, in network order.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>Header and value.</summary>
    public ReadOnlySpan<byte> Whole { get; } = whole;
}

/// <summary>The flags octet of a path attribute (RFC 4271 §4.3).</summary>
[Flags]
public enum AttributeFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Not well-known.</summary>
    Optional = 0x80,

    /// <summary>Passed on by speakers that do not know it.</summary>
    Transitive = 0x40,

    /// <summary>A speaker on the way did not know it.</summary>
    Partial = 0x20,

    /// <summary>Two octets of length.</summary>
    ExtendedLength = 0x10,
}
