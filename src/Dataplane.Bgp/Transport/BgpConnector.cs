using System.Net;
using System.Net.Sockets;
using Dataplane.Bgp.Settings;
using Dataplane.Net;
using AddressFamily = Dataplane.Net.AddressFamily;

namespace Dataplane.Bgp.Transport;

/// <summary>Makes connections to peers. Tests put memory in its place.</summary>
public interface IBgpConnector
{
    /// <summary>Connects.</summary>
    /// <param name="peer">To whom, from where, and with what key.</param>
    /// <param name="hops">TTL or hop limit.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SocketException">There is no connection.</exception>
    Task<IByteLink> ConnectAsync(PeerSettings peer, HopPolicy hops, CancellationToken cancellation);
}

/// <summary>Makes TCP connections to peers.</summary>
public sealed class BgpConnector : IBgpConnector
{
    private const int KeepaliveIdleSeconds = 30;
    private const int KeepaliveIntervalSeconds = 10;
    private const int KeepaliveProbes = 3;

    /// <inheritdoc/>
    public async Task<IByteLink> ConnectAsync(PeerSettings peer, HopPolicy hops, CancellationToken cancellation)
    {
        PeerTransportSettings transport = peer.Transport;
        Socket socket = CreateSocket(peer.Address.Family);
        try
        {
            SetOptions(socket, hops);
            if (transport.Password is { } password)
            {
                Md5Key.Set(socket, IpPrefix.Host(peer.Address), password);
            }

            if (transport.LocalAddress is { } local)
            {
                socket.Bind(new IPEndPoint(local.ToSystem(), 0));
            }

            await socket.ConnectAsync(new IPEndPoint(peer.Address.ToSystem(), peer.Port), cancellation).ConfigureAwait(false);
            return new SocketLink(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal static Socket CreateSocket(AddressFamily family) => new(
        family == AddressFamily.Ipv6 ? System.Net.Sockets.AddressFamily.InterNetworkV6 : System.Net.Sockets.AddressFamily.InterNetwork,
        SocketType.Stream,
        ProtocolType.Tcp);

    /// <summary>What connections in both directions have: no delay of small messages, probes of a silent peer's host, hop limits.</summary>
    internal static void SetOptions(Socket socket, HopPolicy hops)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepaliveIdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepaliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepaliveProbes);
        LinuxSocketOptions.SetHops(socket, hops.Send);
        LinuxSocketOptions.SetMinimumHops(socket, hops.Minimum);
    }
}
