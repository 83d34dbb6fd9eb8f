using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>The file's own contents against its limits, and the metrics endpoint against the outside.</summary>
internal static class LimitRules
{
    /// <summary>Checks them.</summary>
    public static void Check(RuleContext context)
    {
        var configuration = context.Configuration;
        var limits = configuration.Limits;
        var tunnels = configuration.Tunnels.Select(static t => t.Remote)
            .Concat(configuration.Vrfs.SelectMany(static v => v.Routes).SelectMany(static r => r.Owners).Where(n => !configuration.Infrastructure.IsOurs(n)))
            .Distinct().Count();
        var routes = configuration.Vrfs.Sum(static v => v.Routes.Count + v.RouterAddresses.Count)
            + configuration.Interfaces.Sum(static i => i.Addresses.Count);

        Check(limits.Vrfs, configuration.Vrfs.Count, LimitsKeys.Vrfs, RootKeys.Vrfs, "VRFs");
        Check(limits.Ports, configuration.Ports.Count, LimitsKeys.Ports, RootKeys.Ports, "ports");
        Check(limits.Interfaces, configuration.Interfaces.Count, LimitsKeys.Interfaces, RootKeys.Interfaces, "interfaces");
        Check(limits.Tunnels, tunnels, LimitsKeys.Tunnels, RootKeys.Vrfs, "remote forwarders");
        Check(limits.Routes, routes, LimitsKeys.Routes, RootKeys.Vrfs, "routes, interface and router addresses");

        void Check(int limit, int count, ConfigurationKey key, ConfigurationKey section, string what)
        {
            if (count <= limit || !context.Source.IsSound(limits, key))
            {
                return;
            }

            if (context.Source.IsGiven(limits, key))
            {
                context.Error(limits, key, $"this file has {count} {what}; raise 'limits.{key.Name}', which is {limit}");
            }
            else
            {
                context.Error(configuration, section, $"this file has {count} {what}; raise 'limits.{key.Name}', whose default is {limit}");
            }
        }
    }

    /// <summary>Checks where metrics are served.</summary>
    public static void CheckMetrics(RuleContext context)
    {
        var metrics = context.Configuration.Metrics;
        if (metrics.Listen.Address.IsLoopback || !context.Source.IsSound(metrics, MonitoringKeys.Listen, MonitoringKeys.AllowRemote))
        {
            return;
        }

        if (metrics.AllowRemote)
        {
            context.Warning(metrics, MonitoringKeys.Listen, $"metrics on {metrics.Listen} can be read by other machines without authentication; keep it to a management network");
        }
        else
        {
            context.Error(metrics, MonitoringKeys.Listen,
                $"{metrics.Listen} can be reached by other machines and metrics have no authentication; listen on 127.0.0.1 or set 'allow-remote: true'");
        }
    }
}
