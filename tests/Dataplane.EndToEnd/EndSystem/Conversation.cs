using System.Net;
using System.Net.Sockets;
using System.Text;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>A TCP connection to a workload, which hears what is said on it and says the same back.</summary>
public sealed class Conversation : IDisposable
{
    private readonly Socket _client;
    private readonly Socket _server;
    private readonly TimeSpan _patience;

    /// <summary>Connects.</summary>
    /// <param name="from">Where the client is.</param>
    /// <param name="to">Where the workload is.</param>
    /// <param name="address">The workload's address, of either family.</param>
    /// <param name="patience">How long words may take; <see cref="Command.Patience"/> unless told.</param>
    /// <param name="keepAlive">Whether the client asks every second, and gives up after three.</param>
    public Conversation(NetworkNamespace from, NetworkNamespace to, string address, TimeSpan? patience = null, bool keepAlive = false)
    {
        _patience = patience ?? Command.Patience;
        var end = IPAddress.Parse(address);
        using TcpListener listener = to.Join(() => new TcpListener(end, 0));
        listener.Start();
        _client = from.Join(() => new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        if (keepAlive)
        {
            _client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            _client.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 1);
            _client.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
            _client.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        }

        _client.Connect(listener.LocalEndpoint);
        _server = listener.AcceptSocket();
    }

    /// <summary>Has either end say something that the other hears.</summary>
    public void Exchange(string text)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        byte[] read = new byte[octets.Length];
        foreach ((Socket from, Socket to) in new[] { (_client, _server), (_server, _client) })
        {
            Assert.Equal(octets.Length, from.Send(octets));
            to.ReceiveTimeout = (int)_patience.TotalMilliseconds;
            Array.Clear(read);
            for (int at = 0; at < read.Length;)
            {
                int count = to.Receive(read.AsSpan(at));
                Assert.NotEqual(0, count);
                at += count;
            }

            Assert.Equal(octets, read);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }
}
