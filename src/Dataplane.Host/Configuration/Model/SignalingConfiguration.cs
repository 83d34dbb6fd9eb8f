using Dataplane.Net;
using Dataplane.Xmpp;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Host.Configuration;

/// <summary>The client side of signaling: who we are, to whom we say so, and the hosts that we speak for.</summary>
internal sealed record SignalingConfiguration
{
    /// <summary>Our address, without resource; its local part is our system-id.</summary>
    public required Jid Jid { get; init; }

    /// <summary>Signaling gateways, the preferred ones first.</summary>
    public required IReadOnlyList<SignalingServerConfiguration> Gateways { get; init; }

    /// <summary>External forwarders, of a host without a forwarder of its own.</summary>
    public required IReadOnlyList<SignalingServerConfiguration> ExternalForwarders { get; init; }

    /// <summary>The shapes of what is sent.</summary>
    public required WireProfile Profile { get; init; }

    /// <summary>Path of our certificate in PEM; null only where plaintext is allowed.</summary>
    public required string? Certificate { get; init; }

    /// <summary>Path of its key.</summary>
    public required string? Key { get; init; }

    /// <summary>Path of the authorities whose certificates the others have.</summary>
    public required string? Authorities { get; init; }

    /// <summary>Whether to go on without TLS.</summary>
    public required bool AllowPlaintext { get; init; }

    /// <summary>Silence after which the other end is pinged.</summary>
    public required TimeSpan PingInterval { get; init; }

    /// <summary>Pings without answer after which a session is lost.</summary>
    public required int PingMisses { get; init; }

    /// <summary>Silence about a VPN after which its routes count as told.</summary>
    public required TimeSpan SettleTime { get; init; }

    /// <summary>How long packets follow a workload that moved away.</summary>
    public required TimeSpan RepairTime { get; init; }

    /// <summary>Labels that are assigned.</summary>
    public required LabelRangeConfiguration LabelRange { get; init; }

    /// <summary>Longest name of a VPN.</summary>
    public required int MaxNameLength { get; init; }

    /// <summary>The hosts that we are the external forwarder of; null for none.</summary>
    public required HostsConfiguration? Hosts { get; init; }

    /// <summary>The servers, whatever they are.</summary>
    public IReadOnlyList<SignalingServerConfiguration> Servers => Gateways.Count != 0 ? Gateways : ExternalForwarders;

    /// <summary>What the servers are.</summary>
    public ServerRole Role => Gateways.Count != 0 || ExternalForwarders.Count == 0 ? ServerRole.Gateway : ServerRole.ExternalForwarder;
}

/// <summary>A server of ours.</summary>
internal sealed record SignalingServerConfiguration
{
    /// <summary>Its domain name, which its certificate bears.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is: an address or a host name; null: its name.</summary>
    public required string? Host { get; init; }

    /// <summary>The TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>Whether TLS comes first (XEP-0368).</summary>
    public required bool DirectTls { get; init; }
}

/// <summary>The XMPP server of an external forwarder and its hosts.</summary>
internal sealed record HostsConfiguration
{
    /// <summary>Our domain name towards hosts.</summary>
    public required string Name { get; init; }

    /// <summary>The domains that hosts' addresses may have beside it.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>Where hosts connect.</summary>
    public required IReadOnlyList<ListenAddress> Listen { get; init; }

    /// <summary>How long what a host has stays after its session was lost.</summary>
    public required TimeSpan StaleTime { get; init; }

    /// <summary>The hosts.</summary>
    public required IReadOnlyList<TaggedHostConfiguration> Members { get; init; }
}

/// <summary>A host behind an external forwarder.</summary>
internal sealed record TaggedHostConfiguration
{
    /// <summary>Its system-id.</summary>
    public required string SystemId { get; init; }

    /// <summary>The access port that it is on.</summary>
    public required string Port { get; init; }

    /// <summary>MAC of its physical interface; null: its system-id, where that is one.</summary>
    public required MacAddress? Mac { get; init; }

    /// <summary>Whether the VLAN alone tells its interfaces apart.</summary>
    public required bool AnyMac { get; init; }

    /// <summary>The VPNs that it may take part in; none for all.</summary>
    public required IReadOnlyList<string> Vpns { get; init; }

    /// <summary>Where its addresses may be; none for anywhere.</summary>
    public required IReadOnlyList<IpPrefix> Prefixes { get; init; }

    /// <summary>The MAC that its frames come from; null for any.</summary>
    public MacAddress? FramesFrom => AnyMac ? null : Mac ?? MacOf(SystemId);

    /// <summary>A system-id of 12 hexadecimal digits as a MAC (XMP-03); null for any other.</summary>
    public static MacAddress? MacOf(string systemId) => systemId.Length == 12
        && MacAddress.TryParse(string.Join(':', Enumerable.Range(0, 6).Select(octet => systemId.Substring(octet * 2, 2))), out MacAddress mac) ? mac : null;
}

/// <summary>The agent: virtual interfaces that are attached while it runs.</summary>
internal sealed record AgentConfiguration
{
    /// <summary>Lowest VLAN that is chosen.</summary>
    public required int FirstVlan { get; init; }

    /// <summary>Highest VLAN that is chosen.</summary>
    public required int LastVlan { get; init; }
}
