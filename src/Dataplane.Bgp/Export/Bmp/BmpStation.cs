using System.Net;
using System.Net.Sockets;
using Dataplane.Bgp.Settings;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>Is told about the connections of a station, on the pool.</summary>
internal interface IBmpStationObserver
{
    /// <summary>There is a connection; it is to be sent everything.</summary>
    void Connected(BmpStation station, BmpSession session);

    /// <summary>The connection is over.</summary>
    void Disconnected(BmpStation station, BmpSession session);

    /// <summary>A session whose walk waited for room has some.</summary>
    void Drained();
}

/// <summary>
/// Keeps a connection to one station: connects, and when that fails or the connection ends, waits and connects again. The wait doubles up to
/// <see cref="BmpSettings.MaximumRetry"/>; it starts over after a connection that lasted longer than that.
/// </summary>
internal sealed class BmpStation : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    private readonly IBmpStationObserver _observer;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private long _connections;
    private long _failures;
    private volatile string? _lastError;

    public BmpStation(BmpSettings settings, IBmpStationObserver observer, TimeProvider time)
    {
        Settings = settings;
        _observer = observer;
        _time = time;
    }

    /// <summary>Where it is and what it is sent.</summary>
    public BmpSettings Settings { get; }

    /// <summary>Connections that were established.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Attempts that failed.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Why the last attempt failed.</summary>
    public string? LastError => _lastError;

    /// <summary>Begins to connect.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        TimeSpan wait = Settings.Retry;
        while (!_stop.IsCancellationRequested)
        {
            var start = _time.GetTimestamp();
            if (await ConnectAsync().ConfigureAwait(false) is { } socket)
            {
                _ = Interlocked.Increment(ref _connections);
                using var session = new BmpSession(socket, Settings.QueueBytes, _observer.Drained);
                _observer.Connected(this, session);
                await session.RunAsync(_stop.Token).ConfigureAwait(false);
                _observer.Disconnected(this, session);
            }

            wait = _time.GetElapsedTime(start) > Settings.MaximumRetry ? Settings.Retry : wait;
            try
            {
                await Task.Delay(wait, _time, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, Settings.MaximumRetry.Ticks));
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var to = new IPEndPoint(Settings.Address.ToSystem(), Settings.Port);
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(ConnectTime);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(to, limit.Token).ConfigureAwait(false);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            if (!_stop.IsCancellationRequested)
            {
                _ = Interlocked.Increment(ref _failures);
                _lastError = exception is SocketException ? exception.Message : "no answer";
            }

            return null;
        }
    }
}
