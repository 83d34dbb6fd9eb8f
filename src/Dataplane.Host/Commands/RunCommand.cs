using System.CommandLine;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
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
        Takes the ports' devices, starts a worker on each core listed and forwards. SIGTERM, Ctrl-C or a
        closed terminal ends it: workers stop, ports are closed, nothing is left behind. Needs root, or
        the capabilities that the devices ask for. The log goes to standard error.

        While it runs (default of 'metrics.listen'):
          curl http://127.0.0.1:9464/metrics     all counters, for Prometheus
          curl http://127.0.0.1:9464/readyz      whether packets are forwarded
          curl http://127.0.0.1:9464/healthz     whether every worker's loop turns

        Example:
          sudo dataplane run --config /etc/dataplane/forwarder.yaml
        """;

    /// <summary>Describes the command.</summary>
    public static Command Create()
    {
        Option<string> configuration = ConfigurationArgument.Create();
        var command = new Command("run", "Forwards until it is told to stop (Ctrl-C or SIGTERM).") { configuration };
        command.SetAction((parsed, _) => ExecuteAsync(
            parsed.GetRequiredValue(configuration), parsed.InvocationConfiguration.Error));
        return command;
    }

    private static async Task<int> ExecuteAsync(string file, TextWriter errors)
    {
        using var signals = new StopSignals();
        if (ConfigurationArgument.Load(file, ConfigurationPurpose.Run, errors) is not { } configuration)
            return ExitCode.Usage;
        try
        {
            await using WebApplication program = Build(configuration);
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

    private static WebApplication Build(DataplaneConfiguration configuration)
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
            options.TimestampFormat = "HH:mm:ss.fff ";
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Services.Configure<ConsoleLoggerOptions>(static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton<ForwarderService>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<ForwarderService>());
        ManagementEndpoint.AddTo(builder, configuration.Metrics);
        WebApplication program = builder.Build();
        ManagementEndpoint.Map(program);
        return program;
    }
}
