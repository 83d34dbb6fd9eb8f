using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Control;

/// <summary>
/// The host's hold on one worker. The worker itself runs wherever <see cref="Workers.IWorkerRuntime"/> puts it. Owner
/// thread: the control thread, except for the read-only properties.
/// </summary>
public sealed unsafe class WorkerHandle
{
    internal WorkerHandle(WorkerBlock* block, WorkerSettings settings)
    {
        Block = block;
        Settings = settings;
        Queues = settings.Queues;
    }

    /// <summary>Its orders.</summary>
    public WorkerSettings Settings { get; }

    /// <summary>Queues that it polls now.</summary>
    public IReadOnlyList<QueueAssignment> Queues { get; internal set; }

    /// <summary>Row of the worker.</summary>
    public int Index => Block->Index;

    /// <summary>Where it is in its life.</summary>
    public WorkerState State => (WorkerState)Volatile.Read(ref Block->State);

    /// <summary>Turns of its loop so far.</summary>
    public ulong Loops => Volatile.Read(ref Block->Loops);

    /// <summary>Turns that found nothing to do.</summary>
    public ulong IdleLoops => Volatile.Read(ref Block->IdleLoops);

    /// <summary>Longest time between two turns since the last <see cref="ResetLongestGap"/>, in clock ticks; time slept on
    /// purpose does not count.</summary>
    public ulong LongestGap => Volatile.Read(ref Block->LongestGap);

    /// <summary>Sum of the gaps in clock ticks.</summary>
    public ulong GapSum => Volatile.Read(ref Block->GapSum);

    internal WorkerBlock* Block { get; }

    /// <summary>Copies the gap histogram: element b counts the gaps below 2^b clock ticks that are not in a lower one.</summary>
    public ulong[] GapHistogram() => new ReadOnlySpan<ulong>(Block->Gaps, WorkerBlock.GapBuckets).ToArray();

    /// <summary>Asks the worker to start its longest gap anew; it does so at its next turn.</summary>
    public void ResetLongestGap() => Interlocked.Increment(ref Block->GapResetRequest);

    /// <summary>Asks the worker to measure its stages, or not to; it does so from its next burst on.</summary>
    public void MeasureStages(bool wanted) => Volatile.Write(ref Block->StagesWanted, wanted ? 1 : 0);

    /// <summary>Copies what the stages took since the worker was created, by <see cref="Stage"/>.</summary>
    public StageCount[] ReadStages() => new ReadOnlySpan<StageCount>(Block->Stages, StageCount.Stages).ToArray();

    /// <summary>Asks the worker to leave its loop.</summary>
    public void RequestStop() => Volatile.Write(ref Block->StopRequested, 1);
}
