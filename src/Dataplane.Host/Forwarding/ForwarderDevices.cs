using Dataplane.Dpdk;
using Dataplane.Forwarding.Workers;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Forwarding;

/// <summary>
/// DPDK for a running forwarder: its memory, packet buffers, rings and ports, started in this order and taken down in the
/// opposite one. Control thread only.
/// </summary>
internal sealed class ForwarderDevices : IDisposable
{
    private const int RingShare = 8;
    private const int LongestRing = 4096;
    private const int ShortestRing = 64;
    private const int LargestCache = 256;

    /// <summary>Buffers for what is punted and injected at the same time.</summary>
    private const int SlowPathBuffers = 256;

    private readonly Stack<IDisposable> _owned = new();
    private readonly DataplaneConfiguration _configuration;
    private readonly OtherDevices? _others;
    private readonly List<EthernetPort> _ports = [];

    /// <summary>Starts EAL and the devices; no packet passes before <see cref="StartPorts"/>.</summary>
    /// <param name="configuration">A configuration loaded to run.</param>
    /// <param name="warn">Takes warnings, whole sentences.</param>
    /// <param name="others">Devices beside or in place of those that the configuration names; null for none.</param>
    /// <exception cref="DpdkException">DPDK refuses something.</exception>
    /// <exception cref="ForwarderException">A device cannot do what the configuration asks of it.</exception>
    public ForwarderDevices(DataplaneConfiguration configuration, Action<string> warn, OtherDevices? others = null)
    {
        _configuration = configuration;
        _others = others;
        try
        {
            Eal = Own(Eal.Start(Options(configuration, warn, others)));
            int buffers = configuration.Limits.MempoolMbufs;
            Pool = Own(Mempool.Create("packets", new MempoolOptions
            {
                Count = (uint)buffers,
                CacheSize = (uint)Math.Min(LargestCache, buffers / 4),
                DataRoom = PacketBuffers.DataRoom(configuration),
            }));
            var length = (uint)Math.Clamp(buffers / RingShare, ShortestRing, LongestRing);
            Punts = Own(Ring.Create("punts", new RingOptions { Capacity = length, SingleConsumer = true }));
            Inject = [.. configuration.Workers.Cores.Select((_, worker) => Own(Ring.Create(
                $"inject{worker}", new RingOptions { Capacity = length, SingleProducer = true, SingleConsumer = true })))];
            foreach (PortConfiguration port in configuration.Ports)
                _ports.Add(Attach(port));
            Queues = QueuePlan.Make(
                configuration.Ports, [.. _ports.Select(static port => port.Information)], configuration.Workers.Cores.Count);
            Bindings = [.. _ports.Select((port, row) => Configure(port, configuration.Ports[row], Queues.RxQueues[row], warn))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>DPDK's environment.</summary>
    public Eal Eal { get; }

    /// <summary>Packet buffers.</summary>
    public Mempool Pool { get; }

    /// <summary>From all workers to the slow path.</summary>
    public Ring Punts { get; }

    /// <summary>From the slow path to each worker.</summary>
    public IReadOnlyList<Ring> Inject { get; }

    /// <summary>The ports' devices, by row.</summary>
    public IReadOnlyList<EthernetPort> Ports => _ports;

    /// <summary>The ports' queues.</summary>
    public QueuePlan Queues { get; }

    /// <summary>What the tables need to know of the ports, by row.</summary>
    public IReadOnlyList<PortBinding> Bindings { get; }

    /// <summary>Lets packets pass.</summary>
    /// <exception cref="ForwarderException">A driver refuses, or its queues take all packet buffers.</exception>
    public void StartPorts()
    {
        for (int row = 0; row < _ports.Count; row++)
            OfPort(_configuration.Ports[row], _ports[row].Start);
        RequireBuffers(0);
    }

    private void RequireBuffers(int furtherQueues)
    {
        uint needed = (uint)(SlowPathBuffers + (Queues.RxQueues.Sum(static queues => queues) + furtherQueues) * ManualWorker.MaxBurst);
        uint available = Pool.Available;
        if (available < needed)
        {
            throw new ForwarderException($"the ports' queues hold {Pool.Capacity - available} of {Pool.Capacity} packet buffers, and at least "
                + $"{needed} must be left for bursts and the slow path; raise 'limits.mempool-mbufs' to "
                + $"{Pool.Capacity - available + needed} or more");
        }
    }

    /// <summary>Brings in a device for a port that the configuration does not have, and starts it. Any thread, one at a time.</summary>
    /// <param name="port">The port; it has a virtual device.</param>
    /// <param name="warn">Takes warnings, whole sentences.</param>
    /// <returns>The device, whose owner is the caller; its binding; its receive queues.</returns>
    /// <exception cref="ForwarderException">The device cannot be had, or its queues take the last packet buffers; it is out again.</exception>
    public (EthernetPort Device, PortBinding Binding, ushort RxQueues) Plug(PortConfiguration port, Action<string> warn)
    {
        ushort room = PacketBuffers.DataRoom(_configuration);
        if (PacketBuffers.DataRoom(_configuration with { Ports = [port] }) is var wanted && wanted > room)
            throw new ForwarderException($"port '{port.Name}': its device fills buffers of {wanted} octets, and those that the configuration asked for have {room}");
        EthernetPort? device = null;
        OfPort(port, () => device = EthernetPort.Attach(port.Device!.Text));
        try
        {
            var queues = QueuePlan.Make([port], [device!.Information], Queues.TxQueues);
            PortBinding binding = Configure(device, port, queues.RxQueues[0], warn);
            OfPort(port, device.Start);
            RequireBuffers(queues.RxQueues[0]);
            return (device, binding, queues.RxQueues[0]);
        }
        catch
        {
            device!.Dispose();
            throw;
        }
    }

    /// <summary>Closes the ports, which gives their buffers back, then frees all memory. No worker may run.</summary>
    public void Dispose()
    {
        while (_owned.TryPop(out IDisposable? part))
            part.Dispose();
    }

    private static EalOptions Options(DataplaneConfiguration configuration, Action<string> warn, OtherDevices? others) => new()
    {
        MemoryMib = configuration.Eal.MemoryMib,
        HugePages = configuration.Eal.HugePages switch
        {
            Configuration.HugePages.Required => HugePageUse.Require,
            Configuration.HugePages.Never => HugePageUse.Never,
            _ => HugePageUse.Prefer,
        },
        MainCpu = configuration.Eal.MainCore,
        MaxSimdBitwidth = configuration.Eal.MaxSimdBitwidth,
        PciDevices =
        [
            .. configuration.Ports.Select(static port => port.Device).OfType<PortDevice>()
                .Where(static device => device.IsPci).Select(static device => device.Name),
            .. others?.Pci ?? [],
        ],
        ExtraArguments = configuration.Eal.ExtraArguments,
        Warn = warn,
    };

    private static void OfPort(PortConfiguration port, Action action)
    {
        try
        {
            action();
        }
        catch (DpdkException problem)
        {
            throw new ForwarderException($"port '{port.Name}': {problem.Message}", problem);
        }
    }

    private EthernetPort Attach(PortConfiguration port)
    {
        if (_others?.Make is { } make)
            return Own(make(port));
        PortDevice device = port.Device!;
        if (device.IsPci && device.Arguments.Count > 0)
        {
            throw new ForwarderException(
                $"port '{port.Name}': arguments of a PCI device are not passed on; write '{device.Name}' alone as its 'device'");
        }
        EthernetPort? attached = null;
        OfPort(port, () => attached = EthernetPort.Attach(device.Text));
        return Own(attached!);
    }

    private PortBinding Configure(EthernetPort device, PortConfiguration port, ushort rxQueues, Action<string> warn)
    {
        OfPort(port, () => device.Configure(
            new PortOptions { RxQueues = rxQueues, TxQueues = Queues.TxQueues, Mtu = (ushort)port.Mtu }, Pool));
        if (port.Mac is not { } wanted)
            return new PortBinding(device.Id, device.MacAddress);
        if (_others?.Make is not null)
            return new PortBinding(device.Id, wanted);
        try
        {
            device.SetMacAddress(wanted);
        }
        catch (DpdkException problem)
        {
            // The port is promiscuous and the pipeline compares addresses itself.
            warn($"port '{port.Name}': the device keeps its own MAC address, {wanted} is used all the same. {problem.Message}");
        }
        return new PortBinding(device.Id, wanted);
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Push(part);
        return part;
    }
}
