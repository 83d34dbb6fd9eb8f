using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// What a packet shows of its flow: addresses, protocol, and the ports of TCP, UDP and SCTP or, in the place of both, the
/// identifier of an ICMP echo. Fragments show no ports, the first one neither, so that all of a datagram are alike; and
/// so does everything else. IPv6 extension headers are passed over, since the two directions may have different ones.
/// Words are what little-endian loads see; an IPv6 address is folded into 32 bits.
/// </summary>
/// <param name="Source">Source address.</param>
/// <param name="Destination">Destination address.</param>
/// <param name="Ports">Source port in bits 15–0, destination port in bits 31–16.</param>
/// <param name="Protocol">IP protocol; of a fragment over IPv6 <see cref="IpProtocol.Fragment"/>.</param>
internal readonly unsafe record struct FlowTuple(uint Source, uint Destination, uint Ports, uint Protocol)
{
    /// <summary>Most extension headers that are passed over.</summary>
    internal const int MaxExtensionHeaders = 8;

    /// <summary>The flow of an IPv4 packet of <paramref name="length"/> bytes with a checked header.</summary>
    internal static FlowTuple Of4(byte* ip, uint length)
    {
        uint headerBytes = (uint)(ip[0] & 0x0F) * 4;
        bool fragment = (ip[6] & 0x3F | ip[7]) != 0;
        uint ports = fragment || headerBytes > length ? 0 : PortsOf(ip[9], ip + headerBytes, length - headerBytes);
        return new FlowTuple(*(uint*)(ip + 12), *(uint*)(ip + 16), ports, ip[9]);
    }

    /// <summary>The flow of an IPv6 packet of <paramref name="length"/> bytes with a checked header.</summary>
    internal static FlowTuple Of6(byte* ip, uint length)
    {
        byte protocol = ip[6];
        uint at = HeaderSize.Ipv6;
        for (int i = 0; i < MaxExtensionHeaders && at + 8 <= length; i++)
        {
            uint bytes;
            switch (protocol)
            {
                case IpProtocol.HopByHop or IpProtocol.Routing or IpProtocol.DestinationOptions
                    or IpProtocol.Mobility or IpProtocol.Hip or IpProtocol.Shim6:
                    bytes = (ip[at + 1] + 1u) * 8;
                    break;
                case IpProtocol.Ah:
                    bytes = (ip[at + 1] + 2u) * 4;
                    break;
                case IpProtocol.Fragment when (ip[at + 2] | ip[at + 3] & 0xF9) == 0:
                    bytes = HeaderSize.Ipv6Fragment; // "atomic": nothing is missing (RFC 6946)
                    break;
                default:
                    return Ended(ip, protocol, at, length);
            }
            protocol = ip[at];
            at += bytes;
        }
        return Ended(ip, protocol, at, length);
    }

    /// <summary>1 for protocols that begin with two ports, 2 for ICMP, by protocol.</summary>
    internal static ReadOnlySpan<byte> PortKinds =>
    [
        0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>Value of <see cref="PortKinds"/> for TCP, UDP and SCTP.</summary>
    internal const byte TwoPorts = 1;

    private const byte Echo = 2;

    private static FlowTuple Ended(byte* ip, byte protocol, uint at, uint length)
    {
        uint ports = at > length ? 0 : PortsOf(protocol, ip + at, length - at);
        return new FlowTuple(FlowHash.Fold(ip + 8), FlowHash.Fold(ip + 24), ports, protocol);
    }

    private static uint PortsOf(byte protocol, byte* transport, uint available)
    {
        byte kind = PortKinds[protocol];
        if (kind == TwoPorts && available >= 4)
            return *(uint*)transport;
        if (kind != Echo || available < 8)
            return 0;
        // Request and reply: 8 and 0, over IPv6 128 and 129.
        bool echo = protocol == IpProtocol.Icmp ? (transport[0] & ~8) == 0 : (transport[0] & ~1) == 128;
        return echo ? *(ushort*)(transport + 4) * 0x10001u : 0;
    }
}
