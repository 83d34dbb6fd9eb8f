using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>
/// Walks the components of a flow specification over its octets (RFC 8955 §4.2, RFC 8956 §3) without allocating; stops at the first fault.
/// <code>
///  value of the NLRI      +-----------------------------+
///                         |  type (1 octet)             |   ascending, each at most once
///                         +-----------------------------+
///   types 1, 2 in IPv4    |  length (1)  |  prefix      |   length in bits, prefix in whole octets
///   types 1, 2 in IPv6    |  length (1)  |  offset (1)  |  bits offset … length, in whole octets
///   other types           |  operator (1)  |  value     |+  until an operator with the end-of-list bit
///                         +-----------------------------+
///  operator                 0   1   2   3   4   5   6   7
///                         +---+---+---+---+---+---+---+---+
///                         | e | a |  len  | 0 |lt |gt |eq |   numeric: value of 1 &lt;&lt; len octets
///                         | e | a |  len  | 0 | 0 |not| m |   bitmask
///                         +---+---+---+---+---+---+---+---+
/// </code>
/// </summary>
internal ref struct FlowSpecReader(ReadOnlySpan<byte> octets, AddressFamily family)
{
    /// <summary>The most octets that the length field in front of the NLRI can announce.</summary>
    public const int MaximumOctets = 0xFFF;

    public const byte EndOfList = 0x80;
    public const byte And = 0x40;

    private ReadOnlySpan<byte> _rest = octets;
    private FlowSpecComponentType _last;

    /// <summary>The type of the component that the walk is at.</summary>
    public readonly FlowSpecComponentType Type => _last;

    /// <summary>What follows the type octet.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>Why the walk ended early.</summary>
    public FlowSpecFault Fault { get; private set; }

    public static bool IsPrefix(FlowSpecComponentType type) =>
        type is FlowSpecComponentType.DestinationPrefix or FlowSpecComponentType.SourcePrefix;

    public static bool IsBitmask(FlowSpecComponentType type) =>
        type is FlowSpecComponentType.TcpFlags or FlowSpecComponentType.Fragment;

    /// <summary>The most octets a value of a component may have.</summary>
    public static int MaximumValue(FlowSpecComponentType type) => type switch
    {
        FlowSpecComponentType.Dscp or FlowSpecComponentType.Fragment => 1,
        FlowSpecComponentType.TcpFlags => 2,
        _ => 8,
    };

    public bool MoveNext()
    {
        if (_rest.IsEmpty || Fault != FlowSpecFault.None)
        {
            return false;
        }

        var type = (FlowSpecComponentType)_rest[0];
        var highest = family == AddressFamily.Ipv6 ? FlowSpecComponentType.FlowLabel : FlowSpecComponentType.Fragment;
        if (type < FlowSpecComponentType.DestinationPrefix || type > highest)
        {
            Fault = FlowSpecFault.UnknownComponent;
            return false;
        }

        if (type <= _last)
        {
            Fault = FlowSpecFault.ComponentOrder;
            return false;
        }

        _last = type;
        ReadOnlySpan<byte> body = _rest[1..];
        Fault = IsPrefix(type) ? MeasurePrefix(body, out var size) : MeasureOperators(type, body, out size);
        if (Fault != FlowSpecFault.None)
        {
            return false;
        }

        Body = body[..size];
        _rest = body[size..];
        return true;
    }

    private readonly FlowSpecFault MeasurePrefix(ReadOnlySpan<byte> body, out int size)
    {
        size = 0;
        var isV6 = family == AddressFamily.Ipv6;
        var header = isV6 ? 2 : 1;
        if (body.Length < header)
        {
            return FlowSpecFault.Truncated;
        }

        int length = body[0], offset = isV6 ? body[1] : 0;
        if (length > (isV6 ? Ipv6Address.Bits : Ipv4Address.Bits))
        {
            return FlowSpecFault.PrefixLength;
        }

        if (offset >= length && (offset | length) != 0 && isV6)
        {
            return FlowSpecFault.PrefixOffset;
        }

        size = header + ((length - offset + 7) / 8);
        return size > body.Length ? FlowSpecFault.Truncated : FlowSpecFault.None;
    }

    private static FlowSpecFault MeasureOperators(FlowSpecComponentType type, ReadOnlySpan<byte> body, out int size)
    {
        var maximum = MaximumValue(type);
        size = 0;
        while (size < body.Length)
        {
            var op = body[size];
            var value = 1 << (op >> 4 & 3);
            if (value > maximum)
            {
                return FlowSpecFault.ValueLength;
            }

            size += 1 + value;
            if (size > body.Length)
            {
                return FlowSpecFault.Truncated;
            }

            if ((op & EndOfList) != 0)
            {
                return FlowSpecFault.None;
            }
        }

        return FlowSpecFault.Truncated;
    }
}
