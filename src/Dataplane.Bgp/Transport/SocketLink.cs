using System.Net;
using System.Net.Sockets;
using Dataplane.Net;

namespace Dataplane.Bgp.Transport;

/// <summary>A TCP connection.</summary>
public sealed class SocketLink : IByteLink
{
    private readonly Socket _socket;

    /// <summary>Takes over a connected socket.</summary>
    public SocketLink(Socket socket)
    {
        _socket = socket;
        var local = (IPEndPoint)socket.LocalEndPoint!;
        var remote = (IPEndPoint)socket.RemoteEndPoint!;
        Ends = new(IpAddress.From(local.Address), (ushort)local.Port, IpAddress.From(remote.Address), (ushort)remote.Port);
    }

    /// <inheritdoc/>
    public LinkEnds Ends { get; }

    internal Socket Socket => _socket;

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation) =>
        _socket.ReceiveAsync(into, SocketFlags.None, cancellation);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellation)
    {
        while (!octets.IsEmpty)
        {
            var sent = await _socket.SendAsync(octets, SocketFlags.None, cancellation).ConfigureAwait(false);
            octets = octets[sent..];
        }
    }

    /// <inheritdoc/>
    public void EndWrites() => _socket.Shutdown(SocketShutdown.Send);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
