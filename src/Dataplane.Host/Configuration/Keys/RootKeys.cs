using Dataplane.Host.Configuration.Values;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys at the top of a configuration file.</summary>
internal static class RootKeys
{
    public static readonly ConfigurationKey<IReadOnlyList<Role>> Roles = WithDefault<IReadOnlyList<Role>>(
        "roles",
        new ListValue<Role>(
            new ChoiceValue<Role>([new("forwarder", Role.Forwarder, "forwards packets between virtual interfaces and tunnels")]),
            "roles", minimum: 1, unique: true),
        [Role.Forwarder],
        "What this process does.");

    public static readonly ConfigurationKey<EalConfiguration> Eal = Section("eal", EalKeys.Mapping,
        "What DPDK is started with.");

    public static readonly ConfigurationKey<WorkersConfiguration> Workers = Section("workers", WorkersKeys.Mapping,
        "The threads that forward.");

    public static readonly ConfigurationKey<IReadOnlyList<PortConfiguration>> Ports = Required("ports",
        new ListValue<PortConfiguration>(PortKeys.Mapping, "ports", minimum: 1),
        "The ports that DPDK drives.");

    public static readonly ConfigurationKey<UnderlayConfiguration> Underlay = Section("underlay", UnderlayKeys.Mapping,
        "Routing between forwarders.");

    public static readonly ConfigurationKey<InfrastructureConfiguration> Infrastructure = Required("infrastructure",
        UnderlayKeys.InfrastructureMapping,
        "Our ends of the tunnels; at least one of the two addresses.");

    public static readonly ConfigurationKey<FirstHopConfiguration> FirstHop = Section("first-hop", FirstHopKeys.Mapping,
        "What guests see as their router.");

    public static readonly ConfigurationKey<EncapsulationConfiguration> Encapsulation = Section("encapsulation", TunnelKeys.EncapsulationMapping,
        "Defaults of tunnels.");

    public static readonly ConfigurationKey<IReadOnlyList<TunnelConfiguration>> Tunnels = List("tunnels",
        new ListValue<TunnelConfiguration>(TunnelKeys.Mapping, "tunnels"),
        "Settings for particular remote forwarders. Tunnels to other next hops of routes exist by themselves and use the defaults.");

    public static readonly ConfigurationKey<IReadOnlyList<VrfConfiguration>> Vrfs = List("vrfs",
        new ListValue<VrfConfiguration>(VrfKeys.Mapping, "VRFs"),
        "The VPNs' forwarding tables.");

    public static readonly ConfigurationKey<IReadOnlyList<InterfaceConfiguration>> Interfaces = List("interfaces",
        new ListValue<InterfaceConfiguration>(InterfaceKeys.Mapping, "interfaces"),
        "The virtual interfaces: attachments of guests and hosts to VRFs.");

    public static readonly ConfigurationKey<LimitsConfiguration> Limits = Section("limits", LimitsKeys.Mapping,
        "Sizes of tables, which are allocated at start, and rates.");

    public static readonly ConfigurationKey<MetricsConfiguration> Metrics = Section("metrics", MonitoringKeys.MetricsMapping,
        "The HTTP endpoint of /metrics, /healthz and /readyz.");

    public static readonly ConfigurationKey<LoggingConfiguration> Logging = Section("logging", MonitoringKeys.LoggingMapping,
        "The log on standard error.");

    public static readonly MappingValue<DataplaneConfiguration> Mapping = new(
        "a configuration",
        static m => new DataplaneConfiguration
        {
            Roles = m.Get(Roles),
            Eal = m.Get(Eal),
            Workers = m.Get(Workers),
            Ports = m.Get(Ports),
            Underlay = m.Get(Underlay),
            Infrastructure = m.Get(Infrastructure),
            FirstHop = m.Get(FirstHop),
            Encapsulation = m.Get(Encapsulation),
            Tunnels = m.Get(Tunnels),
            Vrfs = m.Get(Vrfs),
            Interfaces = m.Get(Interfaces),
            Limits = m.Get(Limits),
            Metrics = m.Get(Metrics),
            Logging = m.Get(Logging),
        },
        Roles, Eal, Workers, Ports, Underlay, Infrastructure, FirstHop, Encapsulation, Tunnels, Vrfs, Interfaces, Limits, Metrics, Logging);
}
