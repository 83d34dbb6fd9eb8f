using System.Buffers;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Transport;

/// <content>The reader.</content>
public sealed partial class BgpConnection
{
    // Takes the longest message from its start; what is left of a message at the end of a buffer begins the next one.
    private const int BufferSize = MessageHeader.MaximumExtended + 1;

    private readonly TaskCompletionSource _readerDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _room = new(0);
    private bool _allowsExtended;
    private int _waiting;
    private int _isReaderWaiting;

    /// <summary>Octets of buffers that wait for the routing thread.</summary>
    public int ReceivedBytes => Volatile.Read(ref _waiting);

    internal void Consumed(int octets)
    {
        if (Interlocked.Add(ref _waiting, -octets) <= _limits.ReceiveMark / 2)
        {
            ReleaseReader();
        }
    }

    private async Task ReadAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var filled = 0;
        Exception? failure = null;
        NotificationMessage? error = null;
        try
        {
            while (true)
            {
                await WaitForRoomAsync().ConfigureAwait(false);
                var count = await _link.ReadAsync(buffer.AsMemory(filled, BufferSize - filled), _ended.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                if (error is not null || IsClosing)
                {
                    filled = 0; // What follows an error, or our last word, is read only so that the peer can be told.
                    continue;
                }

                filled += count;
                (var whole, var messages) = Measure(buffer.AsSpan(0, filled), out error);
                if (whole == 0 && error is null)
                {
                    continue;
                }

                var next = ArrayPool<byte>.Shared.Rent(BufferSize);
                buffer.AsSpan(whole, filled - whole).CopyTo(next);
                filled -= whole;
                _counters.CountIn(messages, whole);
                Deliver(new(this, buffer, whole) { Error = error, ReceivedAt = _time.GetTimestamp() });
                buffer = next;
            }
        }
        catch (Exception exception) when (IsLinkFailure(exception))
        {
            failure = exception;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        Deliver(new(this, [], 0) { IsEnd = true, Failure = failure });
        _readerDone.SetResult();
    }

    /// <summary>How many octets at the start are whole messages.</summary>
    private (int Octets, int Messages) Measure(ReadOnlySpan<byte> octets, out NotificationMessage? error)
    {
        int at = 0, messages = 0;
        while (MessageHeader.Read(octets[at..], Volatile.Read(ref _allowsExtended), out MessageHeader header, out error) == FrameOutcome.Complete)
        {
            at += header.Length;
            messages++;
        }

        return (at, messages);
    }

    private void Deliver(ReceivedBatch batch)
    {
        _ = Interlocked.Add(ref _waiting, batch.Capacity);
        _received.Enqueue(batch);
        _observer.Readable(this);
    }

    // Order: say that we wait, then look again; whoever consumes later sees it.
    private async ValueTask WaitForRoomAsync()
    {
        while (Volatile.Read(ref _waiting) >= _limits.ReceiveMark && !IsClosing)
        {
            _ = Interlocked.Exchange(ref _isReaderWaiting, 1);
            if (Volatile.Read(ref _waiting) >= _limits.ReceiveMark && !IsClosing)
            {
                await _room.WaitAsync(_ended.Token).ConfigureAwait(false);
            }
        }
    }

    private void ReleaseReader()
    {
        if (Interlocked.Exchange(ref _isReaderWaiting, 0) == 1)
        {
            _ = _room.Release();
        }
    }

    private void DropReceived()
    {
        while (_received.TryDequeue(out ReceivedBatch? batch))
        {
            batch.Release();
        }
    }
}
