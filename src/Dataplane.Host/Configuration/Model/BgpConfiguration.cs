using Dataplane.Bgp.Settings;
using Dataplane.Net;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Configuration;

/// <summary>The BGP speaker: what it is, and whom it talks to.</summary>
internal sealed record BgpConfiguration
{
    /// <summary>Our autonomous system.</summary>
    public required AsNumber As { get; init; }

    /// <summary>Our BGP identifier.</summary>
    public required Ipv4Address RouterId { get; init; }

    /// <summary>The cluster identifier as a route reflector; null for the router identifier.</summary>
    public required Ipv4Address? ClusterId { get; init; }

    /// <summary>Where sessions are accepted; null for everywhere, empty for nowhere.</summary>
    public required IReadOnlyList<ListenConfiguration>? Listen { get; init; }

    /// <summary>Whether external peers without a policy neither send nor receive routes (RFC 8212).</summary>
    public required bool EbgpRequiresPolicy { get; init; }

    /// <summary>Graceful restart.</summary>
    public required GracefulRestartSettings GracefulRestart { get; init; }

    /// <summary>What may differ in the choice of the best path.</summary>
    public required BestPathSettings BestPath { get; init; }

    /// <summary>How many external peers with the same membership count.</summary>
    public required int ExternalMembershipPaths { get; init; }

    /// <summary>What carries version numbers.</summary>
    public required VersionCommunity VersionCommunity { get; init; }

    /// <summary>Labels that the gateway assigns itself.</summary>
    public required LabelRangeConfiguration LabelRange { get; init; }

    /// <summary>Templates that peers name.</summary>
    public required IReadOnlyList<PeerGroupConfiguration> PeerGroups { get; init; }

    /// <summary>The peers with addresses of their own.</summary>
    public required IReadOnlyList<PeerConfiguration> Peers { get; init; }

    /// <summary>Where other peers may come from.</summary>
    public required IReadOnlyList<DynamicPeersConfiguration> DynamicPeers { get; init; }
}

/// <summary>An address and a TCP port to accept sessions on.</summary>
/// <param name="Address">A local address; unspecified for all of its family.</param>
/// <param name="Port">The TCP port.</param>
internal sealed record ListenConfiguration(IpAddress Address, ushort Port);

/// <summary>Labels from one to another, both included.</summary>
/// <param name="First">The lowest.</param>
/// <param name="Last">The highest.</param>
internal sealed record LabelRangeConfiguration(uint First, uint Last);

/// <summary>A template of peers.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Options">What its peers have unless they say otherwise.</param>
internal sealed record PeerGroupConfiguration(string Name, PeerOptions Options);

/// <summary>A peer.</summary>
/// <param name="Address">Its address, unique.</param>
/// <param name="Group">The group whose options it takes over; null for none.</param>
/// <param name="Options">Its own options.</param>
internal sealed record PeerConfiguration(IpAddress Address, string? Group, PeerOptions Options);

/// <summary>A range of addresses from which peers may connect.</summary>
/// <param name="Range">The addresses.</param>
/// <param name="Group">The group whose options its peers take over; null for none.</param>
/// <param name="Options">The options of its peers.</param>
/// <param name="AllowedAs">The systems they may be of; empty for that of the options only.</param>
/// <param name="MaxPeers">Most of them at a time.</param>
/// <param name="ForgetAfter">How long a peer that went away is remembered.</param>
internal sealed record DynamicPeersConfiguration(
    IpPrefix Range, string? Group, PeerOptions Options, IReadOnlyList<AsRange> AllowedAs, int MaxPeers, TimeSpan ForgetAfter);
