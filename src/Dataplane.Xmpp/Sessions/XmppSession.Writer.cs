using System.Buffers;
using System.Text;

namespace Dataplane.Xmpp.Sessions;

/// <content>The writer: runs while there is something to write.</content>
internal sealed partial class XmppSession
{
    // What one TLS record takes; small stanzas are joined, large ones written as they are.
    private const int JoinOctets = 16 << 10;

    private readonly object _sendLock = new();
    private readonly Queue<(ReadOnlyMemory<byte> Octets, bool IsControl)> _queue = new();
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
    public bool TrySend(ReadOnlyMemory<byte> stanza)
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

            Enqueue(stanza, isControl: false);
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
                Enqueue(octets, isControl: true);
            }
        }
    }

    // Under the lock.
    private void Enqueue(ReadOnlyMemory<byte> octets, bool isControl)
    {
        _queue.Enqueue((octets, isControl));
        _queuedOctets += octets.Length;
        _controlOctets += isControl ? octets.Length : 0;
        if (!_isWriting)
        {
            _isWriting = true;
            _ = Task.Run(WriteAsync);
        }
    }

    private async Task WriteAsync()
    {
        byte[]? joined = null;
        try
        {
            while (TakeNext(ref joined, out ReadOnlyMemory<byte> octets, out int control))
            {
                Volatile.Write(ref _writingSince, _loop.Time.GetTimestamp());
                await _transport.WriteAsync(octets, _cutOff.Token).ConfigureAwait(false);
                Volatile.Write(ref _writingSince, long.MaxValue);
                _counters.CountOut(octets.Length);
                Written(octets.Length, control);
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

    /// <summary>Takes one large piece or joins several small ones; ends the writer when there is nothing.</summary>
    private bool TakeNext(ref byte[]? joined, out ReadOnlyMemory<byte> octets, out int control)
    {
        control = 0;
        lock (_sendLock)
        {
            if (!_queue.TryDequeue(out (ReadOnlyMemory<byte> Octets, bool IsControl) first))
            {
                octets = default;
                _isWriting = false;
                _ = _writerIdle?.TrySetResult();
                return false;
            }

            octets = first.Octets;
            control = first.IsControl ? octets.Length : 0;
            if (_queue.Count == 0 || octets.Length >= JoinOctets)
            {
                return true;
            }

            joined ??= ArrayPool<byte>.Shared.Rent(JoinOctets);
            octets.CopyTo(joined);
            int count = octets.Length;
            while (_queue.TryPeek(out (ReadOnlyMemory<byte> Octets, bool IsControl) next) && count + next.Octets.Length <= JoinOctets)
            {
                _ = _queue.Dequeue();
                next.Octets.CopyTo(joined.AsMemory(count));
                count += next.Octets.Length;
                control += next.IsControl ? next.Octets.Length : 0;
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

            Enqueue(Encoding.UTF8.GetBytes(last), isControl: true);
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
}
