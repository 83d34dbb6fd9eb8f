using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Workers;
using Dataplane.Rig.Measuring;

namespace Dataplane.Rig.Contenders;

/// <summary>A started worker, and the thread it runs on.</summary>
internal sealed unsafe class RunningWorker : IDisposable
{
    private readonly WorkerHandle _worker;

    /// <summary>Starts it and waits until it polls.</summary>
    internal RunningWorker(IWorkerRuntime runtime, WorkerHandle worker)
    {
        _worker = worker;
        HashSet<int> before = [.. Threads.List()];
        runtime.Start(worker);
        while (worker.State == WorkerState.New)
            Thread.Sleep(1);
        int cpu = worker.Settings.Cpu ?? throw new ArgumentException("a worker that is measured has a CPU of its own");
        if (worker.State != WorkerState.Running)
            throw new InvalidOperationException($"the worker could not start on CPU {cpu}");
        ThreadId = Threads.List().FirstOrDefault(thread => !before.Contains(thread) && Threads.IsPinnedTo(thread, cpu));
        if (ThreadId == 0)
            throw new InvalidOperationException("the worker's thread is not in /proc/self/task");
    }

    /// <summary>The kernel's number of its thread.</summary>
    internal int ThreadId { get; }

    internal WorkerHandle Handle => _worker;

    /// <summary>Where packets from its queues went, so far.</summary>
    internal Ledger Received
    {
        get
        {
            Ledger* ledger = &_worker.Block->Counters.Received;
            return new Ledger
            {
                Rx = Volatile.Read(ref ledger->Rx),
                Tx = Volatile.Read(ref ledger->Tx),
                Punted = Volatile.Read(ref ledger->Punted),
                Dropped = Volatile.Read(ref ledger->Dropped),
            };
        }
    }

    /// <summary>Asks it to stop and waits until it has left its loop.</summary>
    public void Dispose()
    {
        _worker.RequestStop();
        while (_worker.State == WorkerState.Running)
            Thread.Sleep(1);
    }
}
