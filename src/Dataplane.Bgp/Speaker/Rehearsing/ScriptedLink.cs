using System.Threading.Channels;
using Dataplane.Bgp.Transport;

namespace Dataplane.Bgp.Speaker.Rehearsing;

/// <summary>A connection whose other end says what was written down for it, and listens to everything. Any thread.</summary>
/// <param name="ends">Its addresses.</param>
internal sealed class ScriptedLink(LinkEnds ends) : IByteLink
{
    private readonly Channel<ReadOnlyMemory<byte>> _script = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
    private ReadOnlyMemory<byte> _current;

    /// <inheritdoc/>
    public LinkEnds Ends { get; } = ends;

    /// <summary>Adds what the other end says next.</summary>
    public void Say(ReadOnlyMemory<byte> octets) => _ = _script.Writer.TryWrite(octets);

    /// <summary>The other end says nothing more: it closes the connection.</summary>
    public void Leave() => _ = _script.Writer.TryComplete();

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation)
    {
        while (_current.IsEmpty)
        {
            if (!await _script.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                return 0;
            }

            _ = _script.Reader.TryRead(out _current);
        }

        var count = Math.Min(_current.Length, into.Length);
        _current[..count].CopyTo(into);
        _current = _current[count..];
        return count;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void EndWrites()
    {
    }

    /// <inheritdoc/>
    public void Dispose() => Leave();
}
