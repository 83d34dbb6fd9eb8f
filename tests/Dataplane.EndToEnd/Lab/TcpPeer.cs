using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Dataplane.EndToEnd.Lab;

/// <summary>
/// A TCP server in a guest's namespace: reads each connection to its end, then answers with a fixed text or with the SHA-256
/// of what it read.
/// </summary>
public sealed class TcpPeer : IDisposable
{
    private const int PatienceMs = 60_000;
    private readonly Socket _listener;
    private readonly byte[]? _answer;

    private TcpPeer(Socket listener, byte[]? answer)
    {
        (_listener, _answer) = (listener, answer);
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Starts a server on a free port; without <paramref name="answer"/> it answers with the digest.</summary>
    public static TcpPeer Listen(Guest guest, string address, byte[]? answer)
    {
        Socket listener = guest.Space.Join(() => CreateSocket(address));
        listener.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        listener.Listen();
        return new TcpPeer(listener, answer);
    }

    /// <summary>Connects from a guest, sends everything, closes that direction and returns the answer.</summary>
    public static byte[] Exchange(Guest guest, string address, int port, byte[] data)
    {
        using Socket socket = guest.Space.Join(() => CreateSocket(address));
        socket.Connect(IPAddress.Parse(address), port);
        for (int sent = 0; sent < data.Length;)
        {
            sent += socket.Send(data.AsSpan(sent));
        }

        socket.Shutdown(SocketShutdown.Send);
        return ReadToEnd(socket);
    }

    /// <summary>What the server is expected to answer to <paramref name="data"/>.</summary>
    public byte[] Digest(byte[] data) => _answer ?? SHA256.HashData(data);

    public void Dispose() => _listener.Dispose();

    private static Socket CreateSocket(string address) =>
        new(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = PatienceMs, ReceiveTimeout = PatienceMs };

    private static byte[] ReadToEnd(Socket socket)
    {
        using MemoryStream all = new();
        byte[] block = new byte[65536];
        int count;
        while ((count = socket.Receive(block)) > 0)
        {
            all.Write(block, 0, count);
        }

        return all.ToArray();
    }

    private void Serve()
    {
        try
        {
            while (true)
            {
                using Socket connection = _listener.Accept();
                connection.ReceiveTimeout = PatienceMs;
                _ = connection.Send(Digest(ReadToEnd(connection)));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was closed, or a client went away: the test that cares has seen it.
        }
    }
}
