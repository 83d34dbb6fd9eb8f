using Dataplane.Host.Configuration.Values;
using Microsoft.Extensions.Logging;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>metrics</c> and <c>logging</c>.</summary>
internal static class MonitoringKeys
{
    public static readonly ConfigurationKey<ListenAddress> Listen = WithDefault("listen", AddressValues.Listen,
        new(new Net.Ipv4Address(0x7F00_0001), 9464),
        "Where /metrics, /healthz and /readyz are served: an address and a TCP port, 0 for any free port. A loopback address unless 'allow-remote' is set.");

    public static readonly ConfigurationKey<bool> AllowRemote = WithDefault("allow-remote", new BooleanValue(), false,
        "Let other machines read the metrics. There is no authentication: keep it to a management network.");

    public static readonly ConfigurationKey<bool> PerClient = WithDefault("per-client", new BooleanValue(), false,
        "Give each end-system of a gateway series of its own, seven of them, beside the sums. Not for thousands of end-systems; 'dataplane show xmpp sessions' has the same.");

    public static readonly MappingValue<MetricsConfiguration> MetricsMapping = new(
        "'metrics'",
        static m => new MetricsConfiguration { Listen = m.Get(Listen), AllowRemote = m.Get(AllowRemote), PerClient = m.Get(PerClient) },
        Listen, AllowRemote, PerClient);

    public static readonly ConfigurationKey<LogLevel> Level = WithDefault(
        "level",
        new ChoiceValue<LogLevel>([
            new("trace", LogLevel.Trace, "everything"),
            new("debug", LogLevel.Debug, "what helps to find a fault"),
            new("information", LogLevel.Information, "start, stop and changes of state"),
            new("warning", LogLevel.Warning, "what deserves a look"),
            new("error", LogLevel.Error, "what failed"),
            new("critical", LogLevel.Critical, "what ends the program"),
            new("none", LogLevel.None, "nothing"),
        ]),
        LogLevel.Information,
        "The least severe level that is written.");

    public static readonly MappingValue<LoggingConfiguration> LoggingMapping = new(
        "'logging'",
        static m => new LoggingConfiguration { Level = m.Get(Level) },
        Level);
}
