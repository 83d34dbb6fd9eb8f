namespace Dataplane.Dpdk;

/// <summary>
/// A port of DPDK: attach, configure, start; then packets go through <see cref="FastCalls"/> by <see cref="Id"/> and
/// queue, each queue from one thread. Everything here is for the control thread.
/// </summary>
public sealed unsafe partial class EthernetPort : IDisposable
{
    private readonly string _bus;
    private readonly string _arguments;
    private bool _attached;
    private bool _closed;

    private EthernetPort(ushort id, string name, string bus, string arguments, bool attached)
    {
        Id = id;
        Name = name;
        _bus = bus;
        _arguments = arguments;
        _attached = attached;
        PortInformation.Native native;
        Check(Shim.PortInfo(id, &native), "cannot be asked what it is", "");
        Information = PortInformation.From(&native);
    }

    /// <summary>DPDK's number for the port, for <see cref="FastCalls"/>.</summary>
    public ushort Id { get; }

    /// <summary>Name of the device: "net_ring0", or a PCI address.</summary>
    public string Name { get; }

    /// <summary>What the device says about itself.</summary>
    public PortInformation Information { get; }

    /// <summary>Whether it was started and not stopped.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Attaches a device and returns its port.</summary>
    /// <param name="device">A virtual device with its arguments ("net_pcap0,rx_pcap=in.pcap") or a PCI address that
    /// <see cref="EalOptions.PciDevices"/> lists. An argument's value cannot hold a comma.</param>
    /// <exception cref="DpdkException">No such driver, a bad argument, a name in use, or whatever else the driver did
    /// not like; the process goes on.</exception>
    public static EthernetPort Attach(string device)
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        Eal.RequireRunning($"Device '{device}'");
        int comma = device.IndexOf(',', StringComparison.Ordinal);
        string name = comma < 0 ? device : device[..comma];
        string arguments = comma < 0 ? "" : device[(comma + 1)..];
        string bus = PciAddress.IsMatch(name) ? "pci" : "vdev";
        DeviceString.Check(device, name, arguments);
        int known = Shim.PortByName(name);
        if (known >= 0 && bus == "pci")
            return new EthernetPort((ushort)known, name, bus, arguments, attached: false);
        _ = EalLog.Take();
        int result = known >= 0 ? -Errno.Exists : Shim.DeviceAttach(bus, name, arguments);
        if (result < 0)
            throw DpdkException.From($"Device '{device}' cannot be attached", result, DeviceString.Advice(name));
        int port = Shim.PortByName(name);
        if (port >= 0)
            return new EthernetPort((ushort)port, name, bus, arguments, attached: true);
        _ = Shim.DeviceDetach(bus, name);
        throw DpdkException.From($"Device '{device}' has no Ethernet port", port, DeviceString.Advice(name));
    }

    /// <summary>The port of a device that is there already.</summary>
    /// <exception cref="DpdkException">There is no port of this name.</exception>
    public static EthernetPort Open(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Eal.RequireRunning($"Port '{name}'");
        int port = Shim.PortByName(name);
        if (port >= 0)
            return new EthernetPort((ushort)port, name, PciAddress.IsMatch(name) ? "pci" : "vdev", "", attached: false);
        IReadOnlyList<string> names = Names();
        string present = names.Count == 0 ? "There are no ports." : $"There are: {string.Join(", ", names)}.";
        throw DpdkException.From($"There is no port '{name}'", port, $"{present} Attach the device first.");
    }

    /// <summary>The names of all ports.</summary>
    public static IReadOnlyList<string> Names()
    {
        Eal.RequireRunning("The list of ports");
        List<string> names = [];
        PortInformation.Native native;
        for (int id = Shim.PortNext(0); id >= 0; id = Shim.PortNext(id + 1))
            if (Shim.PortInfo((ushort)id, &native) == 0)
                names.Add(PortInformation.From(&native).Device);
        return names;
    }

    /// <summary>Lets packets pass. The port must be configured.</summary>
    /// <exception cref="DpdkException">The driver refuses.</exception>
    public void Start()
    {
        Check(Shim.PortStart(Id), "cannot be started", DeviceString.Advice(Name));
        IsStarted = true;
    }

    /// <summary>Stops packets. No thread may be in a burst on this port any more.</summary>
    /// <exception cref="DpdkException">The driver refuses.</exception>
    public void Stop()
    {
        Check(Shim.PortStop(Id), "cannot be stopped", "");
        IsStarted = false;
    }

    /// <summary>Stops and closes the port, and takes the device out again when <see cref="Attach"/> brought it in. The
    /// driver returns its buffers, so the mempool must still be there; so must no thread be in a burst.</summary>
    public void Dispose()
    {
        if (_closed || Eal.Current == null)
            return;
        _closed = true;
        IsStarted = false;
        // net_af_packet sets the flags of the kernel's interface and leaves them there.
        _ = Shim.PortSetPromiscuous(Id, 0);
        _ = Shim.PortSetAllMulticast(Id, 0);
        _ = Shim.PortStop(Id);
        // Taking a virtual device out closes its port.
        if (_attached)
            _ = Shim.DeviceDetach(_bus, Name);
        else
            _ = Shim.PortClose(Id);
        _attached = false;
        _ = EalLog.Take();
    }

    private int Check(int result, string what, string advice)
    {
        if (result >= 0)
            return result;
        throw DpdkException.From($"Port '{Name}' {what}", result, advice);
    }
}
