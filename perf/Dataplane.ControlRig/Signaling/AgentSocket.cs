using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Dataplane.ControlRig.Signaling;

/// <summary>
/// A connection below TLS. Until <see cref="Watch"/> it blocks, as one in which questions and answers take turns may. After that a read waits for
/// <see cref="Readiness"/>, and what awaits it goes on there. One read and one write at a time.
/// </summary>
internal sealed class AgentSocket(Socket socket) : Stream, IValueTaskSource<int>
{
    private const int NoLimit = -1;
    private ManualResetValueTaskSourceCore<int> _arrival;
    private Memory<byte> _room;
    private bool _isAwaited;

    // What has ended is readable until it is closed: nobody forgets it while another thread closes it, as its descriptor is another's then.
    private readonly Lock _closing = new();
    private Readiness? _readiness;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    internal int Descriptor => (int)socket.Handle;

    internal void Connect(IPEndPoint remote) => socket.Connect(remote);

    /// <summary>Reads as something comes. The first read awaits it already.</summary>
    internal void Watch() => _readiness = Readiness.Watch(this);

    /// <summary>Blocks no more.</summary>
    internal void StopBlocking() => socket.Blocking = false;

    /// <summary>Leaves unread what comes.</summary>
    internal void Ignore()
    {
        lock (_closing)
        {
            _readiness?.Forget(this);
            _readiness = null;
        }
    }

    /// <summary>Ends both directions: who reads is told.</summary>
    internal void Shutdown() => socket.Shutdown(SocketShutdown.Both);

    /// <summary>Something has come, or the connection has ended.</summary>
    internal void Ready()
    {
        int octets = 0;
        if (!_isAwaited)
        {
            Ignore();
        }
        else if (_room.IsEmpty || TryReceive(_room.Span, out octets))
        {
            _isAwaited = false;
            _arrival.SetResult(octets);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!buffer.IsEmpty && TryReceive(buffer.Span, out int octets))
            return new(octets);
        _arrival.Reset();
        _room = buffer;
        _isAwaited = true;
        return new(this, _arrival.Version);
    }

    public override int Read(Span<byte> buffer) => socket.Receive(buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int sent = socket.Send(buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
                _ = socket.Poll(NoLimit, SelectMode.SelectWrite);
            else if (error != SocketError.Success)
                throw new IOException(error.ToString());
            buffer = buffer[sent..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _arrival.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_closing)
            {
                _readiness = null;
                socket.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    // False: nothing is there.
    private bool TryReceive(Span<byte> room, out int octets)
    {
        octets = socket.Receive(room, SocketFlags.None, out SocketError error);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
            throw new IOException(error.ToString());
        return error == SocketError.Success;
    }
}
