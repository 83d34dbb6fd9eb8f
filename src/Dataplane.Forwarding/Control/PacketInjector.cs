using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Control;

/// <summary>
/// The slow path's way into the pipeline: puts packets into new buffers and these into the inject ring of a worker.
/// Owner thread: the slow path's, the ring's only producer.
/// </summary>
public sealed unsafe class PacketInjector
{
    private readonly Mempool _pool;
    private readonly Ring _ring;

    /// <summary>Injects through a worker.</summary>
    /// <param name="pool">Where buffers come from; their private area holds an <see cref="InjectTag"/>.</param>
    /// <param name="ring">The ring that the worker was created with.</param>
    public PacketInjector(Mempool pool, Ring ring)
    {
        if (pool.Options.PrivateBytes < sizeof(InjectTag))
            throw new ArgumentException($"buffers need {sizeof(InjectTag)} private bytes", nameof(pool));
        _pool = pool;
        _ring = ring;
    }

    /// <summary>Injects a packet.</summary>
    /// <param name="tag">What the worker shall do with it.</param>
    /// <param name="packet">A whole frame or an IP packet, as the tag says; copied.</param>
    /// <returns>False when it is longer than a buffer, the pool is exhausted or the ring is full.</returns>
    public bool TryInject(in InjectTag tag, ReadOnlySpan<byte> packet)
    {
        nint address;
        if (FastCalls.Native->AllocBulk(_pool.Handle, (Mbuf**)&address, 1) < 0)
            return false;
        var buffer = (Mbuf*)address;
        if (packet.Length <= buffer->Tailroom)
        {
            packet.CopyTo(new Span<byte>(buffer->Append(packet.Length), packet.Length));
            *(InjectTag*)buffer->Private = tag;
            if (_ring.Enqueue(new ReadOnlySpan<nint>(ref address)) == 1)
                return true;
        }
        Mempool.Free(buffer);
        return false;
    }
}
