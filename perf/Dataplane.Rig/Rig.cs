using System.Diagnostics;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Workers;

namespace Dataplane.Rig;

/// <summary>Devices and workers of one run: pcap (in a loop) → the thing under test → null.</summary>
internal sealed class Rig : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dataplane-rig-").FullName;
    private readonly Mempool _pool;

    internal Rig(int packets, int workerCpu)
    {
        WorkerCpu = workerCpu;
        string capture = Path.Combine(_directory, "in.pcap");
        Traffic.Write(capture, packets, seed: 1);
        // A looped capture lives in mbufs: a copy of it for good, and one for what is in flight.
        uint mbufs = (uint)(2 * packets + 16384) - 1;
        int memoryMib = (int)(mbufs * 2560L / (1 << 20)) + 128;
        HugePages.TryReserve(memoryMib + 64);
        Eal = Eal.Start(new EalOptions { MemoryMib = memoryMib, LogLevel = "error", Warn = Console.Error.WriteLine });
        _pool = Mempool.Create("rig", new MempoolOptions { Count = mbufs });
        Source = Open($"net_pcap0,rx_pcap={capture},infinite_rx=1");
        Sink = Open("net_null0");
        Product = new RigDatapath(Eal, Source, Sink);
        HostThreads.KeepOff([workerCpu]);
    }

    internal Eal Eal { get; }

    internal EthernetPort Source { get; }

    internal EthernetPort Sink { get; }

    internal RigDatapath Product { get; }

    internal int WorkerCpu { get; }

    /// <summary>Starts a worker and waits until it polls.</summary>
    internal WorkerHandle StartWorker(IWorkerRuntime runtime)
    {
        WorkerHandle worker = Product.CreateWorker(WorkerCpu);
        runtime.Start(worker);
        while (worker.State == WorkerState.New)
            Thread.Sleep(1);
        if (worker.State != WorkerState.Running)
            throw new InvalidOperationException($"the worker could not start on CPU {WorkerCpu}");
        return worker;
    }

    /// <summary>Stops a worker and waits until it has left its loop.</summary>
    internal static void StopWorker(WorkerHandle worker)
    {
        worker.RequestStop();
        while (worker.State == WorkerState.Running)
            Thread.Sleep(1);
    }

    /// <summary>Packets per second that the datapath transmits during the given time; every packet must be accounted
    /// for and none dropped.</summary>
    internal double MeasureRate(double seconds)
    {
        Ledger before = Product.Datapath.ReadCounters().Received;
        var clock = Stopwatch.StartNew();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        Ledger after = Product.Datapath.ReadCounters().Received;
        double elapsed = clock.Elapsed.TotalSeconds;
        if (after.Dropped != 0 || after.Punted != 0)
            throw new InvalidOperationException($"the datapath dropped {after.Dropped} and punted {after.Punted} packets");
        return (after.Tx - before.Tx) / elapsed;
    }

    internal double MeasureBareLoop(double seconds)
    {
        long moved = Peers.BareLoop(Source.Id, Sink.Id, WorkerCpu, seconds);
        return moved < 0 ? throw new InvalidOperationException("the C peer could not be pinned") : moved / seconds;
    }

    public void Dispose()
    {
        Product.Dispose();
        Source.Dispose();
        Sink.Dispose();
        _pool.Dispose();
        Eal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private EthernetPort Open(string device)
    {
        EthernetPort port = EthernetPort.Attach(device);
        port.Configure(new PortOptions(), _pool);
        port.Start();
        return port;
    }
}
