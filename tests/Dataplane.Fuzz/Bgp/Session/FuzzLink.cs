using Dataplane.Bgp.Transport;

namespace Dataplane.Fuzz.Bgp.Session;

/// <summary>The speaker's end of a connection whose other end is the test: octets that are sent wait until they are read; what is written is kept.</summary>
internal sealed class FuzzLink(LinkEnds ends) : IByteLink
{
    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _toRead = new();
    private readonly List<byte> _written = [];
    private TaskCompletionSource? _waiting;
    private ReadOnlyMemory<byte> _rest;
    private bool _isEnded;
    private bool _isBroken;

    public LinkEnds Ends { get; } = ends;

    /// <summary>Whether the speaker has let go of it.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Whether the speaker has read all there is, or never will.</summary>
    public bool IsRead
    {
        get
        {
            lock (_lock)
            {
                return IsDisposed || _isBroken || (_toRead.Count == 0 && _rest.IsEmpty && (_waiting is not null || _isEnded));
            }
        }
    }

    /// <summary>Takes what the speaker has written since the last time.</summary>
    public byte[] Take()
    {
        lock (_lock)
        {
            byte[] taken = [.. _written];
            _written.Clear();
            return taken;
        }
    }

    /// <summary>Has octets come from the peer.</summary>
    public void Send(byte[] octets)
    {
        lock (_lock)
        {
            if (octets.Length == 0 || _isEnded || IsDisposed)
            {
                return;
            }

            _toRead.Enqueue(octets);
            Signal();
        }
    }

    /// <summary>The peer writes no more, or the connection breaks.</summary>
    public void End(bool isBroken)
    {
        lock (_lock)
        {
            _isEnded = true;
            _isBroken |= isBroken;
            Signal();
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation)
    {
        while (true)
        {
            Task waiting;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                if (_isBroken)
                {
                    throw new IOException("connection reset");
                }

                if (_rest.IsEmpty && _toRead.TryDequeue(out byte[]? next))
                {
                    _rest = next;
                }

                if (!_rest.IsEmpty)
                {
                    var count = Math.Min(_rest.Length, into.Length);
                    _rest.Span[..count].CopyTo(into.Span);
                    _rest = _rest[count..];
                    return count;
                }

                if (_isEnded)
                {
                    return 0;
                }

                _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting = _waiting.Task;
            }

            await waiting.WaitAsync(cancellation);
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellation)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (_isBroken)
            {
                throw new IOException("connection reset");
            }

            _written.AddRange(octets.Span);
            return ValueTask.CompletedTask;
        }
    }

    public void EndWrites()
    {
    }

    public void Dispose()
    {
        lock (_lock)
        {
            IsDisposed = true;
            Signal();
        }
    }

    private void Signal()
    {
        _ = _waiting?.TrySetResult();
        _waiting = null;
    }
}
