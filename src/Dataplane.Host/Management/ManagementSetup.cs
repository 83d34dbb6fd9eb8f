using Dataplane.Bgp.Export.Bmp;
using Dataplane.Host.Configuration;
using Dataplane.Host.EndSystem;
using Dataplane.Host.Gateway;
using Dataplane.Host.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Management;

/// <summary>Adds observation to a gateway: the management API, traces, BMP.</summary>
internal sealed class ManagementSetup
{
    private BmpFeed? _bmp;

    private ManagementSetup(GatewayService gateway, BgpTrace trace)
    {
        Trace = trace;
        gateway.Prepare(runtime =>
        {
            runtime.Speaker.Observers.Add(trace);
            _bmp = new(runtime.Speaker, $"dataplane {ProgramVersion.Current.Number}");
            runtime.Stopping += _bmp.Dispose;
            runtime.Applied += _ =>
            {
                _bmp.Exporter.Apply(runtime.Speaker.Settings.Bmp);
                if (runtime.Policies.IsChanged)
                    _bmp.Exporter.PolicyApplied();
            };
        });
        Access = () => gateway.Runtime is { } runtime ? new(runtime.Loop, runtime.Routes, runtime.Speaker, _bmp?.Exporter, runtime.Signaling) : null;
    }

    /// <summary>What management looks at; null while the gateway does not run.</summary>
    public Func<GatewayAccess?> Access { get; }

    /// <summary>The traces.</summary>
    public BgpTrace Trace { get; }

    /// <summary>Registers the management API of a process that is no gateway.</summary>
    public static void AddWithoutGatewayTo(IServiceCollection services, DataplaneConfiguration configuration) => services.AddSingleton<IHostedService>(provider =>
    {
        var logs = provider.GetRequiredService<ILoggerFactory>();
        return new ManagementServer(configuration.Management, static () => null, new(logs.CreateLogger("trace")), logs, provider.GetRequiredService<AgentApi>(), FiltersOf(provider),
            provider.GetService<VrrpApi>());
    });

    /// <summary>Registers it.</summary>
    public static void AddTo(IServiceCollection services, DataplaneConfiguration configuration)
    {
        services.AddSingleton(static provider => new ManagementSetup(
            provider.GetRequiredService<GatewayService>(), new(provider.GetRequiredService<ILoggerFactory>().CreateLogger("trace"))));
        services.AddSingleton<IHostedService>(provider =>
        {
            ManagementSetup setup = provider.GetRequiredService<ManagementSetup>();
            return new ManagementServer(configuration.Management, setup.Access, setup.Trace, provider.GetRequiredService<ILoggerFactory>(), provider.GetService<AgentApi>(), FiltersOf(provider),
                provider.GetService<VrrpApi>());
        });
    }

    private static FilterApi FiltersOf(IServiceProvider provider) => new(provider.GetRequiredService<Forwarding.ForwarderService>());
}
