using System.CommandLine;
using Dataplane.Host.Configuration;
using Dataplane.Host.EndSystem;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Gateway;
using Dataplane.Host.Management;
using Dataplane.Host.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Dataplane.Host.Commands;

/// <summary><c>dataplane run</c>.</summary>
internal static class RunCommand
{
    /// <summary>What <c>--help</c> adds.</summary>
    public const string Details = """
        As a forwarder: takes the ports' devices, starts a worker on each core listed and forwards. Needs
        root, or the capabilities that the devices ask for. As a gateway: speaks BGP; needs
        CAP_NET_BIND_SERVICE for port 179. As an agent: attaches virtual interfaces on request and makes
        them known over XMPP ('dataplane agent --help'). SIGTERM or Ctrl-C ends it: sessions and workers
        end, ports are closed, nothing is left behind. The log goes to standard error.

        SIGHUP has a gateway read its file again: peers, policies, VRFs and, where it is a forwarder as
        well, virtual interfaces change without resetting sessions that need none. A file with errors
        is reported and changes nothing. Without the role gateway SIGHUP, that is a closed terminal,
        ends the program.

        While it runs (default of 'metrics.listen'):
          curl http://127.0.0.1:9464/metrics     all counters, for Prometheus
          curl http://127.0.0.1:9464/readyz      whether packets are forwarded and BGP is spoken
          curl http://127.0.0.1:9464/healthz     whether every worker's loop turns

        Example:
          sudo dataplane run --config /etc/dataplane/forwarder.yaml
        """;

    /// <summary>Describes the command.</summary>
    public static Command Create()
    {
        Option<string> configuration = ConfigurationArgument.Create();
        var command = new Command("run", "Forwards and speaks BGP until it is told to stop (Ctrl-C or SIGTERM).") { configuration };
        command.SetAction((parsed, _) => ExecuteAsync(
            parsed.GetRequiredValue(configuration), parsed.InvocationConfiguration.Error));
        return command;
    }

    private static async Task<int> ExecuteAsync(string file, TextWriter errors)
    {
        using var signals = new StopSignals();
        var source = new ConfigurationFile(file);
        if (ConfigurationArgument.Load(file, ConfigurationPurpose.Run, errors) is not { } configuration)
            return ExitCode.Usage;
        try
        {
            await using WebApplication program = Build(configuration, source);
            ForwarderService service = program.Services.GetRequiredService<ForwarderService>();
            using CancellationTokenRegistration stop = signals.Token.Register(program.Lifetime.StopApplication);
            try
            {
                await program.StartAsync();
            }
            catch (OperationCanceledException) when (program.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return ExitCode.Success; // told to stop before it was up
            }
            if (configuration.IsGateway)
            {
                var gateway = program.Services.GetRequiredService<GatewayService>();
                signals.HangUp = () => _ = gateway.ReloadAsync();
            }
            program.Logger.LogInformation("ready: {Addresses}/metrics", string.Join(", ", program.Urls));
            await program.WaitForShutdownAsync();
            return service.HasFailed ? ExitCode.Failure : ExitCode.Success;
        }
        catch (Exception problem) when (Failure.IsOperational(problem))
        {
            Failure.Report(errors, problem);
            return ExitCode.Failure;
        }
    }

    private static WebApplication Build(DataplaneConfiguration configuration, ConfigurationFile source)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "dataplane" });
        builder.Logging.SetMinimumLevel(configuration.Logging.Level);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // Told in one line by us.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.None);
        builder.Logging.AddSimpleConsole(static options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss.ffffff ";
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Services.Configure<ConsoleLoggerOptions>(static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton(source);
        builder.Services.AddSingleton<ForwarderService>();
        if (configuration.IsForwarder)
        {
            builder.Services.AddHostedService(static services => services.GetRequiredService<ForwarderService>());
            builder.Services.AddSingleton<VrrpApi>();
        }
        if (configuration.IsGateway)
        {
            builder.Services.AddSingleton<GatewayService>();
            builder.Services.AddHostedService(static services => services.GetRequiredService<GatewayService>());
            ManagementSetup.AddTo(builder.Services, configuration);
        }
        if (configuration.Signaling is not null)
        {
            builder.Services.AddSingleton<EndSystemService>();
            builder.Services.AddSingleton<AgentApi>();
            builder.Services.AddHostedService(static services => services.GetRequiredService<EndSystemService>());
            if (!configuration.IsGateway)
                ManagementSetup.AddWithoutGatewayTo(builder.Services, configuration);
        }
        ManagementEndpoint.AddTo(builder, configuration.Metrics);
        WebApplication program = builder.Build();
        _ = program.Services.GetService<ManagementSetup>(); // before the gateway runs
        ManagementEndpoint.Map(program);
        return program;
    }
}
