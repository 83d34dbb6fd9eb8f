using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Control;

/// <summary>
/// The slow path's end of the punt ring: takes packets out one by one, copies them into managed memory and gives the
/// buffers back. Owner thread: the slow path's, the ring's only consumer.
/// </summary>
public sealed unsafe class PuntReceiver : IDisposable
{
    private const int BurstSize = 32;
    private readonly Ring _ring;
    private readonly ReceiveTimestamp _timestamp;
    private readonly nint[] _burst = new nint[BurstSize];
    private byte[] _frame = new byte[4096];
    private int _next;
    private int _count;

    /// <summary>Receives from a ring.</summary>
    /// <param name="ring">The ring that <see cref="Datapath.SetPuntRing(Ring)"/> was given.</param>
    /// <param name="timestamp">Where buffers carry the time of their reception, if they do.</param>
    public PuntReceiver(Ring ring, ReceiveTimestamp timestamp)
    {
        _ring = ring;
        _timestamp = timestamp;
    }

    /// <summary>Takes the next punted packet.</summary>
    /// <param name="tag">What the worker wrote about it.</param>
    /// <param name="frame">Its bytes; valid until the next call.</param>
    /// <param name="time">When it was received, in the driver's unit; 0 when that is not known.</param>
    /// <returns>False when nothing waits.</returns>
    public bool TryReceive(out PuntTag tag, out ReadOnlySpan<byte> frame, out ulong time)
    {
        if (_next == _count)
        {
            _next = 0;
            _count = _ring.Dequeue(_burst);
            if (_count == 0)
            {
                tag = default;
                frame = default;
                time = 0;
                return false;
            }
        }
        var buffer = (Mbuf*)_burst[_next++];
        tag = *(PuntTag*)buffer->Private;
        _timestamp.TryRead(buffer, out time);
        Span<byte> data = buffer->Span;
        if (data.Length > _frame.Length)
            _frame = new byte[data.Length];
        data.CopyTo(_frame);
        frame = _frame.AsSpan(0, data.Length);
        Mempool.Free(buffer);
        return true;
    }

    /// <summary>Gives back what was taken from the ring and not received yet, and what is still in the ring.</summary>
    public void Dispose()
    {
        do
        {
            Mempool.Free(_burst.AsSpan(_next, _count - _next));
            _next = 0;
            _count = _ring.Dequeue(_burst);
        }
        while (_count != 0);
    }
}
