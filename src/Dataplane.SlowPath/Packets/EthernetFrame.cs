using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>Reads the addresses of a punted frame and builds frames of the forwarder's own.</summary>
internal static class EthernetFrame
{
    /// <summary>Multicast MAC of "all nodes" ff02::1 (RFC 2464 section 7).</summary>
    internal static MacAddress AllNodes => new(0x3333_0000_0001);

    /// <summary>Multicast MAC of an IPv6 multicast address (RFC 2464 section 7).</summary>
    internal static MacAddress Multicast(Ipv6Address group) => new(0x3333_0000_0000 | (group.Low & 0xffff_ffff));

    /// <summary>Reads destination and source of a frame.</summary>
    /// <returns>False when the frame is too short or its source is no station (multicast or zero).</returns>
    internal static bool TryReadStations(ReadOnlySpan<byte> frame, out MacAddress destination, out MacAddress source)
    {
        destination = default;
        source = default;
        if (frame.Length < HeaderSize.Ethernet)
            return false;
        destination = MacAddress.Read(frame);
        source = MacAddress.Read(frame[6..]);
        return !source.IsMulticast && !source.IsZero;
    }

    /// <summary>Builds a frame with the given tags: 802.1Q, or 802.1ad around 802.1Q for a pair.</summary>
    internal static byte[] Create(
        MacAddress destination, MacAddress source, VlanTags tags, ushort etherType, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderSize.Ethernet + tags.Length + payload.Length];
        destination.CopyTo(frame);
        source.CopyTo(frame.AsSpan(6));
        Span<byte> rest = frame.AsSpan(12);
        if (tags.Outer != 0)
        {
            ushort outerType = tags.Inner == 0 ? EtherType.Vlan : EtherType.QinQ;
            rest = WriteTag(rest, outerType, tags.Outer);
        }
        if (tags.Inner != 0)
            rest = WriteTag(rest, EtherType.Vlan, tags.Inner);
        BinaryPrimitives.WriteUInt16BigEndian(rest, etherType);
        payload.CopyTo(rest[2..]);
        return frame;
    }

    /// <summary>EtherType of a family.</summary>
    internal static ushort TypeOf(AddressFamily family) =>
        family == AddressFamily.Ipv4 ? EtherType.Ipv4 : EtherType.Ipv6;

    private static Span<byte> WriteTag(Span<byte> rest, ushort type, ushort vlan)
    {
        BinaryPrimitives.WriteUInt16BigEndian(rest, type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], vlan);
        return rest[4..];
    }
}
