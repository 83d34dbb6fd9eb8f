using System.Buffers;
using System.Text;

namespace Dataplane.Xmpp.Sessions;

/// <content>The writer: has its turns while there is something to write, one at a time.</content>
internal sealed partial class XmppSession
{
    // What one TLS record takes; small stanzas are joined, large ones written as they are.
    private const int JoinOctets = 16 << 10;

    // So much, and other sessions write first.
    private const int TurnOctets = 64 << 10;

    private readonly object _sendLock = new();
    private readonly Queue<Queued> _queue = new();
    private long _queuedOctets;
    private int _controlOctets;
    private long _writingSince = long.MaxValue;
    private bool _isWriting;
    private bool _hasRefused;
    private bool _hasFailed;
    private TaskCompletionSource? _writerIdle;

    /// <inheritdoc/>
    public long QueuedOctets => Interlocked.Read(ref _queuedOctets);

    /// <inheritdoc/>
    public bool TrySend(ReadOnlyMemory<byte> stanza) => TryQueue(new Queued(stanza, null, IsControl: false));

    /// <inheritdoc/>
    public bool TrySendShared(AddressedStanzas stanzas, ReadOnlyMemory<byte> to) => TryQueue(new Queued(to, stanzas, IsControl: false));

    private bool TryQueue(in Queued stanzas)
    {
        lock (_sendLock)
        {
            if (IsOver || _hasFailed)
            {
                return false;
            }

            if (_queuedOctets >= _settings.SendQueueOctets)
            {
                _hasRefused = true;
                _counters.CountRefusedSend();
                return false;
            }

            Enqueue(stanzas);
            return true;
        }
    }

    // Our own answers are taken beyond the bound; reading stops before they are too many.
    private void SendControl(ReadOnlyMemory<byte> octets)
    {
        lock (_sendLock)
        {
            if (!IsOver && !_hasFailed)
            {
                Enqueue(new(octets, null, IsControl: true));
            }
        }
    }

    // Under the lock.
    private void Enqueue(in Queued queued)
    {
        _queue.Enqueue(queued);
        _queuedOctets += queued.Length;
        _controlOctets += queued.IsControl ? queued.Length : 0;
        if (!_isWriting)
        {
            _isWriting = true;
            _context.Writers.Add(this);
        }
    }

    /// <summary>Writes what is queued; returns when that is done, was much, or the peer does not take it at once. Called by <see cref="SessionWriters"/>.</summary>
    internal void WriteQueued() => _ = WriteAsync();

    private async Task WriteAsync()
    {
        byte[]? joined = null;
        int written = 0;
        try
        {
            while (TakeNext(ref joined, out ReadOnlyMemory<byte> octets, out int control))
            {
                Volatile.Write(ref _writingSince, _loop.Time.GetTimestamp());
                await _transport.WriteAsync(octets, _cutOff.Token).ConfigureAwait(false);
                Volatile.Write(ref _writingSince, long.MaxValue);
                _counters.CountOut(octets.Length);
                Written(octets.Length, control);
                written += octets.Length;
                if (written >= TurnOctets && _context.Writers.HasMore)
                {
                    _context.Writers.Add(this);
                    break;
                }
            }
        }
        catch (Exception exception) when (StreamTransport.IsFailure(exception))
        {
            lock (_sendLock)
            {
                _hasFailed = true;
                _isWriting = false;
                _ = _writerIdle?.TrySetResult();
            }

            DropQueue();
            ReleaseReader();
            End(new(SessionEndReason.Lost, null, exception.Message), "");
        }
        finally
        {
            if (joined is not null)
            {
                ArrayPool<byte>.Shared.Return(joined);
            }
        }
    }

    /// <summary>Takes one large piece or joins several small ones; ends the writer when there is nothing. What is put together is in the buffer.</summary>
    private bool TakeNext(ref byte[]? joined, out ReadOnlyMemory<byte> octets, out int control)
    {
        control = 0;
        lock (_sendLock)
        {
            if (!_queue.TryDequeue(out Queued first))
            {
                octets = default;
                _isWriting = false;
                _ = _writerIdle?.TrySetResult();
                return false;
            }

            int count = first.Length;
            control = first.IsControl ? count : 0;
            bool isAlone = _queue.Count == 0 || count >= JoinOctets;
            if (isAlone && first.Stanzas is null)
            {
                octets = first.Octets;
                return true;
            }

            if (joined is null || joined.Length < count)
            {
                byte[]? small = joined;
                joined = ArrayPool<byte>.Shared.Rent(Math.Max(count, JoinOctets));
                if (small is not null)
                {
                    ArrayPool<byte>.Shared.Return(small);
                }
            }

            first.CopyTo(joined);
            while (!isAlone && _queue.TryPeek(out Queued next) && count + next.Length <= JoinOctets)
            {
                _ = _queue.Dequeue();
                next.CopyTo(joined.AsSpan(count));
                count += next.Length;
                control += next.IsControl ? next.Length : 0;
            }

            octets = joined.AsMemory(0, count);
            return true;
        }
    }

    private void Written(int octets, int control)
    {
        bool isDrained;
        lock (_sendLock)
        {
            _queuedOctets -= octets;
            _controlOctets -= control;
            isDrained = _hasRefused && _queuedOctets <= _settings.SendQueueLowWater;
            _hasRefused &= !isDrained;
        }

        if (control > 0)
        {
            ReleaseReader();
        }

        if (isDrained)
        {
            lock (_inboxLock)
            {
                _hasDrained = true;
                Schedule();
            }
        }
    }

    /// <summary>Writes what is queued and a last text. Called once, when nothing is queued any more by others.</summary>
    private Task FinishWritesAsync(string last)
    {
        lock (_sendLock)
        {
            if (_hasFailed)
            {
                return Task.CompletedTask;
            }

            Enqueue(new(Encoding.UTF8.GetBytes(last), null, IsControl: true));
            _writerIdle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _writerIdle.Task;
        }
    }

    private void DropQueue()
    {
        lock (_sendLock)
        {
            _queue.Clear();
            _queuedOctets = 0;
            _controlOctets = 0;
        }
    }

    // What waits: octets as they are; or stanzas shared with others, and the address that goes into them.
    private readonly record struct Queued(ReadOnlyMemory<byte> Octets, AddressedStanzas? Stanzas, bool IsControl)
    {
        public int Length => Stanzas?.LengthFor(Octets.Length) ?? Octets.Length;

        public void CopyTo(Span<byte> into)
        {
            if (Stanzas is null)
            {
                Octets.Span.CopyTo(into);
            }
            else
            {
                Stanzas.CopyTo(into, Octets.Span);
            }
        }
    }
}
