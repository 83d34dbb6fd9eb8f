using System.Buffers.Binary;
using Dataplane.Forwarding.Control;

namespace Dataplane.Fuzz.Model;

/// <summary>Flow specifications on a packet as octets, a question at a time (RFC 8955 section 4.2.2, RFC 8956 section 3).</summary>
internal static class ReferenceFilter
{
    internal static bool Matches(FilterRule rule, ReadOnlySpan<byte> packet)
    {
        bool v6 = packet[0] >> 4 == 6;
        (int? protocol, int at, int offset, bool more) = v6 ? Chain(packet)
            : (packet[9], (packet[0] & 15) * 4, BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1FFF, (packet[6] & 0x20) != 0);
        // The transport header, where there is one.
        ReadOnlySpan<byte> transport = protocol is null || offset != 0 || at > packet.Length ? [] : packet[at..];
        bool ports = protocol is 6 or 17 && transport.Length >= 4;
        bool icmp = protocol == (v6 ? 58 : 1) && transport.Length >= 2;
        int? source = ports ? BinaryPrimitives.ReadUInt16BigEndian(transport) : null;
        int? destination = ports ? BinaryPrimitives.ReadUInt16BigEndian(transport[2..]) : null;
        int? flags = protocol == 6 && transport.Length >= 14 ? (transport[12] & 15) << 8 | transport[13] : null;
        int fragment = (!v6 && (packet[6] & 0x40) != 0 ? 1 : 0) + (offset != 0 ? 2 : 0) + (offset == 0 && more ? 4 : 0) + (offset != 0 && !more ? 8 : 0);
        int word = BinaryPrimitives.ReadInt32BigEndian(packet);
        return IsLike(rule.Destination, packet[(v6 ? 24 : 16)..(v6 ? 40 : 20)])
            && IsLike(rule.Source, packet[(v6 ? 8 : 12)..(v6 ? 24 : 16)])
            && IsIn(rule.Protocols, protocol)
            && (IsIn(rule.Ports, source) || IsIn(rule.Ports, destination))
            && IsIn(rule.SourcePorts, source)
            && IsIn(rule.DestinationPorts, destination)
            && IsIn(rule.IcmpTypes, icmp ? transport[0] : null)
            && IsIn(rule.IcmpCodes, icmp ? transport[1] : null)
            && IsIn(rule.TcpFlags, flags)
            && IsIn(rule.Lengths, packet.Length)
            && IsIn(rule.Dscps, v6 ? word >> 22 & 63 : packet[1] >> 2)
            && IsIn(rule.Fragments, fragment)
            && IsIn(rule.FlowLabels, v6 ? word & 0xFFFFF : null);
    }

    // Headers up to that of the upper layer; no protocol where it is not in the packet.
    private static (int? Protocol, int At, int Offset, bool More) Chain(ReadOnlySpan<byte> packet)
    {
        int next = packet[6];
        int at = 40;
        (int offset, bool more) = (0, false);
        while (next is 0 or 43 or 44 or 51 or 60 or 135 or 139 or 140)
        {
            if (offset != 0 || at + 8 > packet.Length)
                return (null, at, offset, more);
            if (next == 44)
            {
                int word = BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]);
                (offset, more) = (word / 8, word % 2 == 1);
            }
            int units = packet[at + 1];
            int bytes = next == 44 ? 8 : next == 51 ? 4 * (units + 2) : 8 * (units + 1);
            next = packet[at];
            at += bytes;
        }
        return (next, at, offset, more);
    }

    private static bool IsLike(AddressMatch? match, ReadOnlySpan<byte> address)
    {
        if (match is not { } some)
            return true;
        Span<byte> value = stackalloc byte[16];
        Span<byte> mask = stackalloc byte[16];
        some.Value.CopyTo(value);
        some.Mask.CopyTo(mask);
        for (int i = 0; i < address.Length; i++)
        {
            if ((address[i] & mask[i]) != value[i])
                return false;
        }
        return true;
    }

    private static bool IsIn(IReadOnlyList<ValueRange>? ranges, int? value) =>
        ranges is null || (value is { } some && ranges.Any(range => range.First <= some && some <= range.Last));
}
