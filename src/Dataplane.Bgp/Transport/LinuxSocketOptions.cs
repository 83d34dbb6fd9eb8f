using System.Net.Sockets;

namespace Dataplane.Bgp.Transport;

/// <summary>Options of Linux sockets that .NET has no names for: numbers of <c>linux/tcp.h</c>, <c>linux/in.h</c>, <c>linux/in6.h</c> and <c>asm-generic/socket.h</c>.</summary>
internal static class LinuxSocketOptions
{
    private const int LevelSocket = 1;
    private const int LevelIp = 0;
    private const int LevelTcp = 6;
    private const int LevelIpv6 = 41;

    private const int ReuseAddress = 2;
    private const int AttachFilterOption = 26;
    private const int DetachFilterOption = 27;
    private const int IpTtl = 2;
    private const int IpMinTtl = 21;
    private const int Ipv6UnicastHops = 16;
    private const int Ipv6MinHopCount = 73;
    private const int TcpMd5Sig = 14;
    private const int TcpMd5SigExt = 32;

    private const int SystemDefault = -1;

    /// <summary>Lets a listener be bound while connections of an earlier one linger.</summary>
    internal static void SetReuseAddress(Socket socket) => Set(socket, LevelSocket, ReuseAddress, 1);

    /// <summary>Sets the TTL or hop limit of what is sent; 0: the system's default.</summary>
    internal static void SetHops(Socket socket, byte hops)
    {
        var value = hops == 0 ? SystemDefault : hops;
        if (IsV6(socket))
        {
            Set(socket, LevelIpv6, Ipv6UnicastHops, value);
        }
        else
        {
            Set(socket, LevelIp, IpTtl, value);
        }
    }

    /// <summary>Has the kernel drop what arrives with fewer hops left (RFC 5082); 0: nothing.</summary>
    internal static void SetMinimumHops(Socket socket, byte hops)
    {
        if (IsV6(socket))
        {
            Set(socket, LevelIpv6, Ipv6MinHopCount, hops);
        }
        else
        {
            Set(socket, LevelIp, IpMinTtl, hops);
        }
    }

    /// <summary>Attaches a filter in place of the one that is there; <paramref name="program"/> is a <c>sock_fprog</c> whose pointer is valid during the call.</summary>
    internal static void AttachFilter(Socket socket, ReadOnlySpan<byte> program) =>
        socket.SetRawSocketOption(LevelSocket, AttachFilterOption, program);

    /// <summary>Takes the filter away that an accepted socket has of its listener.</summary>
    internal static void DetachFilter(Socket socket) => Set(socket, LevelSocket, DetachFilterOption, 0);

    /// <summary>Sets or removes a TCP-MD5 key for an address.</summary>
    internal static void SetMd5(Socket socket, ReadOnlySpan<byte> tcpMd5Sig) => socket.SetRawSocketOption(LevelTcp, TcpMd5Sig, tcpMd5Sig);

    /// <summary>Sets or removes a TCP-MD5 key for a prefix.</summary>
    internal static void SetMd5Prefix(Socket socket, ReadOnlySpan<byte> tcpMd5Sig) => socket.SetRawSocketOption(LevelTcp, TcpMd5SigExt, tcpMd5Sig);

    private static bool IsV6(Socket socket) => socket.AddressFamily == AddressFamily.InterNetworkV6;

    private static void Set(Socket socket, int level, int name, int value)
    {
        Span<byte> octets = stackalloc byte[sizeof(int)];
        System.Runtime.InteropServices.MemoryMarshal.Write(octets, value);
        socket.SetRawSocketOption(level, name, octets);
    }
}
