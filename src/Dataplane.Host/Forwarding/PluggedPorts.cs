using Dataplane.Dpdk;
using Dataplane.Host.Configuration;
using Dataplane.Host.Configuration.Kernel;

namespace Dataplane.Host.Forwarding;

/// <summary>A port with its device.</summary>
/// <param name="Port">The port.</param>
/// <param name="Device">Its device; to be used only while <see cref="PluggedPorts.Read"/> lasts.</param>
internal readonly record struct PluggedPort(LivePort Port, EthernetPort Device);

/// <summary>
/// Local ports that come and go while workers run: each is the device of one guest (a tap, a vhost-user socket, a kernel interface), plugged when
/// the guest is attached. One is plugged or unplugged after the other, in the order of the calls; the device's part on the thread pool, the
/// tables' part on the thread that writes them. Any thread.
/// </summary>
internal sealed class PluggedPorts : IDisposable
{
    private const int Mtu = 1500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);
    private readonly ForwarderDevices _devices;
    private readonly ForwardingTables _tables;
    private readonly SlowPathThread _writer;
    private readonly Action<string> _warn;
    private readonly IKernelView _kernel;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private readonly List<PluggedPort> _ports = [];
    private Task _last = Task.CompletedTask;

    /// <summary>Of a forwarder.</summary>
    /// <param name="devices">DPDK's part.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="writer">The thread that writes them.</param>
    /// <param name="warn">Takes warnings, whole sentences.</param>
    /// <param name="kernel">The machine.</param>
    public PluggedPorts(ForwarderDevices devices, ForwardingTables tables, SlowPathThread writer, Action<string> warn, IKernelView kernel)
    {
        _devices = devices;
        _tables = tables;
        _writer = writer;
        _warn = warn;
        _kernel = kernel;
    }

    /// <summary>Why a device cannot be a guest's, as far as can be told without trying; null when it may.</summary>
    public string? WhyNot(string device) => WhyNot(device, out _);

    private string? WhyNot(string device, out PortDevice? parsed)
    {
        if (!PortDevice.TryParse(device, out parsed))
            return $"'{device}' is no device such as net_tap3,iface=tap3 or net_vhost3,iface=/run/vm3.sock";
        if (parsed!.IsPci)
            return $"{parsed.Name} is a PCI device: it is bound at the start, by a port of the configuration";
        if (KernelDependence.Of(_kernel, parsed) is { } lost)
            return $"it would take {lost.Interface} away from the kernel, but {lost.Carries} this machine's default route";
        return null;
    }

    /// <summary>Plugs a port; one of its name with the same device stays as it is.</summary>
    /// <returns>Null, or why it is not there.</returns>
    public Task<string?> PlugAsync(string name, string device) => InTurn(async () =>
    {
        if (_tables.FindPort(name) is { } there)
            return there.Settings.Device?.Text == device ? null : $"there is a port {name} already, with device {there.Settings.Device?.Text}";
        if (WhyNot(device, out PortDevice? parsed) is { } reason)
            return reason;
        if (TakenBy(parsed!) is { } owner)
            return $"{parsed!.Name} or its kernel interface is that of port {owner}";
        var settings = new PortConfiguration
        {
            Name = name,
            Role = PortRole.Local,
            Device = parsed,
            Mac = null,
            Mtu = Mtu,
            Queues = 1,
            Addresses = [],
            Neighbors = [],
        };
        EthernetPort? plugged = null;
        try
        {
            (plugged, PortBinding binding, ushort queues) = _devices.Plug(settings, _warn);
            LivePort live = await OnWriterAsync(() => _tables.AddPort(settings, binding, queues));
            lock (_gate)
                _ports.Add(new PluggedPort(live, plugged));
            return null;
        }
        catch (Exception problem) when (problem is ForwarderException or InvalidOperationException or ArgumentException)
        {
            plugged?.Dispose();
            return problem.Message;
        }
    });

    /// <summary>Unplugs a port when something before has come to pass; one that has an interface, or is not there, stays as it is.</summary>
    /// <param name="name">The port.</param>
    /// <param name="after">What is waited for.</param>
    public Task UnplugAsync(string name, Task after) => InTurn(async () =>
    {
        await after.WaitAsync(_ending.Token);
        PluggedPort plugged;
        lock (_gate)
            plugged = _ports.Find(port => port.Port.Settings.Name == name);
        if (plugged.Device is null)
            return null;
        bool isLeft = false;
        try
        {
            await OnWriterAsync(() => _tables.RemovePort(plugged.Port, () => isLeft = true));
        }
        catch (InvalidOperationException problem)
        {
            _warn($"Port '{name}' stays: {problem.Message}.");
            return null;
        }
        while (!await OnWriterAsync(() => IsLeft(ref isLeft)))
            await Task.Delay(Pause, _ending.Token);
        lock (_gate)
        {
            _ = _ports.Remove(plugged);
            plugged.Device.Dispose();
        }
        return null;
    });

    /// <summary>Reads of the ports that are plugged; none goes meanwhile.</summary>
    public void Read(Action<IReadOnlyList<PluggedPort>> read)
    {
        lock (_gate)
            read(_ports);
    }

    /// <summary>Takes all devices out. Workers and the thread that writes the tables have ended.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        Task last;
        lock (_gate)
            last = _last;
        last.Wait();
        lock (_gate)
        {
            foreach (PluggedPort plugged in _ports)
                plugged.Device.Dispose();
            _ports.Clear();
        }
        _ending.Dispose();
    }

    private bool IsLeft(ref bool isLeft)
    {
        if (!isLeft)
            _tables.Datapath.Reclaim();
        return isLeft;
    }

    // Two devices on one kernel interface would both see every frame.
    private string? TakenBy(PortDevice device) => _tables.Ports.FirstOrDefault(port => port.Settings.Device is { } other
        && (other.Name == device.Name || other.KernelInterfaces.Intersect(device.KernelInterfaces).Any()))?.Settings.Name;

    private Task<string?> InTurn(Func<Task<string?>> step)
    {
        lock (_gate)
        {
            Task<string?> next = RunAfterAsync(_last, step);
            _last = next;
            return next;
        }
    }

    private async Task<string?> RunAfterAsync(Task before, Func<Task<string?>> step)
    {
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            return _ending.IsCancellationRequested ? "the forwarder is stopping" : await step();
        }
        catch (OperationCanceledException)
        {
            return "the forwarder is stopping";
        }
    }

    private Task OnWriterAsync(Action action) => OnWriterAsync(() =>
    {
        action();
        return true;
    });

    // What fails there is told here: a failure on the thread itself would end it.
    private async Task<T> OnWriterAsync<T>(Func<T> function)
    {
        (T? result, Exception? problem) = await _writer.InvokeAsync<(T?, Exception?)>(() =>
        {
            try
            {
                return (function(), null);
            }
            catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
            {
                return (default, problem);
            }
        }).WaitAsync(_ending.Token);
        return problem is null ? result! : throw problem;
    }
}
