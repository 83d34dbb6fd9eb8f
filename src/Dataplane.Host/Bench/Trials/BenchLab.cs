using Dataplane.Dpdk;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Net;

namespace Dataplane.Host.Bench.Trials;

/// <summary>
/// What a bench runs on: DPDK, the device under test when it is in this process, the generator's buffers and the ways in
/// and out. Control thread only, but for the ways.
/// </summary>
internal sealed class BenchLab : IDisposable
{
    private const int SpareBuffers = 4096;
    private const int OutputFactor = 4;
    private const int CacheSize = 256;
    private const int MemoryForTheRest = 48;
    private readonly BenchRequest _request;
    private readonly List<Ring> _receive = [];
    private readonly List<Ring> _transmit = [];
    private readonly List<int> _firstLane = [];
    private readonly List<EthernetPort> _ports = [];
    private readonly Eal _eal;

    /// <summary>Starts it.</summary>
    /// <param name="request">What is to be measured.</param>
    /// <param name="longestFrame">Octets of the longest frame, without FCS.</param>
    /// <param name="warn">Takes warnings, whole sentences.</param>
    /// <param name="failed">Called when the slow path ends by a defect.</param>
    /// <exception cref="DpdkException">DPDK refuses something.</exception>
    /// <exception cref="ForwarderException">Something else is in the way.</exception>
    public BenchLab(BenchRequest request, int longestFrame, Action<string> warn, Action<Exception> failed)
    {
        _request = request;
        MempoolOptions buffers = Buffers(longestFrame);
        try
        {
            if (request.Configuration is { } configuration)
            {
                configuration = Prepare(configuration, PacketBuffers.MemoryMib(buffers) + MemoryForTheRest);
                Func<PortConfiguration, EthernetPort>? make = request.Arrangement == Arrangement.SelfContained ? MakeOfRings : null;
                Forwarder = Forwarder.Start(configuration, warn, failed, new OtherDevices(make, OwnPci()));
                _eal = Forwarder.Devices.Eal;
            }
            else
            {
                _eal = Eal.Start(new EalOptions
                {
                    MemoryMib = PacketBuffers.MemoryMib(buffers) + MemoryForTheRest,
                    PciDevices = OwnPci(),
                    Warn = warn,
                });
            }
            Pool = Mempool.Create("generator", buffers);
            OpenWays();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The device under test; null when it is elsewhere.</summary>
    public Forwarder? Forwarder { get; }

    /// <summary>The generator's buffers.</summary>
    public Mempool Pool { get; private set; } = null!;

    /// <summary>Ways in.</summary>
    public IReadOnlyList<ITrafficOutlet> Outlets { get; private set; } = [];

    /// <summary>Ways out.</summary>
    public IReadOnlyList<ITrafficInlet> Inlets { get; private set; } = [];

    /// <summary>Ticks per second of the clock.</summary>
    public ulong ClockHz => _eal.TscHz;

    /// <summary>The DPDK in use.</summary>
    public string DpdkVersion => _eal.Version;

    /// <summary>Whether DPDK's memory is on huge pages.</summary>
    public bool UsesHugePages => _eal.UsesHugePages;

    /// <summary>Devices that take part, with their drivers.</summary>
    public IReadOnlyList<(string Name, string Device, string Driver)> Devices =>
    [
        .. Forwarder is null ? [] : Forwarder.Devices.Ports.Select((port, row) =>
            ("port " + Forwarder.Configuration.Ports[row].Name, port.Name, port.Information.Driver)),
        .. _ports.Select(static (port, i) => (i == 0 ? "generator" : "analyser", port.Name, port.Information.Driver)),
    ];

    /// <summary>Whether no device is a physical one.</summary>
    public bool IsVirtual => Devices.All(static device => !char.IsAsciiDigit(device.Device[0]));

    /// <summary>The outlet for a frame.</summary>
    /// <param name="port">Row of the port it is for.</param>
    /// <param name="flow">Hash of its flow.</param>
    public int LaneOf(int port, ulong flow) => _request.Arrangement == Arrangement.SelfContained
        ? _firstLane[port] + (int)(flow % (uint)(_firstLane[port + 1] - _firstLane[port])) : 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EthernetPort port in _ports)
            port.Dispose();
        // Stops the workers, and ends EAL with all its memory; the rest lies in that.
        if (Forwarder is not null)
            Forwarder.Dispose();
        else
            _eal?.Dispose();
    }

