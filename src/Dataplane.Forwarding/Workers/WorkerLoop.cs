using System.Numerics;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Pipeline;

namespace Dataplane.Forwarding.Workers;

/// <summary>
/// The poll loop of a worker. The same code runs in the isolated library's own runtime and, for tests and debugging, in
/// the host's. Owner thread: the worker.
/// </summary>
internal static unsafe class WorkerLoop
{
    private const uint FirstSleepMicroseconds = 1;
    private const int PauseSpins = 32;

    /// <summary>Pins and registers the calling thread, polls until asked to stop, and leaves no reference behind.</summary>
    internal static void Run(WorkerBlock* worker)
    {
        FastCalls* calls = worker->Root->Calls;
        if ((worker->Cpu >= 0 && calls->PinToCpu(worker->Cpu) != 0) || calls->ThreadRegister() != 0)
        {
            Volatile.Write(ref worker->State, (int)WorkerState.Failed);
            return;
        }
        Volatile.Write(ref worker->State, (int)WorkerState.Running);
        Poll(worker);
        Volatile.Write(ref worker->Root->Epochs[worker->Index].Announced, EpochSlot.Quiescent);
        calls->ThreadUnregister();
        Volatile.Write(ref worker->State, (int)WorkerState.Stopped);
    }

    /// <summary>One turn over all queues; true when there was anything to do.</summary>
    internal static bool Turn(WorkerBlock* worker)
    {
        DatapathRoot* root = worker->Root;
        FastCalls* calls = root->Calls;
        Mbuf** burst = stackalloc Mbuf*[Batch.Capacity];
        bool busy = false;
        var queues = (RxQueueList*)Volatile.Read(ref *(nint*)&worker->Queues);
        for (int q = 0; q < queues->Count; q++)
        {
            RxQueue* queue = RxQueueList.EntriesOf(queues) + q;
            worker->StageMark = Volatile.Read(ref worker->StagesWanted) == 0 ? 0 : calls->Tsc();
            int count = calls->RxBurst(queue->DpdkPort, queue->Queue, burst, (ushort)worker->Burst);
            if (count == 0)
                continue;
            busy = true;
            FastPath.Process(worker, queue->Port, burst, count);
        }
        uint injected = calls->RingDequeue(worker->InjectRing, (void**)burst, (uint)worker->Burst);
        if (injected != 0)
        {
            busy = true;
            FastPath.ProcessInjected(worker, burst, (int)injected);
        }
        return busy;
    }

    private static void Poll(WorkerBlock* worker)
    {
        DatapathRoot* root = worker->Root;
        FastCalls* calls = root->Calls;
        ulong* announced = &root->Epochs[worker->Index].Announced;
        LeaveQuiescence(root, announced);
        ulong last = calls->Tsc();
        uint idleTurns = 0;
        uint sleep = FirstSleepMicroseconds;
        while (Volatile.Read(ref worker->StopRequested) == 0)
        {
            // No table reference is held here: announce the epoch before taking new ones. The store may sink below the
            // loads of this turn, which only delays reclamation by a turn; it must not rise above those of the last one,
            // and stores do not pass earlier loads.
            Volatile.Write(ref *announced, Volatile.Read(ref root->GlobalEpoch));
            ulong now = calls->Tsc();
            worker->Now = now;
            RecordGap(worker, now - last);
            last = now;
            worker->Loops++;
            if (Turn(worker))
            {
                idleTurns = 0;
                sleep = FirstSleepMicroseconds;
                continue;
            }
            worker->IdleLoops++;
            if (worker->Idle == IdlePolicy.Spin || ++idleTurns < worker->SpinLoops)
                continue;
            if (worker->Idle == IdlePolicy.Pause)
            {
                Thread.SpinWait(PauseSpins);
                continue;
            }
            Volatile.Write(ref *announced, EpochSlot.Quiescent);
            calls->SleepMicroseconds(sleep);
            sleep = Math.Min(sleep * 2, worker->MaxSleepMicroseconds);
            LeaveQuiescence(root, announced);
            last = calls->Tsc();
        }
    }

    // The announcement must be visible before the first table load: the writer frees at once what a quiescent reader
    // might otherwise just have picked up. Hence the full barrier of the exchange.
    private static void LeaveQuiescence(DatapathRoot* root, ulong* announced) =>
        Interlocked.Exchange(ref *announced, Volatile.Read(ref root->GlobalEpoch));

    private static void RecordGap(WorkerBlock* worker, ulong gap)
    {
        int request = Volatile.Read(ref worker->GapResetRequest);
        if (request != worker->GapResetDone)
        {
            worker->LongestGap = 0;
            worker->GapResetDone = request;
        }
        int bucket = Math.Min(64 - BitOperations.LeadingZeroCount(gap), WorkerBlock.GapBuckets - 1);
        worker->Gaps[bucket]++;
        worker->GapSum += gap;
        if (gap > worker->LongestGap)
            worker->LongestGap = gap;
    }
}
