using System.Diagnostics;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Workers;
using Dataplane.Host.Configuration;
using Dataplane.Host.Configuration.Kernel;
using Dataplane.SlowPath;

namespace Dataplane.Host.Forwarding;

/// <summary>
/// A running forwarder: devices, tables, workers, slow path. <see cref="Start"/> either brings all of it up or leaves
/// nothing behind; <see cref="Dispose"/> takes it down in order. Control thread only, but for what readers are told.
/// </summary>
internal sealed class Forwarder : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>For how long we serve beside a successor, while its routes spread.</summary>
    private static readonly TimeSpan Convergence = TimeSpan.FromMilliseconds(500);

    private int _handedOver;
    private readonly Action<string> _warn;
    private bool _disposed;

    private Forwarder(
        DataplaneConfiguration configuration, IWorkerRuntime runtime, Action<string> warn, Action<Exception> failed, OtherDevices? others,
        bool suppliesRoutes)
    {
        _warn = warn;
        Configuration = configuration;
        Runtime = runtime;
        Devices = new ForwarderDevices(configuration, warn, others);
        try
        {
            Tables = ForwardingTables.Build(configuration, Devices.Eal.TscHz, Devices.Bindings, suppliesRoutes);
            Tables.Warn = warn;
            Tables.Datapath.SetPuntRing(Devices.Punts);
            for (int worker = 0; worker < configuration.Workers.Cores.Count; worker++)
                Tables.Datapath.CreateWorker(Settings(worker), Devices.Inject[worker]);
            SlowPath = new SlowPathThread(Devices, Tables, failed);
            Plugged = new PluggedPorts(Devices, Tables, SlowPath, warn, new LinuxKernelView());
        }
        catch
        {
            Tables?.Dispose();
            Devices.Dispose();
            throw;
        }
    }

    /// <summary>What it was started with.</summary>
    public DataplaneConfiguration Configuration { get; }

    /// <summary>DPDK's part.</summary>
    public ForwarderDevices Devices { get; }

    /// <summary>The tables; counters may be read by any thread.</summary>
    public ForwardingTables Tables { get; }

    /// <summary>Where the workers run.</summary>
    public IWorkerRuntime Runtime { get; }

    /// <summary>The workers.</summary>
    public IReadOnlyList<WorkerHandle> Workers => Tables.Datapath.Workers;

    /// <summary>The slow path.</summary>
    public SlowPathThread SlowPath { get; }

    /// <summary>Ports that come and go.</summary>
    public PluggedPorts Plugged { get; }

    /// <summary>Starts a forwarder.</summary>
    /// <param name="configuration">A configuration loaded to run.</param>
    /// <param name="warn">Takes warnings, whole sentences.</param>
    /// <param name="failed">Called on another thread when the slow path ends by a defect.</param>
    /// <param name="others">Devices beside or in place of those that the configuration names; null for none.</param>
    /// <param name="suppliesRoutes">Whether the routes of VRFs are installed; false where a gateway in the process does it.</param>
    /// <exception cref="DpdkException">DPDK refuses something.</exception>
    /// <exception cref="ForwarderException">Something else is in the way.</exception>
    public static Forwarder Start(
        DataplaneConfiguration configuration, Action<string> warn, Action<Exception> failed, OtherDevices? others = null,
        bool suppliesRoutes = true)
    {
        IWorkerRuntime runtime = WorkerRuntimes.Create(configuration.Workers.Runtime);
        var forwarder = new Forwarder(configuration, runtime, warn, failed, others, suppliesRoutes);
        try
        {
            forwarder.Devices.StartPorts();
            forwarder.StartWorkers();
            forwarder.SlowPath.Start();
            return forwarder;
        }
        catch
        {
            forwarder.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Hands the access ports that we were elected for to other forwarders, if there are any, and waits until they serve; packets go on
    /// meanwhile. Once: what comes later returns at once. Any thread.
    /// </summary>
    public void HandOver()
    {
        if (Interlocked.Exchange(ref _handedOver, 1) != 0 || SlowPath.Service.Processor.Elections.All.Count == 0)
            return;
        Task<IReadOnlyList<VrrpElection>> resigned = SlowPath.InvokeAsync(SlowPath.Service.Processor.Elections.Stop);
        if (!resigned.Wait(Patience))
            return;
        // A successor waits for its skew, less than an interval; then others have to hear of its routes.
        TimeSpan longest = resigned.Result.Select(static election => TimeSpan.FromMilliseconds(10 * election.Settings.Interval)).DefaultIfEmpty().Max();
        long start = Stopwatch.GetTimestamp();
        while (resigned.Result.Any(static election => !election.HasSuccessor) && Stopwatch.GetElapsedTime(start) < longest + Convergence)
            Thread.Sleep(1);
        if (resigned.Result.Any(static election => election.HasSuccessor))
            Thread.Sleep(Convergence);
    }

    /// <summary>Stops the workers, then the slow path, closes the ports and frees everything.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (WorkerHandle worker in Workers)
            worker.RequestStop();
        bool stopped = Workers.Aggregate(true, static (all, worker) => WaitWhile(worker, WorkerState.Running) && all);
        SlowPath.Dispose();
        if (!stopped)
        {
            // A thread that still polls must not lose the memory it polls; the process ends anyway.
            _warn($"A worker did not stop within {Patience.TotalSeconds} s; the ports are left to the end of the process.");
            return;
        }
        foreach (Ring ring in Devices.Inject)
            Drain(ring);
        Plugged.Dispose();
        Devices.Dispose();
        Tables.Dispose();
    }

    private static void Drain(Ring ring)
    {
        Span<nint> packets = stackalloc nint[ManualWorker.MaxBurst];
        for (int count; (count = ring.Dequeue(packets)) != 0;)
            Mempool.Free(packets[..count]);
    }

    private static bool WaitWhile(WorkerHandle worker, WorkerState state)
    {
        long start = Stopwatch.GetTimestamp();
        while (worker.State == state)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                return false;
            Thread.Sleep(1);
        }
        return true;
    }

    private void StartWorkers()
    {
        if (HostThreads.KeepOff(Configuration.Workers.Cores).Count == 0)
            _warn("The workers' cores are all this process may use: its other threads share them, and packets will wait for them.");
        foreach (WorkerHandle worker in Workers)
        {
            Runtime.Start(worker);
            WaitWhile(worker, WorkerState.New);
            if (worker.State != WorkerState.Running)
            {
                throw new ForwarderException(
                    $"worker {worker.Index} could not start on core {worker.Settings.Cpu}: the core does not exist or is not "
                    + "this process's to use (see taskset), or DPDK has no thread number left; correct 'workers.cores'");
            }
        }
    }

    private WorkerSettings Settings(int worker) => new()
    {
        Cpu = Configuration.Workers.Cores[worker],
        Burst = Configuration.Workers.Burst,
        Idle = Configuration.Workers.Idle.Policy switch
        {
            Host.Configuration.IdlePolicy.Spin => Dataplane.Forwarding.Layout.IdlePolicy.Spin,
            Host.Configuration.IdlePolicy.Pause => Dataplane.Forwarding.Layout.IdlePolicy.Pause,
            _ => Dataplane.Forwarding.Layout.IdlePolicy.Sleep,
        },
        SpinLoops = Configuration.Workers.Idle.SpinLoops,
        MaxSleepMicroseconds = Configuration.Workers.Idle.MaxSleepMicroseconds,
        Queues = Devices.Queues.QueuesOf(worker),
    };
}
