using Dataplane.Dpdk;

namespace Dataplane.Forwarding.Control;

/// <content>Construction from DPDK's own calls and rings, for callers without pointers.</content>
public sealed unsafe partial class Datapath
{
    /// <summary>Allocates the tables, empty, for workers that call DPDK itself.</summary>
    /// <param name="options">Sizes and constants.</param>
    public static Datapath Create(DatapathOptions options) => new(options, FastCalls.Native);

    /// <summary>Sets the ring that punted packets go to, before workers start; it outlives the workers.</summary>
    public void SetPuntRing(Ring ring) => SetPuntRing(ring.Handle);

    /// <summary>Prepares a worker; it does not run yet. All ports exist already.</summary>
    /// <param name="settings">Its orders.</param>
    /// <param name="injectRing">Ring that this worker alone takes injected buffers from; it outlives the worker.</param>
    public WorkerHandle CreateWorker(WorkerSettings settings, Ring injectRing) => CreateWorker(settings, injectRing.Handle);
}
