using System.Buffers;

namespace Dataplane.Bgp.Transport;

/// <content>The writer: runs while there is something to write.</content>
public sealed partial class BgpConnection
{
    // Small buffers are joined, so that one call of the kernel takes many.
    private const int JoinSize = 64 << 10;

    private readonly object _sendLock = new();
    private readonly Queue<(SharedBuffer Buffer, bool IsControl)> _queue = new();
    private int _queuedBytes;
    private long _sentOctets;
    private bool _isWriting;
    private bool _hasRefused;
    private bool _isFinishing;
    private TaskCompletionSource? _writerIdle;

    /// <summary>Octets that wait to be written, those being written included.</summary>
    public int QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>Octets that TCP has taken.</summary>
    public long SentOctets => Interlocked.Read(ref _sentOctets);

    /// <summary>Queues routes to be written.</summary>
    /// <param name="buffer">Whole messages; when they are taken the connection holds a reference of its own until they are written.</param>
    /// <returns>False, and nothing is taken, when the queue is above its high mark or the connection is closing.</returns>
    public bool TrySend(SharedBuffer buffer) => Enqueue(buffer, isControl: false);

    /// <summary>
    /// Whether <see cref="TrySend"/> would take a buffer now; when not, <see cref="IConnectionObserver.Drained"/> follows. Asked before routes are
    /// encoded for many connections at once.
    /// </summary>
    public bool HasRoom
    {
        get
        {
            lock (_sendLock)
            {
                var isFull = _queuedBytes >= _limits.SendHighMark;
                _hasRefused |= isFull;
                return !isFull && !_isFinishing && !IsClosing;
            }
        }
    }

    /// <summary>Queues routes that were encoded while there was room: taken although the queue may be above its mark by now.</summary>
    public bool Send(SharedBuffer buffer) => Enqueue(buffer, isControl: false, isBounded: false);

    /// <summary>Queues a message of the session itself: OPEN, KEEPALIVE, ROUTE-REFRESH. Taken unless the connection is closing.</summary>
    public bool SendControl(SharedBuffer buffer) => Enqueue(buffer, isControl: true);

    private bool Enqueue(SharedBuffer buffer, bool isControl, bool isBounded = true)
    {
        lock (_sendLock)
        {
            if (_isFinishing || IsClosing)
            {
                return false;
            }

            if (!isControl && isBounded && _queuedBytes >= _limits.SendHighMark)
            {
                _hasRefused = true;
                return false;
            }

            buffer.Acquire();
            _queue.Enqueue((buffer, isControl));
            _queuedBytes += buffer.Length;
            StartWriter();
        }

        return true;
    }

    private void StartWriter()
    {
        if (!_isWriting)
        {
            _isWriting = true;
            _ = Task.Run(WriteAsync);
        }
    }

    private async Task WriteAsync()
    {
        var joined = ArrayPool<byte>.Shared.Rent(JoinSize);
        try
        {
            while (TakeNext(joined, out SharedBuffer? large, out var count, out var messages))
            {
                try
                {
                    await _link.WriteAsync(large?.Memory ?? joined.AsMemory(0, count), _ended.Token).ConfigureAwait(false);
                }
                finally
                {
                    large?.Release();
                }

                _ = Interlocked.Add(ref _sentOctets, count);
                _counters.CountOut(messages, count);
                Written(count);
            }
        }
        catch (Exception exception) when (IsLinkFailure(exception))
        {
            // The reader sees the same failure, after what the peer has sent before, and reports it. What waits is of no use to anybody.
            lock (_sendLock)
            {
                _isFinishing = true;
                _isWriting = false;
                _ = _writerIdle?.TrySetResult();
            }

            DropQueue(alsoControl: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    /// <summary>Takes one large buffer or joins several small ones; ends the writer when there is nothing.</summary>
    private bool TakeNext(byte[] joined, out SharedBuffer? large, out int count, out int messages)
    {
        large = null;
        count = 0;
        messages = 0;
        lock (_sendLock)
        {
            while (_queue.TryPeek(out (SharedBuffer Buffer, bool) entry) && count + entry.Buffer.Length <= JoinSize)
            {
                SharedBuffer next = _queue.Dequeue().Buffer;
                next.Memory.CopyTo(joined.AsMemory(count));
                count += next.Length;
                messages += next.CountMessages();
                next.Release();
            }

            if (count == 0 && _queue.TryDequeue(out (SharedBuffer Buffer, bool) first))
            {
                large = first.Buffer;
                count = large.Length;
                messages = large.CountMessages();
            }

            if (count > 0)
            {
                return true;
            }

            _isWriting = false;
            _ = _writerIdle?.TrySetResult();
            return false;
        }
    }

    private void Written(int count)
    {
        bool isDrained;
        lock (_sendLock)
        {
            _queuedBytes -= count;
            isDrained = _hasRefused && _queuedBytes <= _limits.SendLowMark && !_isFinishing;
            _hasRefused &= !isDrained;
        }

        if (isDrained)
        {
            _observer.Drained(this);
        }
    }

    /// <summary>Drops the routes that wait, and writes a last message after what is being written.</summary>
    private Task FinishWritesAsync(SharedBuffer? last)
    {
        lock (_sendLock)
        {
            var hasFailed = _isFinishing;
            _isFinishing = true;
            DropQueue(alsoControl: hasFailed);
            if (hasFailed || last is null)
            {
                last?.Release();
            }
            else
            {
                _queue.Enqueue((last, true));
                _queuedBytes += last.Length;
                StartWriter();
            }

            if (!_isWriting)
            {
                return Task.CompletedTask;
            }

            _writerIdle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _writerIdle.Task;
        }
    }

    private void DropQueue(bool alsoControl)
    {
        lock (_sendLock)
        {
            for (var left = _queue.Count; left > 0; left--)
            {
                (SharedBuffer buffer, var isControl) = _queue.Dequeue();
                if (isControl && !alsoControl)
                {
                    _queue.Enqueue((buffer, isControl));
                    continue;
                }

                _queuedBytes -= buffer.Length;
                buffer.Release();
            }
        }
    }
}
