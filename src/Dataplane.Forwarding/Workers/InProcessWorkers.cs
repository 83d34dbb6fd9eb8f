using System.Runtime.Intrinsics;
using Dataplane.Forwarding.Control;

namespace Dataplane.Forwarding.Workers;

/// <summary>Workers as threads of the calling runtime, under its JIT and its collector: for tests and debugging.</summary>
public sealed class InProcessWorkers : IWorkerRuntime
{
    /// <inheritdoc/>
    public string Name => "in-process";

    /// <inheritdoc/>
    public int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <inheritdoc/>
    public unsafe void Start(WorkerHandle worker) =>
        new Thread(() => WorkerLoop.Run(worker.Block)) { IsBackground = true, Name = $"dp-worker-{worker.Index}" }.Start();
}
