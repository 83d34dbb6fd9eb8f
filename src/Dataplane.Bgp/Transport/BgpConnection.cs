using System.Collections.Concurrent;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Transport;

/// <summary>Is told by a connection, on a thread of the pool, that there is something to do; must not block.</summary>
public interface IConnectionObserver
{
    /// <summary>There is something to take with <see cref="BgpConnection.TryReceive"/>.</summary>
    void Readable(BgpConnection connection);

    /// <summary>The queue, which had refused a buffer, is down to its low mark.</summary>
    void Drained(BgpConnection connection);
}

/// <summary>The bounds of a connection.</summary>
public sealed record ConnectionLimits
{
    /// <summary>Octets waiting to be written beyond which <see cref="BgpConnection.TrySend"/> refuses.</summary>
    public int SendHighMark { get; init; } = 4 << 20;

    /// <summary>Octets waiting at which a connection that has refused says that it takes more.</summary>
    public int SendLowMark => SendHighMark / 2;

    /// <summary>Octets of buffers that may wait for the routing thread before reading stops.</summary>
    public int ReceiveMark { get; init; } = 1 << 20;

    /// <summary>How long a closed connection may take to deliver its last message and be closed by the peer.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>
/// A connection to a peer: a reader that cuts what comes into messages, a writer with a bounded queue, and a close that delivers a last
/// message. All members may be called from any thread; one thread receives.
/// <para>
/// Memory is bounded on both sides. What waits for the routing thread is counted in buffers, not in octets, since a peer may send many small
/// pieces; at the mark reading stops, and TCP stops the peer. What waits for the peer is refused at the high mark; the caller keeps its routes
/// as "to be sent" and coalesces them until <see cref="IConnectionObserver.Drained"/>. Messages of the session itself, which are few, are always
/// taken.
/// </para>
/// </summary>
public sealed partial class BgpConnection
{
    private readonly IByteLink _link;
    private readonly ConnectionLimits _limits;
    private readonly IConnectionObserver _observer;
    private readonly TransportCounters _counters;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentQueue<ReceivedBatch> _received = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isStarted;
    private int _isClosing;

    /// <summary>Takes over a link.</summary>
    /// <param name="link">The link; the connection disposes it.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="observer">Who is told.</param>
    /// <param name="counters">What is counted.</param>
    /// <param name="time">Time, for the end of lingering.</param>
    public BgpConnection(IByteLink link, ConnectionLimits limits, IConnectionObserver observer, TransportCounters counters, TimeProvider time)
    {
        _link = link;
        _limits = limits;
        _observer = observer;
        _counters = counters;
        _time = time;
        Ends = link.Ends;
        counters.CountConnection();
    }

    /// <summary>Both ends.</summary>
    public LinkEnds Ends { get; }

    /// <summary>Completes when the link has been disposed; tests and an orderly shutdown wait for it.</summary>
    public Task Closed => _closed.Task;

    private bool IsClosing => Volatile.Read(ref _isClosing) != 0;

    /// <summary>Begins to read.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            _ = Task.Run(ReadAsync);
        }
    }

    /// <summary>Allows messages of up to 65,535 octets; to be called before the KEEPALIVE that answers the peer's OPEN is sent (RFC 8654).</summary>
    public void AllowExtendedMessages() => Volatile.Write(ref _allowsExtended, true);

    /// <summary>Takes what has been received, if anything was.</summary>
    public bool TryReceive(out ReceivedBatch batch)
    {
        if (_received.TryDequeue(out ReceivedBatch? next))
        {
            batch = next;
            return true;
        }

        batch = null!;
        return false;
    }

    /// <summary>
    /// Closes the connection. What waits to be written is dropped, but for what the writer has begun; then the notification is written, the peer is
    /// told that nothing follows, and what it still sends is read and dropped until it closes too, so that no reset overtakes the
    /// notification. After <see cref="ConnectionLimits.Linger"/> the link is cut off in any case. Returns at once.
    /// </summary>
    /// <param name="last">The last message; null: none.</param>
    public void Close(NotificationMessage? last)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            if (Interlocked.Exchange(ref _isStarted, 1) == 0)
            {
                _readerDone.SetResult();
            }

            _ = Task.Run(() => CloseAsync(last));
        }
    }

    private async Task CloseAsync(NotificationMessage? last)
    {
        using var limit = new CancellationTokenSource(_limits.Linger, _time);
        using CancellationTokenRegistration cutOff = limit.Token.Register(static link => ((IByteLink)link!).Dispose(), _link);
        try
        {
            Task written = FinishWritesAsync(last is null ? null : SharedBuffer.Of(last.Encode()));
            if (last is not null)
            {
                await written.ConfigureAwait(false);
                _link.EndWrites();
                ReleaseReader();
                await _readerDone.Task.WaitAsync(limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (IsLinkFailure(exception))
        {
            // The peer is gone, or does not read; nobody here is interested any more.
        }
        finally
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            _link.Dispose();
            ReleaseReader();
            await _readerDone.Task.ConfigureAwait(false);
            DropReceived();
            DropQueue(alsoControl: true);
            _ = _closed.TrySetResult();
        }
    }

    private static bool IsLinkFailure(Exception exception) =>
        exception is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or OperationCanceledException;
}
