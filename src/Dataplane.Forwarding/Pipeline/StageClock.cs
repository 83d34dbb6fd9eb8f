using System.Runtime.CompilerServices;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// Tells how long the stages take. The pipeline is compiled once with <see cref="StagesUntimed"/>, where nothing is left of
/// it, and once with <see cref="StagesTimed"/>; a worker's burst goes through the second only while it is asked to measure.
/// </summary>
internal unsafe interface IStageClock
{
    /// <summary>The stage that began with the last call has ended.</summary>
    static abstract void Lap(WorkerBlock* worker, Stage stage, int packets);
}

/// <summary>Does nothing.</summary>
internal readonly unsafe struct StagesUntimed : IStageClock
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lap(WorkerBlock* worker, Stage stage, int packets)
    {
    }
}

/// <summary>Reads the clock once per stage and burst, into <see cref="WorkerBlock.Stages"/>.</summary>
internal readonly unsafe struct StagesTimed : IStageClock
{
    /// <inheritdoc/>
    public static void Lap(WorkerBlock* worker, Stage stage, int packets)
    {
        ulong now = worker->Root->Calls->Tsc();
        StageCount* count = worker->Stages + (int)stage;
        count->Ticks += now - worker->StageMark;
        count->Packets += (uint)packets;
        count->Bursts++;
        worker->StageMark = now;
    }
}
