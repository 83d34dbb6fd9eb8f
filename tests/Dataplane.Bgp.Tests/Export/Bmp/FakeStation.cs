using System.Net;
using System.Net.Sockets;
using Dataplane.Bgp.Settings;
using Dataplane.Net;

namespace Dataplane.Bgp.Tests.Export.Bmp;

/// <summary>A station that keeps what it is sent, connection by connection, and reads only while it is told to.</summary>
public sealed class FakeStation : IDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<List<byte>> _connections = [];
    private readonly TaskCompletionSource _reads = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _current;

    public FakeStation(bool reads = true, ushort port = 0)
    {
        _listener = new(IPAddress.Loopback, port);

        // Small, so that a station which does not read is soon noticed; inherited by accepted sockets.
        _listener.Server.ReceiveBufferSize = 16 * 1024;
        _listener.Start();
        if (reads)
        {
            _reads.SetResult();
        }

        _ = Task.Run(AcceptAsync);
    }

    public ushort Port => (ushort)((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    public BmpSettings Settings(BmpViews views) => new()
    {
        Address = IpAddress.Parse("127.0.0.1"),
        Port = Port,
        Views = views,
        StatisticsInterval = TimeSpan.Zero,
        Retry = TimeSpan.FromMilliseconds(20),
        MaximumRetry = TimeSpan.FromMilliseconds(200),
    };

    public void Read() => _reads.TrySetResult();

    /// <summary>Closes the connection that is there.</summary>
    public void Drop() => _current?.Dispose();

    /// <summary>What came over the last connection.</summary>
    public byte[] Octets()
    {
        lock (_lock)
        {
            return _connections.Count == 0 ? [] : [.. _connections[^1]];
        }
    }

    public List<BmpSeen> Seen() => BmpStream.Parse(Octets());

    public void WaitUntil(string what, Func<List<BmpSeen>, bool> condition) => Wait.Until(what, () => condition(Seen()));

    public void Dispose()
    {
        _stop.Cancel();
        _reads.TrySetCanceled();
        _listener.Dispose();
        _current?.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                _current = socket;
                var octets = new List<byte>();
                lock (_lock)
                {
                    _connections.Add(octets);
                }

                _ = Task.Run(() => ReadAsync(socket, octets));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ReadAsync(Socket socket, List<byte> octets)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                await _reads.Task;
                var count = await socket.ReceiveAsync(buffer, _stop.Token);
                if (count == 0)
                {
                    return;
                }

                lock (_lock)
                {
                    octets.AddRange(buffer.AsSpan(0, count));
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}

/// <summary>Waits for what happens on other threads.</summary>
internal static class Wait
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static void Until(string what, Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"waited in vain for {what}");
            Thread.Sleep(5);
        }
    }
}
