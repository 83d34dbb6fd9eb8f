using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration.Values;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys at the top of a configuration file.</summary>
internal static class RootKeys
{
    public static readonly ConfigurationKey<IReadOnlyList<Role>> Roles = WithDefault<IReadOnlyList<Role>>(
        "roles",
        new ListValue<Role>(
            new ChoiceValue<Role>([
                new("forwarder", Role.Forwarder, "forwards packets between virtual interfaces and tunnels"),
                new("gateway", Role.Gateway, "speaks BGP and XMPP: exchanges VPN routes with peers and end-systems and connects them with VRFs"),
                new("agent", Role.Agent, "attaches virtual interfaces on request and makes their addresses known over XMPP"),
            ]),
            "roles", minimum: 1, unique: true),
        [Role.Forwarder],
        "What this process does.");

    public static readonly ConfigurationKey<EalConfiguration> Eal = Section("eal", EalKeys.Mapping,
        "What DPDK is started with.");

    public static readonly ConfigurationKey<WorkersConfiguration> Workers = Section("workers", WorkersKeys.Mapping,
        "The threads that forward.");

    public static readonly ConfigurationKey<IReadOnlyList<PortConfiguration>> Ports = List("ports",
        new ListValue<PortConfiguration>(PortKeys.Mapping, "ports", minimum: 1),
        "The ports that DPDK drives; a forwarder needs at least one.");

    public static readonly ConfigurationKey<UnderlayConfiguration> Underlay = Section("underlay", UnderlayKeys.Mapping,
        "Routing between forwarders.");

    public static readonly ConfigurationKey<InfrastructureConfiguration> Infrastructure = Section("infrastructure",
        UnderlayKeys.InfrastructureMapping,
        "Our ends of the tunnels, and next hops of the routes we originate; a forwarder needs at least one of the two addresses.");

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

    public static readonly ConfigurationKey<BgpConfiguration?> Bgp = Optional("bgp", BgpKeys.Mapping,
        "The BGP speaker; a gateway needs it.");

    public static readonly ConfigurationKey<IReadOnlyList<PrefixSetConfiguration>> PrefixSets = List("prefix-sets",
        new ListValue<PrefixSetConfiguration>(PolicyKeys.PrefixSetMapping, "prefix sets"),
        "Sets of prefixes that policies name.");

    public static readonly ConfigurationKey<IReadOnlyList<CommunitySetConfiguration>> CommunitySets = List("community-sets",
        new ListValue<CommunitySetConfiguration>(PolicyKeys.CommunitySetMapping, "community sets"),
        "Sets of communities that policies name.");

    public static readonly ConfigurationKey<IReadOnlyList<AsPathSetConfiguration>> AsPathSets = List("as-path-sets",
        new ListValue<AsPathSetConfiguration>(PolicyKeys.AsPathSetMapping, "AS path sets"),
        "Sets of AS numbers and patterns that policies name.");

    public static readonly ConfigurationKey<IReadOnlyList<PolicyConfiguration>> Policies = List("policies",
        new ListValue<PolicyConfiguration>(PolicyKeys.PolicyMapping, "policies"),
        "Policies that peers and VRFs name. Try them with 'dataplane policy test'.");

    public static readonly ConfigurationKey<IReadOnlyList<BmpSettings>> Bmp = List("bmp",
        new ListValue<BmpSettings>(GatewayKeys.BmpMapping, "BMP stations", maximum: 16),
        "Route collectors that are told of everything (BMP, RFC 7854).");

    public static readonly ConfigurationKey<MrtSettings?> Mrt = Optional("mrt", GatewayKeys.MrtMapping,
        "Dumps of messages and tables (MRT, RFC 6396).");

    public static readonly ConfigurationKey<XmppConfiguration?> Xmpp = Optional("xmpp", XmppKeys.Mapping,
        "The XMPP server of a gateway, to which end-systems and external forwarders connect. Default: there is none.");

    public static readonly ConfigurationKey<SignalingConfiguration?> Signaling = Optional("signaling", SignalingKeys.Mapping,
        "The client side of signaling: the gateways above an agent's forwarder or an external forwarder, and the hosts below the latter.");

    public static readonly ConfigurationKey<AgentConfiguration> Agent = Section("agent", SignalingKeys.AgentMapping,
        "Virtual interfaces that are attached while the program runs.");

    public static readonly ConfigurationKey<ManagementConfiguration> Management = Section("management", GatewayKeys.ManagementMapping,
        "The local management API of a gateway or an agent.");

    public static readonly ConfigurationKey<string?> StateDirectory = Optional("state-directory", BgpValues.Path,
        "Directory of what outlives a restart: labels and route distinguishers that were assigned, interfaces that were attached and their versions, what end-systems published and subscribed to. Default: nothing does.");

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
            Bgp = m.Get(Bgp),
            PrefixSets = m.Get(PrefixSets),
            CommunitySets = m.Get(CommunitySets),
            AsPathSets = m.Get(AsPathSets),
            Policies = m.Get(Policies),
            Bmp = m.Get(Bmp),
            Mrt = m.Get(Mrt),
            Xmpp = m.Get(Xmpp),
            EndSystems = m.Get(EndSystemKeys.All),
            Signaling = m.Get(Signaling),
            Agent = m.Get(Agent),
            Management = m.Get(Management),
            StateDirectory = m.Get(StateDirectory),
            Limits = m.Get(Limits),
            Metrics = m.Get(Metrics),
            Logging = m.Get(Logging),
        },
        Roles, Eal, Workers, Ports, Underlay, Infrastructure, FirstHop, Encapsulation, Tunnels, Vrfs, Interfaces, Bgp, PrefixSets, CommunitySets,
        AsPathSets, Policies, Bmp, Mrt, Xmpp, EndSystemKeys.All, Signaling, Agent, Management, StateDirectory, Limits,
        Metrics, Logging);
}
