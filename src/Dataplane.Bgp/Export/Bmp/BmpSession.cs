using System.Net.Sockets;
using System.Threading.Channels;
using Dataplane.Bgp.Transport;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>
/// One TCP connection to a station: a queue of bounded octets, filled by the routing thread and written on the pool. A station that does not
/// read makes nobody wait: beyond the bound the connection is cut, and the station starts over with the next one.
/// </summary>
internal sealed class BmpSession : IDisposable
{
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(2);

    private readonly Socket _socket;
    private readonly int _limit;
    private readonly Action _drained;
    private readonly Channel<SharedBuffer> _queue = Channel.CreateUnbounded<SharedBuffer>(new() { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _cut = new();
    private long _queued;
    private long _written;
    private int _wantsRoom;

    /// <summary>Takes over a connected socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="limit">The most octets that wait.</param>
    /// <param name="drained">Told on the pool when <see cref="HasRoom"/> was false and is true again.</param>
    public BmpSession(Socket socket, int limit, Action drained)
    {
        _socket = socket;
        _limit = limit;
        _drained = drained;
    }

    /// <summary>Octets that wait.</summary>
    public long Queued => Interlocked.Read(ref _queued);

    /// <summary>Octets given to TCP.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Whether it was cut because it did not read.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Whether less than half of the queue is taken: a walk over the tables goes on.</summary>
    public bool HasRoom
    {
        get
        {
            if (Queued < _limit / 2)
            {
                return true;
            }

            // Order: say that we wait, then look again; the writer looks at the flag behind its subtraction.
            _ = Interlocked.Exchange(ref _wantsRoom, 1);
            return Queued < _limit / 2;
        }
    }

    /// <summary>Queues whole messages; cuts the connection when there is no room for them. Routing thread.</summary>
    /// <param name="messages">The session adds a reference of its own.</param>
    /// <returns>False when the session is over.</returns>
    public bool TrySend(SharedBuffer messages)
    {
        if (_cut.IsCancellationRequested)
        {
            return false;
        }

        if (Interlocked.Add(ref _queued, messages.Length) > _limit)
        {
            WasCut = true;
            _cut.Cancel();
            return false;
        }

        messages.Acquire();
        if (!_queue.Writer.TryWrite(messages))
        {
            messages.Release();
            return false;
        }

        return true;
    }

    /// <summary>Nothing more is queued: the connection ends when what waits has been written, or after two seconds.</summary>
    public void Finish()
    {
        _ = _queue.Writer.TryComplete();
        _cut.CancelAfter(FinishTime);
    }

    /// <summary>Writes until the connection ends; returns then, whatever ended it. Once.</summary>
    /// <param name="stop">Finishes it: what waits, a termination message last, is still written.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token);
        using CancellationTokenRegistration stopping = stop.UnsafeRegister(static session => ((BmpSession)session!).Finish(), this);
        Task reading = WatchAsync(end);
        try
        {
            await foreach (SharedBuffer messages in _queue.Reader.ReadAllAsync(end.Token).ConfigureAwait(false))
            {
                try
                {
                    await WriteAsync(messages.Memory, end.Token).ConfigureAwait(false);
                }
                finally
                {
                    messages.Release();
                }
            }

            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The station is gone, was cut, or takes too long to the end: the caller sees it by this method's return.
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            _ = _queue.Writer.TryComplete();
            while (_queue.Reader.TryRead(out SharedBuffer? left))
            {
                left.Release();
            }

            _socket.Dispose();
            await reading.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Closes the socket. The pool does this when the connection has ended, and the routing thread, which has yet to hear of it, may still call
    /// <see cref="TrySend"/> and <see cref="Finish"/>: so <c>_cut</c>, which holds nothing but a timer that runs out, is left to the collector.
    /// </summary>
    public void Dispose() => _socket.Dispose();

    private async Task WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken end)
    {
        while (!octets.IsEmpty)
        {
            var written = await _socket.SendAsync(octets, end).ConfigureAwait(false);
            octets = octets[written..];
            _ = Interlocked.Add(ref _written, written);
            if (Interlocked.Add(ref _queued, -written) < _limit / 2 && Interlocked.Exchange(ref _wantsRoom, 0) == 1)
            {
                _drained();
            }
        }
    }

    // A station sends nothing (RFC 7854 §3.2); reading tells when it closes.
    private async Task WatchAsync(CancellationTokenSource end)
    {
        var ignored = new byte[256];
        try
        {
            while (await _socket.ReceiveAsync(ignored, end.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // As at the end of the stream.
        }

        try
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The writer ended first.
        }
    }
}
