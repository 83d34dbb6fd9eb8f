using Dataplane.Bgp.Settings;
using Dataplane.Net;
using Dataplane.Xmpp.Gateway;

namespace Dataplane.Host.Configuration;

/// <summary>
/// Everything a configuration file says, defaults filled in and every rule of the loader satisfied. Immutable, so any
/// thread may read it.
/// </summary>
internal sealed record DataplaneConfiguration
{
    /// <summary>The roles to play; at least one.</summary>
    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>DPDK's environment.</summary>
    public required EalConfiguration Eal { get; init; }

    /// <summary>The threads that forward.</summary>
    public required WorkersConfiguration Workers { get; init; }

    /// <summary>The ports, names unique, in file order.</summary>
    public required IReadOnlyList<PortConfiguration> Ports { get; init; }

    /// <summary>Routing between forwarders.</summary>
    public required UnderlayConfiguration Underlay { get; init; }

    /// <summary>Our ends of the tunnels.</summary>
    public required InfrastructureConfiguration Infrastructure { get; init; }

    /// <summary>What guests see as their router.</summary>
    public required FirstHopConfiguration FirstHop { get; init; }

    /// <summary>Defaults of tunnels.</summary>
    public required EncapsulationConfiguration Encapsulation { get; init; }

    /// <summary>Tunnels with settings of their own, remotes unique; any other next hop gets one with the defaults.</summary>
    public required IReadOnlyList<TunnelConfiguration> Tunnels { get; init; }

    /// <summary>The VRFs, names unique, in file order.</summary>
    public required IReadOnlyList<VrfConfiguration> Vrfs { get; init; }

    /// <summary>The virtual interfaces, names and labels unique, in file order.</summary>
    public required IReadOnlyList<InterfaceConfiguration> Interfaces { get; init; }

    /// <summary>The BGP speaker; there when the process is a gateway.</summary>
    public BgpConfiguration? Bgp { get; init; }

    /// <summary>Sets of prefixes, names unique.</summary>
    public IReadOnlyList<PrefixSetConfiguration> PrefixSets { get; init; } = [];

    /// <summary>Sets of communities, names unique.</summary>
    public IReadOnlyList<CommunitySetConfiguration> CommunitySets { get; init; } = [];

    /// <summary>Sets of AS numbers and patterns, names unique.</summary>
    public IReadOnlyList<AsPathSetConfiguration> AsPathSets { get; init; } = [];

    /// <summary>Policies, names unique.</summary>
    public IReadOnlyList<PolicyConfiguration> Policies { get; init; } = [];

    /// <summary>Route collectors.</summary>
    public IReadOnlyList<BmpSettings> Bmp { get; init; } = [];

    /// <summary>Dumps; null for none.</summary>
    public MrtSettings? Mrt { get; init; }

    /// <summary>The XMPP side of a gateway; null for none.</summary>
    public XmppConfiguration? Xmpp { get; init; }

    /// <summary>What is provisioned for end-systems, that of the provisioning file included.</summary>
    public IReadOnlyList<EndSystemGrant> EndSystems { get; init; } = [];

    /// <summary>The client side of signaling; null for none.</summary>
    public SignalingConfiguration? Signaling { get; init; }

    /// <summary>The agent; null unless the process is one.</summary>
    public AgentConfiguration? Agent { get; init; }

    /// <summary>The local management API.</summary>
    public required ManagementConfiguration Management { get; init; }

    /// <summary>The directory of what outlives a restart; null for none.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>Whether this process forwards.</summary>
    public bool IsForwarder => Roles.Contains(Role.Forwarder);

    /// <summary>Whether virtual interfaces are attached while this process runs.</summary>
    public bool IsAgent => Roles.Contains(Role.Agent);

    /// <summary>Whether this process speaks BGP.</summary>
    public bool IsGateway => Roles.Contains(Role.Gateway);

    /// <summary>Sizes of tables and rates.</summary>
    public required LimitsConfiguration Limits { get; init; }

    /// <summary>The metrics endpoint.</summary>
    public required MetricsConfiguration Metrics { get; init; }

    /// <summary>The log.</summary>
    public required LoggingConfiguration Logging { get; init; }

    /// <summary>The VRF that a filter redirects to by a route target: of several that import it, the first by name.</summary>
    public VrfConfiguration? FindImporter(ExtendedCommunity target) =>
        Vrfs.Where(vrf => vrf.ImportTargets.Contains(target)).MinBy(static vrf => vrf.Name, StringComparer.Ordinal);
}
