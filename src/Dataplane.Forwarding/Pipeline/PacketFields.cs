using System.Buffers.Binary;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// What filters look at in a packet (RFC 8955 section 4.2.2, RFC 8956 section 3), read once. A field that the packet does not have, or
/// that cannot be found, is not among <see cref="Known"/>: what asks for it does not match. Ports, ICMP and TCP fields are those of packets of
/// that protocol that are no fragment but the first. Numbers in host order, addresses as wire words.
/// </summary>
internal unsafe struct PacketFields
{
    private const ushort MoreFragments4 = 0x2000;
    private const ushort DontFragment4 = 0x4000;
    private const ushort Offset4 = 0x1FFF;
    private const byte DontFragment = 1;
    private const byte IsFragment = 2;
    private const byte FirstFragment = 4;
    private const byte LastFragment = 8;

    internal ulong Destination0;
    internal ulong Destination1;
    internal ulong Source0;
    internal ulong Source1;
    internal uint Length;
    internal uint FlowLabel;
    internal ushort SourcePort;
    internal ushort DestinationPort;
    internal ushort TcpFlags;
    internal byte Protocol;
    internal byte IcmpType;
    internal byte IcmpCode;
    internal byte Dscp;
    internal byte Fragment;
    internal FilterFields Known;

    /// <summary>Reads a packet whose header was checked.</summary>
    /// <param name="ip">First octet of the header.</param>
    /// <param name="length">Bytes of the packet, as its header says.</param>
    /// <param name="v6">IPv6; otherwise IPv4.</param>
    internal static PacketFields Read(byte* ip, uint length, bool v6)
    {
        var fields = new PacketFields { Length = length, Known = FilterFields.Length | FilterFields.Dscp | FilterFields.Fragment };
        if (v6)
            fields.Read6(ip, length);
        else
            fields.Read4(ip, length);
        return fields;
    }

    private void Read4(byte* ip, uint length)
    {
        Source0 = *(uint*)(ip + 12);
        Destination0 = *(uint*)(ip + 16);
        Dscp = (byte)(ip[1] >> 2);
        uint word = Word(ip + 6);
        uint offset = word & Offset4;
        bool more = (word & MoreFragments4) != 0;
        Fragment = (byte)(((word & DontFragment4) != 0 ? DontFragment : 0) | FragmentBits(offset, more));
        Protocol = ip[9];
        Known |= FilterFields.Protocol;
        if (offset == 0)
            ReadTransport(ip, (uint)(ip[0] & 0x0F) * 4, length, IpProtocol.Icmp);
    }

    private void Read6(byte* ip, uint length)
    {
        Source0 = *(ulong*)(ip + 8);
        Source1 = *(ulong*)(ip + 16);
        Destination0 = *(ulong*)(ip + 24);
        Destination1 = *(ulong*)(ip + 32);
        uint first = BinaryPrimitives.ReverseEndianness(*(uint*)ip);
        Dscp = (byte)(first >> 22 & 0x3F);
        FlowLabel = first & 0xFFFFF;
        Known |= FilterFields.FlowLabel;
        byte next = ip[6];
        uint at = HeaderSize.Ipv6;
        uint offset = 0;
        bool isFragment = false;
        while (IsExtension(next))
        {
            if (at + 8 > length || isFragment)
                return; // the chain goes on where this packet does not reach
            uint bytes = next switch
            {
                IpProtocol.Fragment => 8,
                IpProtocol.Ah => (uint)(ip[at + 1] + 2) * 4,
                _ => (uint)(ip[at + 1] + 1) * 8,
            };
            if (next == IpProtocol.Fragment)
            {
                uint word = Word(ip + at + 2);
                offset = word >> 3;
                isFragment = offset != 0;
                Fragment = FragmentBits(offset, (word & 1) != 0);
            }
            next = ip[at];
            at += bytes;
        }
        Protocol = next;
        Known |= FilterFields.Protocol;
        if (offset == 0)
            ReadTransport(ip, at, length, IpProtocol.Icmpv6);
    }

    private void ReadTransport(byte* ip, uint at, uint length, byte icmp)
    {
        byte* transport = ip + at;
        if (Protocol is IpProtocol.Tcp or IpProtocol.Udp && at + 4 <= length)
        {
            SourcePort = Word(transport);
            DestinationPort = Word(transport + 2);
            Known |= FilterFields.Port | FilterFields.SourcePort | FilterFields.DestinationPort;
            if (Protocol == IpProtocol.Tcp && at + 14 <= length)
            {
                // The data offset counts as zero.
                TcpFlags = (ushort)(Word(transport + 12) & 0x0FFF);
                Known |= FilterFields.TcpFlags;
            }
        }
        else if (Protocol == icmp && at + 2 <= length)
        {
            IcmpType = transport[0];
            IcmpCode = transport[1];
            Known |= FilterFields.IcmpType | FilterFields.IcmpCode;
        }
    }

    private static byte FragmentBits(uint offset, bool more) =>
        (byte)(offset != 0 ? IsFragment | (more ? 0 : LastFragment) : more ? FirstFragment : 0);

    // RFC 7045, without what has no header behind it.
    private static bool IsExtension(byte next) => next is IpProtocol.HopByHop or IpProtocol.Routing or IpProtocol.Fragment
        or IpProtocol.DestinationOptions or IpProtocol.Ah or IpProtocol.Mobility or IpProtocol.Hip or IpProtocol.Shim6;

    private static ushort Word(byte* at) => BinaryPrimitives.ReverseEndianness(*(ushort*)at);
}
