using System.Diagnostics;
using Dataplane.Bgp.Speaker.Rehearsing;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Gateway;

/// <summary>
/// The gateway as a hosted service. Where there is a forwarder it starts after it and stops before it: routes of VRFs go into a datapath that is
/// there. Reloads its configuration when told to.
/// </summary>
internal sealed class GatewayService(
    DataplaneConfiguration configuration, ConfigurationFile file, ForwarderService forwarder, ILoggerFactory logs)
    : IHostedLifecycleService, IAsyncDisposable
{
    private const int MostAttempts = 50;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RehearsalPatience = TimeSpan.FromSeconds(20);
    private readonly ILogger _log = logs.CreateLogger("gateway");
    private readonly SemaphoreSlim _change = new(1, 1);
    private readonly List<Action<GatewayRuntime>> _preparations = [];
    private volatile GatewayRuntime? _runtime;

    /// <summary>The running gateway; null before and after. Any thread.</summary>
    public GatewayRuntime? Runtime => _runtime;

    /// <summary>Has something added to the gateway before it runs: observers, listeners.</summary>
    public void Prepare(Action<GatewayRuntime> preparation) => _preparations.Add(preparation);

    /// <summary>Null when it runs; else why not.</summary>
    public string? WhyNotReady() => _runtime is null ? "the gateway does not run" : null;

    /// <inheritdoc/>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        new Thread(Rehearse) { Name = "rehearsal", IsBackground = true }.Start();
        ForwarderLink? link = configuration.IsForwarder ? new ForwarderLink(configuration) : null;
        _runtime = await GatewayRuntime.StartAsync(
            configuration, _log, runtime => _preparations.ForEach(preparation => preparation(runtime)), link);
        if (link is not null)
        {
            _ = forwarder.TryRead(
                running =>
                {
                    link.Connect(running);
                    return true;
                },
                out _);
        }
        _log.LogInformation(
            "speaking BGP: AS {As}, identifier {Id}, {Peers} peers, {Ranges} ranges, {Vrfs} VRFs, listening on {Listen}",
            configuration.Bgp!.As, configuration.Bgp.RouterId, configuration.Bgp.Peers.Count, configuration.Bgp.DynamicPeers.Count,
            configuration.Vrfs.Count, string.Join(", ", _runtime.Speaker.Settings.Listen));
    }

    /// <summary>
    /// Reads the configuration file again and brings it into force. A file with errors changes nothing; what needs a restart of the program is told and
    /// left as it is. Any thread; one at a time.
    /// </summary>
    /// <returns>Whether the file is in force.</returns>
    public async Task<bool> ReloadAsync()
    {
        await _change.WaitAsync();
        try
        {
            if (_runtime is not { } runtime)
                return false;
            ConfigurationFile.Reading reading = file.Read();
            foreach (ConfigurationDiagnostic finding in reading.Result.Diagnostics)
                _log.Log(finding.Severity == DiagnosticSeverity.Error ? LogLevel.Error : LogLevel.Warning, "{Finding}", finding);
            if (reading.Result.Configuration is not { } wanted)
            {
                _log.LogError("{File} has errors and is not reloaded; everything stays as it was", file.Path);
                return false;
            }
            string[] later = [.. file.ChangesThatWait(reading, configuration.IsForwarder)];
            if (later.Length != 0)
                _log.LogWarning("changes of {Sections} take effect when the program is started again", string.Join(", ", later.Select(static name => $"'{name}'")));
            DataplaneConfiguration merged = GatewayReload.Merge(runtime.Configuration, wanted);
            bool isWhole = await ApplyAsync(runtime, merged);
            if (configuration.IsForwarder && GatewayReload.InterfacesThatWait(configuration, wanted).ToArray() is { Length: > 0 } waiting)
                _log.LogWarning("interfaces {Interfaces} are on new ports or in new VRFs and are added when the program is started again", string.Join(", ", waiting));
            if (isWhole)
                _log.LogInformation("{File} is in force", file.Path);
            else
                _log.LogError("{File} is in force in part", file.Path);
            return isWhole;
        }
        catch (GatewayException problem)
        {
            _log.LogError("{File} is in force in part: {Reason}", file.Path, problem.Message);
            return false;
        }
        catch (TimeoutException)
        {
            _log.LogError("{File} is not reloaded: the forwarder does not answer", file.Path);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            _ = _change.Release();
        }
    }

    // What goes leaves the datapath first, so that it forwards nothing when peers hear of it; what routes with several next hops still
    // use leaves when these have changed. Such routes are installed by the same thread, some time after the routing thread has changed them.
    private async Task<bool> ApplyAsync(GatewayRuntime runtime, DataplaneConfiguration merged)
    {
        IReadOnlyList<string> problems = await ChangeInterfacesAsync(merged);
        await runtime.ApplyAsync(merged);
        for (int attempt = 0; problems.Count != 0 && attempt < MostAttempts; attempt++)
        {
            await Task.Delay(BetweenAttempts);
            problems = await ChangeInterfacesAsync(merged);
        }
        foreach (string problem in problems)
            _log.LogError("{Problem}", problem);
        return problems.Count == 0;
    }

    // Beside the start, which it does not delay: a peer that is there at once finds things as they would be without.
    private void Rehearse()
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            if (Rehearsal.Run(RehearsalPatience))
                _log.LogDebug("rehearsed a load of routes in {Milliseconds:0} ms", Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            else
                _log.LogWarning("the rehearsal of a load of routes did not come to its end; the first real one will take longer");
        }
        catch (Exception problem)
        {
            _log.LogError(problem, "a defect in the rehearsal of a load of routes; the first real one will take longer");
        }
    }

    private Task<IReadOnlyList<string>> ChangeInterfacesAsync(DataplaneConfiguration wanted)
    {
        Task<IReadOnlyList<string>>? change = null;
        if (configuration.IsForwarder)
            _ = forwarder.TryRead(running => running.SlowPath.InvokeAsync(() =>
            {
                running.Tables.ChangeFilters(wanted);
                return running.Tables.ChangeInterfaces(wanted);
            }), out change);
        return change?.WaitAsync(Patience) ?? Task.FromResult<IReadOnlyList<string>>([]);
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GatewayRuntime? running = Interlocked.Exchange(ref _runtime, null);
        if (running is null)
            return;
        await running.DisposeAsync();
        _ = forwarder.TryRead(
            static owner =>
            {
                owner.SlowPath.SetWork(null);
                return true;
            },
            out _);
        _log.LogInformation("stopped: sessions ended");
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
