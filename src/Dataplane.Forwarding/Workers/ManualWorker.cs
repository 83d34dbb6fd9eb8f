using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Pipeline;

namespace Dataplane.Forwarding.Workers;

/// <summary>
/// Drives a worker from the calling thread, burst by burst and with the caller's clock: replay and tests. The worker must
/// not be started otherwise. Owner thread: one, the same that changes the datapath.
/// </summary>
public sealed unsafe class ManualWorker
{
    private readonly WorkerBlock* _block;

    /// <summary>Takes a worker over.</summary>
    /// <param name="worker">A worker that was never started.</param>
    public ManualWorker(WorkerHandle worker)
    {
        if (worker.State != WorkerState.New)
            throw new ArgumentException("the worker runs already", nameof(worker));
        _block = worker.Block;
    }

    /// <summary>Most packets of one call of <see cref="Process"/>.</summary>
    public static int MaxBurst => Batch.Capacity;

    /// <summary>Runs a burst through the pipeline, which owns the buffers from now on.</summary>
    /// <param name="port">Port they were received on.</param>
    /// <param name="packets">Addresses of <see cref="Mbuf"/>, at most <see cref="MaxBurst"/>.</param>
    /// <param name="now">Time in ticks of <see cref="DatapathOptions.ClockHz"/>; never goes back.</param>
    public void Process(PortId port, ReadOnlySpan<nint> packets, ulong now)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packets.Length, Batch.Capacity, nameof(packets));
        if (packets.IsEmpty)
            return;
        _block->Now = now;
        fixed (nint* burst = packets)
            FastPath.Process(_block, port.Value, (Mbuf**)burst, packets.Length);
    }

    /// <summary>Runs one burst of what waits in the worker's inject ring through the pipeline.</summary>
    /// <param name="now">Time in ticks of <see cref="DatapathOptions.ClockHz"/>; never goes back.</param>
    /// <returns>How many packets there were; 0 when the ring is empty.</returns>
    public int ProcessInjected(ulong now)
    {
        Mbuf** burst = stackalloc Mbuf*[Batch.Capacity];
        int count = (int)_block->Root->Calls->RingDequeue(_block->InjectRing, (void**)burst, Batch.Capacity);
        if (count == 0)
            return 0;
        _block->Now = now;
        FastPath.ProcessInjected(_block, burst, count);
        return count;
    }
}
