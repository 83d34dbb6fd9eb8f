using System.Net;
using System.Net.Sockets;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>A BMP station that takes what it is told; what that was, a capture tells.</summary>
public sealed class BmpStation : IDisposable
{
    public const int Port = 11019;
    private readonly TcpListener _listener;
    private readonly Thread _thread;
    private volatile bool _isDisposed;

    public BmpStation(BgpNetwork network, int number)
    {
        _listener = network.Space.Join(() =>
        {
            TcpListener listener = new(IPAddress.Parse(BgpNetwork.Address(number)), Port);
            listener.Start();
            return listener;
        });
        _thread = new Thread(Read) { IsBackground = true, Name = "BMP station" };
        _thread.Start();
    }

    public void Dispose()
    {
        _isDisposed = true;
        _listener.Dispose();
        _thread.Join();
    }

    private void Read()
    {
        byte[] buffer = new byte[65536];
        while (!_isDisposed)
        {
            try
            {
                using Socket connection = _listener.AcceptSocket();
                connection.ReceiveTimeout = 500;
                while (!_isDisposed)
                {
                    try
                    {
                        if (connection.Receive(buffer) == 0)
                        {
                            break;
                        }
                    }
                    catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
                    {
                        // Nothing was said for a while.
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // The connection was lost, or the station is closing.
            }
        }
    }
}
