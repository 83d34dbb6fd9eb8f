using Dataplane.Net;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Security;

namespace Dataplane.Xmpp.Gateway;

/// <summary>A client, as management sees it (MGT-08).</summary>
public sealed record ClientView
{
    /// <summary>Its bare address.</summary>
    public required Jid Jid { get; init; }

    /// <summary>The address it bound; null while it has no session.</summary>
    public required Jid? Bound { get; init; }

    /// <summary>What TLS proved; null while it has no session.</summary>
    public required PeerIdentity? Identity { get; init; }

    /// <summary>Age of the session.</summary>
    public required TimeSpan Age { get; init; }

    /// <summary>What it is spoken to in.</summary>
    public required WireProfile Profile { get; init; }

    /// <summary>Its infrastructure addresses.</summary>
    public required IReadOnlyList<IpAddress> Addresses { get; init; }

    /// <summary>Its subscriptions.</summary>
    public required int Subscriptions { get; init; }

    /// <summary>What it published and is in a VPN.</summary>
    public required int Publications { get; init; }

    /// <summary>Leaves that wait for their association.</summary>
    public required int Pending { get; init; }

    /// <summary>Publications and subscriptions that have not been renewed since a session was lost.</summary>
    public required int Stale { get; init; }

    /// <summary>Whether what is stale goes when a timer expires.</summary>
    public required bool IsStaleTimerRunning { get; init; }

    /// <summary>Pings since it said something last.</summary>
    public required int UnansweredPings { get; init; }

    /// <summary>Octets that wait until it takes them.</summary>
    public required long QueuedOctets { get; init; }

    /// <summary>Whether it takes no more at the moment.</summary>
    public required bool IsBlocked { get; init; }
}

/// <summary>A subscription, as management sees it.</summary>
/// <param name="Jid">The client's bare address.</param>
/// <param name="Vpn">The VPN's name.</param>
/// <param name="Vrf">The VRF.</param>
/// <param name="Age">How long it is there.</param>
/// <param name="Told">Routes and withdrawals that it was told.</param>
/// <param name="Behind">Whether something waits to be told.</param>
/// <param name="IsStale">Whether it is of a session that was lost.</param>
public sealed record SubscriptionView(Jid Jid, string Vpn, string Vrf, TimeSpan Age, long Told, bool Behind, bool IsStale);

/// <summary>A publication, as management sees it.</summary>
/// <param name="Jid">The client's bare address.</param>
/// <param name="Node">The leaf, or the VPN with an item.</param>
/// <param name="Item">The item; null for a leaf.</param>
/// <param name="Vpn">The VPN it is in; null while it waits for its association.</param>
/// <param name="Vrf">The VRF; null while it waits.</param>
/// <param name="Distinguisher">The route distinguisher; null while it waits.</param>
/// <param name="Entry">What was published.</param>
/// <param name="IsStale">Whether it is of a session that was lost.</param>
public sealed record PublicationView(
    Jid Jid, string Node, string? Item, string? Vpn, string? Vrf, RouteDistinguisher? Distinguisher, VpnEntry Entry, bool IsStale);
