using Dataplane.Dpdk;

namespace Dataplane.Rig.Contenders;

/// <summary>A C loop on the calling machine: the bare one, or the peer's forwarder. One queue, or one thread per queue.</summary>
internal sealed unsafe class CLoop(string name, Devices devices, CPeer? peer, EthernetPort rx, EthernetPort tx, IReadOnlyList<int> cpus) : IContender
{
    private const double WarmUpSeconds = 0.1;

    public string Name => name;

    public Window Measure(double seconds)
    {
        var windows = new Window[cpus.Count];
        using var start = new Barrier(cpus.Count);
        Thread[] threads = [.. cpus.Select((cpu, queue) => new Thread(() =>
        {
            _ = Run((ushort)queue, cpu, WarmUpSeconds);
            start.SignalAndWait();
            windows[queue] = Run((ushort)queue, cpu, seconds);
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        return new Window(windows.Sum(static window => window.Rate), windows.Max(static window => window.Waited));
    }

    private Window Run(ushort queue, int cpu, double seconds)
    {
        PeerLibrary.Result result = RunOnce(peer, rx, tx, cpu, seconds, packets: 0, queue);
        double elapsed = result.TscElapsed / (double)devices.Eal.TscHz;
        if (peer != null && result.Dropped != 0)
            throw new InvalidOperationException($"{name} dropped {result.Dropped} of {result.Rx} packets");
        return new Window(result.Tx / elapsed, result.RunDelayNanoseconds / (elapsed * 1e9));
    }

    /// <summary>Runs the loop on the calling thread, for some seconds or until so many packets were received.</summary>
    internal static PeerLibrary.Result RunOnce(CPeer? peer, EthernetPort rx, EthernetPort tx, int cpu, double seconds, ulong packets, ushort queue = 0)
    {
        var order = new PeerLibrary.Order
        {
            Mode = peer?.Mode ?? PeerLibrary.Mode.Bare,
            RxPort = rx.Id,
            RxQueue = queue,
            TxPort = tx.Id,
            TxQueue = (ushort)(queue * Devices.SinkQueueStride),
            Cpu = cpu,
            Seconds = seconds,
            Packets = packets,
        };
        PeerLibrary.Result result;
        int error = PeerLibrary.Run(peer?.Handle ?? 0, &order, &result);
        return error == 0 ? result : throw new InvalidOperationException($"the C loop could not run on CPU {cpu}: error {-error}");
    }
}
