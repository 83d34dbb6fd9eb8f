using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Dataplane.Forwarding.Control;
using Dataplane.Host.Configuration;
using Dataplane.Host.Management;
using Dataplane.SlowPath;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Forwarding;

/// <summary>
/// The forwarder as a hosted service. It starts when the management endpoint listens, so that a second instance gives up
/// before it touches a device, and stops before the endpoint does.
/// </summary>
internal sealed class ForwarderService(
    DataplaneConfiguration configuration, IHostApplicationLifetime lifetime, ILoggerFactory logs)
    : IHostedLifecycleService, IDisposable
{
    private readonly ILogger _log = logs.CreateLogger("forwarder");
    private readonly Lock _gate = new();
    private Forwarder? _forwarder;

    /// <summary>Whether it ended by a defect of its own.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Reads something of the running forwarder, which does not end meanwhile. Any thread.</summary>
    /// <param name="read">What to read; quick.</param>
    /// <param name="result">What was read.</param>
    /// <returns>False when it does not run.</returns>
    public bool TryRead<T>(Func<Forwarder, T> read, [MaybeNullWhen(false)] out T result)
    {
        lock (_gate)
        {
            result = _forwarder is null ? default : read(_forwarder);
            return _forwarder is not null;
        }
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Forwarder started = Forwarder.Start(
            configuration, message => _log.LogWarning("{Message}", message), Fail, suppliesRoutes: !configuration.IsGateway);
        lock (_gate)
            _forwarder = started;
        LogSummary(started);
        VrrpElections elections = started.SlowPath.Service.Processor.Elections;
        if (elections.All.Count != 0 || configuration.Ports.Any(static port => port.Vrrp is not null))
            _ = started.SlowPath.InvokeAsync(() => elections.Changed += LogElection);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forwarder? running;
        lock (_gate)
        {
            running = _forwarder;
            _forwarder = null;
        }
        if (running is null)
            return;
        _log.LogInformation("stopping");
        running.HandOver();
        running.Dispose();
        _log.LogInformation("stopped: workers ended, ports closed");
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Fail(Exception problem)
    {
        HasFailed = true;
        _log.LogCritical(problem, "the slow path ended by a defect; stopping");
        lifetime.StopApplication();
    }

    private void LogElection(VrrpElection election) => _log.LogInformation(
        "port {Port}: VRRP for {Family}: {State}{Master}", configuration.Ports[election.Settings.Port.Value].Name,
        election.Settings.Family == Net.AddressFamily.Ipv4 ? "IPv4" : "IPv6", VrrpView.Word(election.State),
        election.Master is { } master ? $", {master} is master" : "");

    private void LogSummary(Forwarder forwarder)
    {
        for (int row = 0; row < configuration.Ports.Count; row++)
        {
            PortConfiguration port = configuration.Ports[row];
            ForwarderDevices devices = forwarder.Devices;
            _log.LogInformation(
                "port {Port}: {Role}, {Device} ({Driver}), MAC {Mac}, MTU {Mtu}, {Rx} receive and {Tx} transmit queues",
                port.Name, Word(port.Role), port.Device!.Name, devices.Ports[row].Information.Driver, devices.Bindings[row].Mac, port.Mtu,
                devices.Queues.RxQueues[row], devices.Queues.TxQueues);
        }
        foreach (WorkerHandle worker in forwarder.Workers)
        {
            string queues = string.Join(", ", worker.Queues.Select(queue =>
                string.Create(CultureInfo.InvariantCulture, $"{configuration.Ports[queue.Port.Value].Name}:{queue.Queue}")));
            _log.LogInformation(
                "worker {Worker}: core {Core}, {Runtime} runtime, {Bits}-bit vectors, queues {Queues}",
                worker.Index, worker.Settings.Cpu, forwarder.Runtime.Name, forwarder.Runtime.VectorBits, queues.Length == 0 ? "none" : queues);
        }
        _log.LogInformation(
            "forwarding: {Vrfs} VRFs, {Interfaces} interfaces, {Remotes} remote forwarders; {Dpdk}, {Buffers} buffers on {Pages} pages",
            configuration.Vrfs.Count, configuration.Interfaces.Count, forwarder.Tables.Remotes.Count, forwarder.Devices.Eal.Version,
            forwarder.Devices.Pool.Capacity, forwarder.Devices.Eal.UsesHugePages ? "huge" : "ordinary");
    }

    private static string Word(PortRole role) => role switch
    {
        PortRole.Core => "core",
        PortRole.Access => "access",
        _ => "local",
    };
}