    /// <summary>A configuration as the self-contained arrangement runs it: ports without a MAC address get the one that
    /// replay gives them, and next hops of the underlay that would have to be asked for are known.</summary>
    internal static DataplaneConfiguration WithoutNeighbors(DataplaneConfiguration configuration)
    {
        var underlay = new UnderlayRoutes(configuration);
        IEnumerable<IpAddress> remotes = configuration.Tunnels.Select(static tunnel => tunnel.Remote)
            .Concat(configuration.Vrfs.SelectMany(static vrf => vrf.Routes).SelectMany(static route => route.Owners))
            .Where(remote => !configuration.Infrastructure.IsOurs(remote)).Distinct();
        HashSet<UnderlayHop> ways = [.. remotes.Select(underlay.Find).OfType<UnderlayHop>()];
        return configuration with
        {
            Ports = [.. configuration.Ports.Select((port, row) => port with
            {
                Device = null,
                Mac = port.Mac ?? new MacAddress(0x02_00_00_00_00_01 + (ulong)row),
                Neighbors =
                [
                    .. port.Neighbors,
                    .. ways.Where(way => way.Port.Value == row && port.Neighbors.All(known => known.Address != way.NextHop))
                        .Select(static (way, i) => new StaticNeighbor { Address = way.NextHop, Mac = new MacAddress(0x02_00_00_01_00_00 + (ulong)i) }),
                ],
            })],
        };
    }

    private DataplaneConfiguration Prepare(DataplaneConfiguration configuration, int moreMemory)
    {
        if (_request.Arrangement == Arrangement.SelfContained)
            configuration = WithoutNeighbors(configuration);
        return configuration with { Eal = configuration.Eal with { MemoryMib = configuration.Eal.MemoryMib + moreMemory } };
    }

    private List<string> OwnPci() =>
        [.. new[] { _request.TxPort, _request.RxPort }.OfType<PortDevice>().Where(static device => device.IsPci).Select(static device => device.Name).Distinct()];

    // What fits into all queues at the same time, and a few bursts.
    private MempoolOptions Buffers(int longestFrame)
    {
        int queues = _request.Configuration is { } configuration && _request.Arrangement == Arrangement.SelfContained
            ? configuration.Ports.Sum(port => port.Queues * _request.RingFrames + configuration.Workers.Cores.Count * OutputFactor * _request.RingFrames)
            : 4 * 1024 + OutputFactor * _request.RingFrames;
        int room = _request.Configuration is null ? 0 : PacketBuffers.DataRoom(_request.Configuration);
        return new MempoolOptions
        {
            Count = (uint)(queues + SpareBuffers),
            CacheSize = CacheSize,
            DataRoom = (ushort)Math.Clamp(Math.Max(room, 2 * Mbuf.DefaultHeadroom + longestFrame), 2048 + Mbuf.DefaultHeadroom, ushort.MaxValue),
        };
    }

    private EthernetPort MakeOfRings(PortConfiguration port)
    {
        Ring Make(string name, int frames)
        {
            return Ring.Create($"{name}{_receive.Count}.{_transmit.Count}", new RingOptions { Capacity = (uint)frames, SingleProducer = true, SingleConsumer = true });
        }
        _firstLane.Add(_receive.Count);
        var receive = new List<Ring>();
        for (int queue = 0; queue < port.Queues; queue++)
        {
            receive.Add(Make("in", _request.RingFrames));
            _receive.Add(receive[^1]);
        }
        var transmit = new List<Ring>();
        for (int worker = 0; worker < _request.Configuration!.Workers.Cores.Count; worker++)
        {
            transmit.Add(Make("out", _request.RingFrames * OutputFactor));
            _transmit.Add(transmit[^1]);
        }
        return EthernetPort.FromRings($"bench{_firstLane.Count - 1}", receive, transmit);
    }

    private void OpenWays()
    {
        if (_request.Arrangement == Arrangement.SelfContained)
        {
            _firstLane.Add(_receive.Count);
            Outlets = [.. _receive.Select(static ring => new RingOutlet(ring))];
            Inlets = [.. _transmit.Select(static ring => new RingInlet(ring))];
            return;
        }
        EthernetPort transmit = Open(_request.TxPort!);
        EthernetPort receive = _request.RxPort is null || _request.RxPort.Name == _request.TxPort!.Name ? transmit : Open(_request.RxPort);
        Outlets = [new PortEnd(transmit)];
        Inlets = [new PortEnd(receive)];
    }

    private EthernetPort Open(PortDevice device)
    {
        EthernetPort port = EthernetPort.Attach(device.Text);
        _ports.Add(port);
        port.Configure(new PortOptions(), Pool);
        port.Start();
        return port;
    }
}
