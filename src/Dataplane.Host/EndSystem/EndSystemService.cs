using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Gateway;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.EndSystem;

/// <summary>The client side of signaling as a hosted service: starts after the forwarder and the gateway in its process, and stops before them.</summary>
internal sealed class EndSystemService(
    DataplaneConfiguration configuration, ForwarderService forwarder, ILoggerFactory logs, GatewayService? gateway = null)
    : IHostedLifecycleService, IAsyncDisposable
{
    private readonly ILogger _log = logs.CreateLogger("signaling");
    private volatile EndSystemRuntime? _runtime;

    /// <summary>What runs; null before and after. Any thread.</summary>
    public EndSystemRuntime? Runtime => _runtime;

    /// <summary>Null when it runs; else why not.</summary>
    public string? WhyNotReady() => _runtime is null ? "the agent does not run" : null;

    /// <inheritdoc/>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        _ = forwarder.TryRead(static running => running, out Forwarder? running);
        _runtime = await EndSystemRuntime.StartAsync(configuration, running, gateway?.Runtime, _log);
        SignalingConfiguration signaling = configuration.Signaling!;
        _log.LogInformation(
            "signaling as {Jid}: {Servers}{Hosts}", signaling.Jid, signaling.Servers.Count == 0 ? "to the gateway in this process"
                : "to " + string.Join(", ", signaling.Servers.Select(static server => server.Name)),
            signaling.Hosts is { } hosts ? $"; for {hosts.Members.Count} hosts on {string.Join(", ", hosts.Listen)}" : "");
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _runtime, null) is { } running)
        {
            // Others serve our hosts before they hear from us that we do not.
            if (forwarder.TryRead(static forwarder => forwarder, out Forwarder? elected))
                elected?.HandOver();
            await running.DisposeAsync();
            _log.LogInformation("stopped: sessions ended");
        }
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
