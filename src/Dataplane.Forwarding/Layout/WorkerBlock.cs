using System.Runtime.InteropServices;
using Dataplane.Dpdk;

namespace Dataplane.Forwarding.Layout;

/// <summary>What a worker does when its queues are empty.</summary>
public enum IdlePolicy : byte
{
    /// <summary>Poll at once.</summary>
    Spin,

    /// <summary>Poll again after a few processor pauses.</summary>
    Pause,

    /// <summary>After a number of empty polls sleep, doubling up to a bound.</summary>
    Sleep,
}

/// <summary>Life of a worker; written by the worker.</summary>
public enum WorkerState
{
    /// <summary>Not started yet.</summary>
    New = 0,

    /// <summary>Polling.</summary>
    Running = 1,

    /// <summary>Left its loop in order.</summary>
    Stopped = 2,

    /// <summary>Could not start: no core or no DPDK thread slot.</summary>
    Failed = 3,
}

/// <summary>A receive queue that a worker polls.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RxQueue
{
    /// <summary>Port row.</summary>
    internal ushort Port;

    /// <summary>DPDK's port id.</summary>
    internal ushort DpdkPort;

    /// <summary>Queue of the port.</summary>
    internal ushort Queue;
}

/// <summary>The queues that a worker polls. Published whole by the control thread; freed when the worker has turned since the next was published.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RxQueueList
{
    /// <summary>Queues.</summary>
    internal int Count;

    private readonly int _reserved;

    /// <summary>The queues of a list, which lie right behind it.</summary>
    internal static RxQueue* EntriesOf(RxQueueList* list) => (RxQueue*)(list + 1);
}

/// <summary>Frames waiting for one port's transmit queue; a burst yields at most as many as it took.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TxBuffer
{
    /// <summary>Frames held.</summary>
    internal int Count;

    /// <summary>DPDK's port id.</summary>
    internal ushort DpdkPort;

    /// <summary>The frames: pointers to <see cref="Mbuf"/>.</summary>
    internal ulong* Buffers;

    /// <summary>Bytes of these frames.</summary>
    internal ulong Bytes;
}

/// <summary>What an interface or core port may still punt.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PuntBudget
{
    /// <summary>Clock of the last refill.</summary>
    internal ulong RefilledAt;

    /// <summary>Punts left.</summary>
    internal uint Tokens;
}

/// <summary>
/// Everything of one worker: its orders, its scratch columns, its counters. The worker owns it, except for the fields
/// marked "control", which the control thread writes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WorkerBlock
{
    /// <summary>Most receive queues of one worker.</summary>
    internal const int MaxQueues = 64;

    /// <summary>Buckets of the loop-gap histogram; bucket b counts gaps below 2^b clock ticks.</summary>
    internal const int GapBuckets = 40;

    /// <summary>The datapath.</summary>
    internal DatapathRoot* Root;

    /// <summary>Ring with injected buffers; this worker is the only consumer.</summary>
    internal void* InjectRing;

    /// <summary>Control: not zero asks the worker to stop.</summary>
    internal int StopRequested;

    /// <summary>Control: a change asks the worker to reset <see cref="LongestGap"/>.</summary>
    internal int GapResetRequest;

    /// <summary>Control: not zero asks the worker to measure its stages.</summary>
    internal int StagesWanted;

    private fixed ulong _pad0[8];

    /// <summary>Worker: where it is in its life.</summary>
    internal int State;

    /// <summary>Worker: the last reset it carried out.</summary>
    internal int GapResetDone;

    /// <summary>Row of the worker, also of its epoch slot.</summary>
    internal int Index;

    /// <summary>CPU to pin to, or -1.</summary>
    internal int Cpu;

    /// <summary>Packets to ask for at a time; at most <see cref="Batch.Capacity"/>.</summary>
    internal int Burst;

    /// <summary>Empty polls before the worker backs off.</summary>
    internal uint SpinLoops;

    /// <summary>Longest sleep, in microseconds.</summary>
    internal uint MaxSleepMicroseconds;

    /// <summary>What to do when idle.</summary>
    internal IdlePolicy Idle;

    /// <summary>Transmit queue of this worker on every port.</summary>
    internal ushort TxQueue;

    /// <summary>Control: queues to poll; read once a turn.</summary>
    internal RxQueueList* Queues;

    /// <summary>Clock of the burst in hand, in <see cref="DatapathRoot.ClockHz"/> ticks.</summary>
    internal ulong Now;

    /// <summary>Ledger of the burst in hand.</summary>
    internal Ledger* CurrentLedger;

    /// <summary>Turns of per-packet groups; each worker starts elsewhere.</summary>
    internal uint Turn;

    /// <summary>Columns of the burst in hand.</summary>
    internal Batch* Columns;

    /// <summary>By port row, also those not in use.</summary>
    internal TxBuffer* Tx;

    /// <summary>By interface row, then by port, then one for tenants' packets from the core.</summary>
    internal PuntBudget* PuntBudgets;

    /// <summary>Buffers to give back at the end of the burst.</summary>
    internal ulong* FreeList;

    /// <summary>Entries of <see cref="FreeList"/>.</summary>
    internal int FreeCount;

    /// <summary>Buffers to punt at the end of the burst.</summary>
    internal ulong* PuntList;

    /// <summary>Entries of <see cref="PuntList"/>.</summary>
    internal int PuntCount;

    /// <summary>Counter columns.</summary>
    internal WorkerCounters Counters;

    /// <summary>Turns of the loop.</summary>
    internal ulong Loops;

    /// <summary>Turns that found nothing to do.</summary>
    internal ulong IdleLoops;

    /// <summary>Longest time between two turns, sleeping on purpose not counted, in clock ticks.</summary>
    internal ulong LongestGap;

    /// <summary>Sum of the gaps in clock ticks.</summary>
    internal ulong GapSum;

    /// <summary>Gap histogram; see <see cref="GapBuckets"/>.</summary>
    internal fixed ulong Gaps[GapBuckets];

    /// <summary>Clock at the end of the last stage of the burst in hand; 0 when its stages are not measured.</summary>
    internal ulong StageMark;

    /// <summary>What the stages took, by <see cref="Stage"/>.</summary>
    internal StageCount* Stages;

    /// <summary>By counter row of filters, two each: bytes, then packets.</summary>
    internal FilterBucket* FilterBuckets;
}
