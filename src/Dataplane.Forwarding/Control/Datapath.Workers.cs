using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Control;

/// <content>Workers and their counters.</content>
public sealed unsafe partial class Datapath
{
    private readonly List<WorkerHandle> _workers = [];

    /// <summary>Workers created so far.</summary>
    public IReadOnlyList<WorkerHandle> Workers => _workers;

    /// <summary>Prepares a worker; it does not run yet.</summary>
    /// <param name="settings">Its orders.</param>
    /// <param name="injectRing">DPDK ring that this worker alone takes injected buffers from.</param>
    public WorkerHandle CreateWorker(WorkerSettings settings, void* injectRing)
    {
        int index = _workers.Count;
        if (index == Options.Workers)
            throw new InvalidOperationException($"no room for another worker: at most {Options.Workers}");
        RxQueueList* queues = ListOf(settings.Queues);
        WorkerBlock* block = Own<WorkerBlock>(1);
        block->Root = _root;
        block->InjectRing = injectRing;
        block->Index = index;
        block->Cpu = settings.Cpu ?? -1;
        block->Burst = Math.Clamp(settings.Burst, 1, Batch.Capacity);
        block->SpinLoops = (uint)Math.Max(settings.SpinLoops, 1);
        block->MaxSleepMicroseconds = (uint)Math.Max(settings.MaxSleepMicroseconds, 1);
        block->Idle = settings.Idle;
        block->TxQueue = settings.TransmitQueue ?? (ushort)index;
        block->Queues = queues;
        block->Turn = (uint)index * 0x9E3779B1;
        block->Columns = Own<Batch>(1);
        block->Tx = Own<TxBuffer>(Options.Ports);
        for (int port = 0; port < Options.Ports; port++)
        {
            block->Tx[port].DpdkPort = (_root->Ports + port)->DpdkPort;
            block->Tx[port].Buffers = Own<ulong>(Batch.Capacity);
        }
        block->PuntBudgets = Own<PuntBudget>(Options.Interfaces + Options.Ports + 1);
        block->FreeList = Own<ulong>(2 * Batch.Capacity);
        block->PuntList = Own<ulong>(Batch.Capacity);
        block->Stages = Own<StageCount>(StageCount.Stages);
        block->FilterBuckets = Own<FilterBucket>(2 * Options.Filters);
        AllocateCounters(&block->Counters);
        var handle = new WorkerHandle(block, settings);
        _workers.Add(handle);
        return handle;
    }

    /// <summary>
    /// Adds up the counters of all workers. Any thread; each number is exact, and together they are a snapshot that may be
    /// a burst apart.
    /// </summary>
    public DatapathCounters ReadCounters()
    {
        var sum = new DatapathCounters(_root->PortCount, _interfaces.Count, _vrfs.Count, _tunnels.Count);
        foreach (WorkerHandle worker in _workers)
        {
            WorkerCounters* counters = &worker.Block->Counters;
            sum.Received = Add(sum.Received, counters->Received);
            sum.Injected = Add(sum.Injected, counters->Injected);
            Add(sum.PortRx, counters->PortRx);
            Add(sum.PortTx, counters->PortTx);
            Add(sum.InterfaceRx, counters->InterfaceRx);
            Add(sum.InterfaceTx, counters->InterfaceTx);
            Add(sum.InterfaceTx, counters->InterfaceDelivered);
            Add(sum.InterfaceDrops, counters->InterfaceDrops);
            Add(sum.VrfEncapsulated, counters->VrfEncapsulated);
            Add(sum.VrfDecapsulated, counters->VrfDecapsulated);
            Add(sum.VrfLocal, counters->VrfLocal);
            Add(sum.Tunnels, counters->Tunnel);
            Add(sum.InterfaceLabels, counters->InterfaceLabel);
            Add(sum.InterfaceLabels, counters->InterfaceDelivered);
            Add(sum.AggregateLabels, counters->AggregateLabel);
            Add(sum.Drops, counters->Drops);
            Add(sum.Punts, counters->Punts);
        }
        return sum;
    }

    /// <summary>Packets delivered to an interface so far, by all workers. Thread that writes the datapath.</summary>
    public ulong PacketsTo(InterfaceId id)
    {
        ulong sum = 0;
        foreach (WorkerHandle worker in _workers)
        {
            WorkerCounters* counters = &worker.Block->Counters;
            sum += Volatile.Read(ref counters->InterfaceDelivered[id.Row].Packets) + Volatile.Read(ref counters->InterfaceTx[id.Row].Packets);
        }
        return sum;
    }

    /// <summary>Packets sent through a tunnel so far, by all workers. Thread that writes the datapath.</summary>
    public ulong PacketsThrough(TunnelId id)
    {
        ulong sum = 0;
        foreach (WorkerHandle worker in _workers)
            sum += Volatile.Read(ref worker.Block->Counters.Tunnel[id.Value].Packets);
        return sum;
    }

    private void AllocateCounters(WorkerCounters* counters)
    {
        counters->PortRx = Own<PacketCount>(Options.Ports);
        counters->PortTx = Own<PacketCount>(Options.Ports);
        counters->InterfaceRx = Own<PacketCount>(Options.Interfaces);
        counters->InterfaceDelivered = Own<PacketCount>(Options.Interfaces);
        counters->InterfaceTx = Own<PacketCount>(Options.Interfaces);
        counters->InterfaceDrops = Own<ulong>(Options.Interfaces);
        counters->VrfEncapsulated = Own<PacketCount>(Options.Vrfs);
        counters->VrfDecapsulated = Own<PacketCount>(Options.Vrfs);
        counters->VrfLocal = Own<PacketCount>(Options.Vrfs);
        counters->Tunnel = Own<PacketCount>(Options.Tunnels);
        counters->InterfaceLabel = Own<PacketCount>(Options.Interfaces);
        counters->AggregateLabel = Own<PacketCount>(Options.Vrfs);
        counters->Filters = Own<FilterCount>(Options.Filters);
        counters->Drops = Own<ulong>(ReasonNames.DropReasonCount);
        counters->Punts = Own<ulong>(ReasonNames.PuntReasonCount);
    }

    private static Ledger Add(Ledger sum, Ledger one) => new()
    {
        Rx = sum.Rx + one.Rx,
        Tx = sum.Tx + one.Tx,
        Punted = sum.Punted + one.Punted,
        Dropped = sum.Dropped + one.Dropped,
    };

    private static void Add(PacketCount[] sum, PacketCount* column)
    {
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i].Packets += Volatile.Read(ref column[i].Packets);
            sum[i].Bytes += Volatile.Read(ref column[i].Bytes);
        }
    }

    private static void Add(ulong[] sum, ulong* column)
    {
        for (int i = 0; i < sum.Length; i++)
            sum[i] += Volatile.Read(ref column[i]);
    }
}
