using Dataplane.Bgp.Transport;
using Dataplane.Net;

namespace Dataplane.Bgp.Tests.Transport;

/// <summary>A connection in memory, whose writes wait while the other side does not read.</summary>
internal sealed class MemoryLink : IByteLink
{
    private readonly Half _in;
    private readonly Half _out;

    private MemoryLink(Half incoming, Half outgoing)
    {
        _in = incoming;
        _out = outgoing;
    }

    public LinkEnds Ends { get; } = new(IpAddress.Parse("10.0.0.1"), 179, IpAddress.Parse("10.0.0.2"), 33333);

    internal static (MemoryLink One, MemoryLink Other) Pair(int capacity)
    {
        Half there = new(capacity), back = new(capacity);
        return (new(back, there), new(there, back));
    }

    public ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation) => _in.ReadAsync(into, cancellation);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellation) => _out.WriteAsync(octets, cancellation);

    public void EndWrites() => _out.End(null);

    public void Dispose()
    {
        _out.End(new IOException("The other side is gone."));
        _in.End(new ObjectDisposedException(nameof(MemoryLink)));
    }

    private sealed class Half(int capacity)
    {
        private readonly object _lock = new();
        private readonly Queue<byte> _octets = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Exception? _failure;
        private bool _isEnded;

        internal async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation)
        {
            while (true)
            {
                Task changed;
                lock (_lock)
                {
                    var count = 0;
                    while (count < into.Length && _octets.TryDequeue(out var octet))
                    {
                        into.Span[count++] = octet;
                    }

                    if (count > 0)
                    {
                        Signal();
                        return count;
                    }

                    if (_isEnded)
                    {
                        return _failure is null ? 0 : throw _failure;
                    }

                    changed = _changed.Task;
                }

                await changed.WaitAsync(cancellation).ConfigureAwait(false);
            }
        }

        internal async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellation)
        {
            while (!octets.IsEmpty)
            {
                Task changed;
                lock (_lock)
                {
                    if (_isEnded)
                    {
                        throw _failure ?? new IOException("Ended.");
                    }

                    var count = Math.Min(capacity - _octets.Count, octets.Length);
                    foreach (var octet in octets.Span[..count])
                    {
                        _octets.Enqueue(octet);
                    }

                    octets = octets[count..];
                    changed = _changed.Task;
                    if (count > 0)
                    {
                        Signal();
                        continue;
                    }
                }

                await changed.WaitAsync(cancellation).ConfigureAwait(false);
            }
        }

        internal void End(Exception? failure)
        {
            lock (_lock)
            {
                _failure ??= failure;
                _isEnded = true;
                Signal();
            }
        }

        private void Signal()
        {
            TaskCompletionSource changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.SetResult();
        }
    }
}
