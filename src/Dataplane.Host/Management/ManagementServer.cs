using System.Diagnostics;
using System.Net.Sockets;
using Dataplane.Host.Configuration;
using Dataplane.Host.EndSystem;
using Dataplane.Host.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Management;

/// <summary>
/// Serves the management API on a unix socket. Kestrel makes its socket for everybody to connect to; so it is made in a directory that is ours alone,
/// given its mode and group, and moved to its place then: nobody else can connect before.
/// </summary>
internal sealed class ManagementServer(
    ManagementConfiguration configuration, Func<GatewayAccess?> gateway, BgpTrace trace, ILoggerFactory logs, AgentApi? agent = null,
    FilterApi? filters = null, VrrpApi? vrrp = null)
    : IHostedService, IAsyncDisposable
{
    private const int MostConnections = 64;
    private const int MostBodyOctets = 1 << 20;
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly ILogger _log = logs.CreateLogger("management");
    private WebApplication? _program;
    private string? _directory;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("unix sockets with modes");
        }

        var socket = Path.GetFullPath(configuration.Socket);
        await RefuseIfServedAsync(socket);
        var parent = Path.GetDirectoryName(socket)!;
        try
        {
            _ = Directory.CreateDirectory(parent);
            _directory = Path.Combine(parent, $".management-{Environment.ProcessId}");
            _ = Directory.CreateDirectory(_directory, Mine);
            File.SetUnixFileMode(_directory, Mine);
            var made = Path.Combine(_directory, "socket");
            File.Delete(made);
            _program = Build(made);
            await _program.StartAsync(cancellationToken);
            File.SetUnixFileMode(made, OwnerAndGroup);
            await SetGroupAsync(made, cancellationToken);
            File.Move(made, socket, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SocketException)
        {
            throw new GatewayException($"the management socket {socket} cannot be made: {problem.Message}", problem);
        }

        _log.LogInformation("management API on {Socket}", socket);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _program, null) is { } program)
        {
            trace.Close();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await program.StopAsync(limit.Token);
            await program.DisposeAsync();
            File.Delete(configuration.Socket);
        }

        if (_directory is not null && Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static async Task RefuseIfServedAsync(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            return; // left over from a program that did not end properly
        }

        throw new GatewayException($"the management socket {path} is served by another program");
    }

    private WebApplication Build(string path)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "dataplane" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxConcurrentConnections = MostConnections;
            server.Limits.MaxRequestBodySize = MostBodyOctets;
            server.ListenUnixSocket(path);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // signals are the program's matter
        WebApplication program = builder.Build();
        new ManagementApi(gateway, trace, _log).Map(program);
        agent?.Map(program);
        filters?.Map(program);
        vrrp?.Map(program);
        return program;
    }

    // The base library cannot change a group.
    private async Task SetGroupAsync(string path, CancellationToken cancellation)
    {
        if (configuration.Group is not { } group)
        {
            return;
        }

        var start = new ProcessStartInfo("chgrp", ["--", group, path]) { RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new IOException("chgrp does not start");
        var error = await process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new IOException(error.Trim());
        }
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
