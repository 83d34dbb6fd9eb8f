using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Net;

namespace Dataplane.Host.Replay;

/// <summary>
/// DPDK for a replay: its memory, a net_pcap device per input capture, and for each port a net_ring device that its frames
/// are sent to. What was sent is taken out of the ring as the very buffer, with the time stamp it was received with;
/// net_pcap as output would write the hour of the day instead.
/// </summary>
internal sealed class ReplayDevices : IDisposable
{
    private const int SpareBuffers = 2048;
    private const int LeastInjections = 4096;
    private const int MemoryForTheRest = 64;
    private readonly Stack<IDisposable> _owned = new();

    /// <summary>Starts EAL and the devices.</summary>
    /// <exception cref="DpdkException">DPDK refuses something.</exception>
    public ReplayDevices(ReplayRequest request)
    {
        DataplaneConfiguration configuration = request.Configuration;
        MempoolOptions buffers = Buffers(request);
        try
        {
            Own(Eal.Start(new EalOptions
            {
                MemoryMib = PacketBuffers.MemoryMib(buffers) + MemoryForTheRest,
                HugePages = HugePageUse.Never,
                LogLevel = "error",
            }));
            Pool = Own(Mempool.Create("replay", buffers));
            int injections = Injections(configuration);
            Punts = Own(Ring.Create("punts", new RingOptions { Capacity = (uint)(injections + SpareBuffers) }));
            Inject = Own(Ring.Create("inject", new RingOptions { Capacity = (uint)injections }));
            Outputs = [.. configuration.Ports.Select((_, row) => OpenPort($"net_ring{row}"))];
            var inputs = new List<(PortId, CaptureFile, EthernetPort)>();
            foreach ((int row, CaptureFile capture) in request.Inputs.OrderBy(static input => input.Key))
                inputs.Add((new PortId((ushort)row), capture, OpenPort($"net_pcap{row},rx_pcap={capture.DevicePath}")));
            Timestamp = ReceiveTimestamp.Lookup();
            Sources = [.. inputs.Select(input => new CaptureSource(input.Item1, input.Item2, input.Item3, Timestamp))];
            Bindings = [.. configuration.Ports.Select((port, row) => new PortBinding(Outputs[row].Id, port.Mac ?? DefaultMac(row)))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where buffers come from.</summary>
    public Mempool Pool { get; }

    /// <summary>Punted packets; has room for all that one step can punt.</summary>
    public Ring Punts { get; }

    /// <summary>Injected packets.</summary>
    public Ring Inject { get; }

    /// <summary>The device that a port's frames are sent to and taken from again, by row.</summary>
    public IReadOnlyList<EthernetPort> Outputs { get; }

    /// <summary>The input captures, by row of their ports.</summary>
    public IReadOnlyList<CaptureSource> Sources { get; }

    /// <summary>Where a buffer carries its capture time.</summary>
    public ReceiveTimestamp Timestamp { get; }

    /// <summary>The ports, by row. A port without a MAC address in the file has 02:00:00:00:00:01 and so on, by row.</summary>
    public IReadOnlyList<PortBinding> Bindings { get; }

    /// <summary>Stops everything and gives the memory back.</summary>
    public void Dispose()
    {
        while (_owned.TryPop(out IDisposable? part))
            part.Dispose();
    }

    private static MacAddress DefaultMac(int row) => new(0x02_00_00_00_00_01 + (ulong)row);

    // Everything that can be in a buffer at the same time: read ahead, waiting to be injected, and one burst.
    private static MempoolOptions Buffers(ReplayRequest request)
    {
        ushort room = PacketBuffers.DataRoom(request.Configuration);
        int payload = room - Mbuf.DefaultHeadroom;
        int ahead = request.Inputs.Values.Sum(capture => CaptureSource.LookAhead * (1 + capture.LongestPacket / payload));
        return new MempoolOptions
        {
            Count = (uint)(ahead + Injections(request.Configuration) + SpareBuffers),
            CacheSize = 0,
            DataRoom = room,
        };
    }

    private static int Injections(DataplaneConfiguration configuration) =>
        LeastInjections + configuration.Limits.Tunnels + 2 * configuration.Limits.HeldPackets;

    private EthernetPort OpenPort(string device)
    {
        EthernetPort port = Own(EthernetPort.Attach(device));
        port.Configure(new PortOptions(), Pool);
        port.Start();
        return port;
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Push(part);
        return part;
    }
}
