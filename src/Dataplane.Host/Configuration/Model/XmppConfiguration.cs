using Dataplane.Net;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Host.Configuration;

/// <summary>The XMPP side of a gateway.</summary>
internal sealed record XmppConfiguration
{
    /// <summary>Our domain name, which clients address and our certificate bears.</summary>
    public required string Name { get; init; }

    /// <summary>The domains that clients' addresses may have beside our own.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>Where we listen.</summary>
    public required IReadOnlyList<XmppListenConfiguration> Listen { get; init; }

    /// <summary>Path of our certificate in PEM; null only where plaintext is allowed.</summary>
    public required string? Certificate { get; init; }

    /// <summary>Path of its key.</summary>
    public required string? Key { get; init; }

    /// <summary>Path of the authorities whose certificates clients have.</summary>
    public required string? Authorities { get; init; }

    /// <summary>Whether clients may come without TLS.</summary>
    public required bool AllowPlaintext { get; init; }

    /// <summary>Whether clients come from addresses that their certificates name.</summary>
    public required bool RequireCertifiedSource { get; init; }

    /// <summary>Path of the provisioning file; null for none.</summary>
    public required string? Provisioning { get; init; }

    /// <summary>What clients are spoken to in.</summary>
    public required WireProfile Profile { get; init; }

    /// <summary>Silence after which a client is pinged.</summary>
    public required TimeSpan PingInterval { get; init; }

    /// <summary>Pings without answer after which a session is lost.</summary>
    public required int PingMisses { get; init; }

    /// <summary>How long publications stay after a session was lost.</summary>
    public required TimeSpan StaleTime { get; init; }

    /// <summary>How long a leaf may wait for its association.</summary>
    public required TimeSpan PendingTime { get; init; }

    /// <summary>How long a client may take nothing.</summary>
    public required TimeSpan StallTime { get; init; }

    /// <summary>How long after the start no snapshot is called whole.</summary>
    public required TimeSpan SettleTime { get; init; }

    /// <summary>How long routes take to come whose end no BGP peer marks.</summary>
    public required TimeSpan VpnSettleTime { get; init; }

    /// <summary>Highest preference of routes whose publisher's session is lost; null leaves it.</summary>
    public required uint? StaleLocalPreference { get; init; }

    /// <summary>Longest name of a VPN.</summary>
    public required int MaxNameLength { get; init; }

    /// <summary>Whether end-systems may have any name.</summary>
    public required bool AllowAnyName { get; init; }

    /// <summary>Most sessions.</summary>
    public required int MaxSessions { get; init; }

    /// <summary>Most subscriptions of a client.</summary>
    public required int MaxSubscriptions { get; init; }

    /// <summary>Most publications of a client.</summary>
    public required int MaxPublications { get; init; }
}

/// <summary>Where an XMPP server listens.</summary>
internal sealed record XmppListenConfiguration
{
    /// <summary>A local address, or all of a family.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>The TCP port, 0 for any free one.</summary>
    public required int Port { get; init; }

    /// <summary>Whether TLS comes first (XEP-0368).</summary>
    public required bool DirectTls { get; init; }
}
