using Dataplane.Bgp.Settings;

namespace Dataplane.Bgp.Export.Mrt;

/// <summary>
/// Takes records from the routing thread and writes them on the pool, so that a slow disk delays no route. What waits is bounded: a message beyond the
/// bound is dropped and counted; the walk over the tables waits instead. A failure to write is counted and reported, and the next file is tried.
/// </summary>
internal sealed class MrtOutput : IDisposable
{
    private readonly object _lock = new();
    private readonly Queue<(byte[] Record, DateTimeOffset Time, bool IsTable)> _queue = new();
    private readonly int _bound;
    private readonly MrtFile? _messages;
    private readonly MrtFile _tables;
    private readonly Action _drained;
    private readonly Action<string> _failed;
    private Task _writing = Task.CompletedTask;
    private int _waiting;
    private bool _isWriting;
    private long _dropped;
    private long _written;

    internal MrtOutput(MrtSettings settings, Action drained, Action<string> failed)
    {
        _bound = settings.QueueBytes;
        _drained = drained;
        _failed = failed;
        _messages = settings.MessageFile is { } pattern
            ? new(settings.Directory, pattern, settings.MessageRotation, settings.MessageFileBytes, settings.KeepFiles)
            : null;
        _tables = new(settings.Directory, settings.TableFile ?? "rib.%Y%m%d.%H%M%S", TimeSpan.Zero, long.MaxValue, settings.KeepFiles);
    }

    internal bool TakesMessages => _messages is not null;

    /// <summary>Whether the walk over the tables may go on.</summary>
    internal bool HasRoom => Volatile.Read(ref _waiting) < _bound / 2;

    internal long Dropped => Interlocked.Read(ref _dropped);

    internal long Written => Interlocked.Read(ref _written);

    internal void Message(byte[] record, DateTimeOffset time)
    {
        lock (_lock)
        {
            if (_waiting + record.Length > _bound)
            {
                _dropped++;
                return;
            }

            Enqueue(record, time, isTable: false);
        }
    }

    /// <summary>A record of a table dump; an empty one ends the file.</summary>
    internal void Table(byte[] record, DateTimeOffset time)
    {
        lock (_lock)
        {
            Enqueue(record, time, isTable: true);
        }
    }

    /// <summary>Completes when what was given so far is in the files.</summary>
    internal Task FlushAsync()
    {
        lock (_lock)
        {
            return _writing;
        }
    }

    public void Dispose()
    {
        FlushAsync().Wait();
        _messages?.Dispose();
        _tables.Dispose();
    }

    private void Enqueue(byte[] record, DateTimeOffset time, bool isTable)
    {
        _queue.Enqueue((record, time, isTable));
        _waiting += record.Length;
        if (!_isWriting)
        {
            _isWriting = true;
            _writing = Task.Run(Write);
        }
    }

    private void Write()
    {
        while (true)
        {
            (byte[] Record, DateTimeOffset Time, bool IsTable) next;
            lock (_lock)
            {
                if (!_queue.TryPeek(out next))
                {
                    Guarded(Flush);
                    _isWriting = false;
                    break;
                }

                _ = _queue.Dequeue();
                _waiting -= next.Record.Length;
            }

            Guarded(() => Write(next.Record, next.Time, next.IsTable));
        }

        _drained();
    }

    private void Write(byte[] record, DateTimeOffset time, bool isTable)
    {
        if (record.Length == 0)
        {
            _tables.Dispose();
        }
        else
        {
            (isTable ? _tables : _messages!).Write(record, time);
            _ = Interlocked.Increment(ref _written);
        }
    }

    private void Flush()
    {
        _messages?.Flush();
        _tables.Flush();
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _ = Interlocked.Increment(ref _dropped);
            _failed(exception.Message);
        }
    }
}
