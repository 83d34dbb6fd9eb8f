using Dataplane.Dpdk;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Contenders;

/// <summary>
/// The environment of a run: EAL, one pool of buffers for all scenarios, and virtual devices that come and go. EAL starts
/// once per process, so that a run has one of these.
/// </summary>
internal sealed class Devices : IDisposable
{
    private const int MbufBytes = 2560;

    // What in-flight packets, caches and a self-check's captures take beside the looped capture, which holds its own mbufs.
    private const int SpareMbufs = 32768;

    // Rings and pools of ports; the tables of rte_fib (with its tree of a million routes) and rte_hash.
    private const int OtherMib = 128;
    private const int LookupMib = 1024;

    /// <summary>Transmit queues of a sink are taken in steps of this many: net_null counts packets of neighbouring queues in one
    /// cache line, atomically.</summary>
    internal const int SinkQueueStride = 4;

    private readonly string _directory = Directory.CreateTempSubdirectory("dataplane-rig-").FullName;
    private readonly Mempool _pool;
    private int _serial;

    /// <summary>Starts EAL.</summary>
    /// <param name="capturedPackets">Most packets that looped captures hold at a time.</param>
    /// <param name="workerCpu">CPU to measure on; all other threads are moved off it.</param>
    /// <param name="timesLookups">Leave room for DPDK's own tables.</param>
    internal Devices(int capturedPackets, int workerCpu, bool timesLookups)
    {
        WorkerCpu = workerCpu;
        uint mbufs = (uint)(capturedPackets + SpareMbufs) - 1;
        int memoryMib = (int)((long)mbufs * MbufBytes / (1 << 20)) + (timesLookups ? LookupMib : OtherMib);
        HugePages.TryReserve(memoryMib + 64);
        Eal = Eal.Start(new EalOptions { MemoryMib = memoryMib, LogLevel = "error", Warn = Console.Error.WriteLine });
        _pool = Mempool.Create("rig", new MempoolOptions { Count = mbufs });
        HostThreads.KeepOff([workerCpu]);
    }

    internal Eal Eal { get; }

    internal int WorkerCpu { get; }

    /// <summary>A path of its own in this run's temporary directory.</summary>
    internal string NewPath(string extension) => Path.Combine(_directory, $"{_serial++}.{extension}");

    /// <summary>A port whose receive queues replay captures in a loop, one capture per queue.</summary>
    internal EthernetPort OpenLoop(IReadOnlyList<IReadOnlyList<byte[]>> captures)
    {
        var paths = new List<string>();
        foreach (IReadOnlyList<byte[]> frames in captures)
        {
            paths.Add(NewPath("pcap"));
            CaptureFile.Write(paths[^1], frames);
        }
        string queues = string.Concat(paths.Select(static path => $",rx_pcap={path}"));
        EthernetPort port = Open($"net_pcap{_serial++}{queues},infinite_rx=1", rxQueues: captures.Count, txQueues: 1);
        paths.ForEach(File.Delete);
        return port;
    }

    /// <summary>A port that yields the frames of a capture once.</summary>
    internal EthernetPort OpenOnce(string path) => Open($"net_pcap{_serial++},rx_pcap={path}", 1, 1);

    /// <summary>A port that writes what is sent into a capture, which is complete when the port is disposed.</summary>
    internal EthernetPort OpenRecorder(string path) => Open($"net_pcap{_serial++},tx_pcap={path}", 1, 1);

    /// <summary>A port that takes everything and keeps nothing, for so many threads.</summary>
    internal EthernetPort OpenSink(int threads) => Open($"net_null{_serial++}", 1, threads * SinkQueueStride);

    public void Dispose()
    {
        _pool.Dispose();
        Eal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private EthernetPort Open(string device, int rxQueues, int txQueues)
    {
        EthernetPort port = EthernetPort.Attach(device);
        port.Configure(new PortOptions { RxQueues = (ushort)rxQueues, TxQueues = (ushort)txQueues }, _pool);
        port.Start();
        return port;
    }
}
