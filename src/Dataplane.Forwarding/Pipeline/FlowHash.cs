using System.Runtime.CompilerServices;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// Flow hash that is the same for both directions of a flow: addresses, protocol and, where the packet shows them, the
/// ports of TCP, UDP and SCTP. Fragments and everything else hash on the addresses and the protocol.
/// </summary>
internal static unsafe class FlowHash
{
    /// <summary>Hash of an IPv4 packet of <paramref name="length"/> bytes with a checked header.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Of4(byte* ip, uint length)
    {
        uint source = *(uint*)(ip + 12);
        uint destination = *(uint*)(ip + 16);
        uint headerBytes = (uint)(ip[0] & 0x0F) * 4;
        bool fragment = (ip[6] & 0x3F | ip[7]) != 0;
        uint ports = fragment ? 0 : Ports(ip + headerBytes, ip[9], length - headerBytes);
        return Mix((ulong)(source ^ destination) << 32 | (source + destination), ports, ip[9]);
    }

    /// <summary>Hash of an IPv6 packet of <paramref name="length"/> bytes with a checked header.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Of6(byte* ip, uint length)
    {
        ulong high = *(ulong*)(ip + 8) ^ *(ulong*)(ip + 24);
        ulong low = *(ulong*)(ip + 16) + *(ulong*)(ip + 32);
        uint ports = Ports(ip + HeaderSize.Ipv6, ip[6], length - HeaderSize.Ipv6);
        return Mix(high * 0xC2B2AE3D27D4EB4F + low, ports, ip[6]);
    }

    // Symmetric: both the difference and the sum of the two ports survive an exchange.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Ports(byte* transport, byte protocol, uint available)
    {
        if (available < 4 || protocol is not (IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp))
            return 0;
        uint source = *(ushort*)transport;
        uint destination = *(ushort*)(transport + 2);
        return (source ^ destination) << 16 | (source + destination & 0xFFFF);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(ulong addresses, uint ports, uint protocol)
    {
        ulong hash = (addresses ^ (ulong)ports << 8 ^ protocol) * 0x9E3779B97F4A7C15;
        hash = (hash ^ hash >> 32 ^ ports) * 0xC2B2AE3D27D4EB4F;
        return (uint)(hash >> 32);
    }
}
