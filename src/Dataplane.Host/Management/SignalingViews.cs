using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Host.Management;

/// <summary>An end-system: <c>/v1/xmpp/sessions</c>.</summary>
internal sealed record SignalingSessionView
{
    public required string Client { get; init; }
    public required string State { get; init; }
    public required string? Bound { get; init; }
    public required string? Remote { get; init; }
    public required string? Certificate { get; init; }
    public required double Age { get; init; }
    public required string Profile { get; init; }
    public required IReadOnlyList<string> Infrastructure { get; init; }
    public required int Subscriptions { get; init; }
    public required int Publications { get; init; }
    public required int Pending { get; init; }
    public required int Stale { get; init; }
    public required bool StaleTimer { get; init; }
    public required int UnansweredPings { get; init; }
    public required long QueuedBytes { get; init; }

    public static SignalingSessionView Of(ClientView client) => new()
    {
        Client = client.Jid.ToString(),
        State = client.Bound is null ? "lost" : client.IsBlocked ? "blocked" : "up",
        Bound = client.Bound?.ToString(),
        Remote = client.Identity?.Remote.ToString(),
        Certificate = client.Identity is { IsPlaintext: true } ? "none" : client.Identity?.Subject,
        Age = Math.Round(client.Age.TotalSeconds, 3),
        Profile = ProfileOf(client.Profile),
        Infrastructure = [.. client.Addresses.Select(static address => address.ToString())],
        Subscriptions = client.Subscriptions,
        Publications = client.Publications,
        Pending = client.Pending,
        Stale = client.Stale,
        StaleTimer = client.IsStaleTimerRunning,
        UnansweredPings = client.UnansweredPings,
        QueuedBytes = client.QueuedOctets,
    };

    internal static string ProfileOf(WireProfile profile) => profile == WireProfile.EndSystem06 ? "end-system-06" : "esv05";
}

/// <summary>A subscription: <c>/v1/xmpp/subscriptions</c>.</summary>
internal sealed record SignalingSubscriptionView(string Client, string Vpn, string Vrf, double Age, long Told, bool Behind, bool Stale)
{
    public static SignalingSubscriptionView Of(SubscriptionView subscription) => new(
        subscription.Jid.ToString(), subscription.Vpn, subscription.Vrf, Math.Round(subscription.Age.TotalSeconds, 3), subscription.Told,
        subscription.Behind, subscription.IsStale);
}

/// <summary>A publication: <c>/v1/xmpp/publications</c>.</summary>
internal sealed record SignalingPublicationView
{
    public required string Client { get; init; }
    public required string Node { get; init; }
    public required string? Item { get; init; }
    public required string? Vpn { get; init; }
    public required string? Vrf { get; init; }
    public required string? Distinguisher { get; init; }
    public required string Prefix { get; init; }
    public required string NextHop { get; init; }
    public required uint? Label { get; init; }
    public required uint Version { get; init; }
    public required bool Stale { get; init; }

    public static SignalingPublicationView Of(PublicationView publication) => new()
    {
        Client = publication.Jid.ToString(),
        Node = publication.Node,
        Item = publication.Item,
        Vpn = publication.Vpn,
        Vrf = publication.Vrf,
        Distinguisher = publication.Distinguisher?.ToString(),
        Prefix = publication.Entry.Prefix.ToString(),
        NextHop = publication.Entry.NextHops[0].Address.ToString(),
        Label = publication.Entry.NextHops[0].Label?.Value,
        Version = publication.Entry.Version,
        Stale = publication.IsStale,
    };
}

/// <summary>What is provisioned for end-systems of a name: <c>/v1/xmpp/end-systems</c>.</summary>
internal sealed record EndSystemView
{
    public required string Name { get; init; }
    public required string Origin { get; init; }
    public required IReadOnlyList<string> Infrastructure { get; init; }
    public required string? HostId { get; init; }
    public required string? Profile { get; init; }
    public required IReadOnlyList<VpnGrantView> Vpns { get; init; }

    public static EndSystemView Of(EndSystemGrant grant, bool isManaged) => new()
    {
        Name = grant.Pattern,
        Origin = isManaged ? "management" : "configuration",
        Infrastructure = [.. grant.Infrastructure.Select(static address => address.ToString())],
        HostId = grant.HostId?.ToString(),
        Profile = grant.Profile is { } profile ? SignalingSessionView.ProfileOf(profile) : null,
        Vpns = [.. grant.Vpns.Select(static vpn => new VpnGrantView(
            vpn.Vpn, vpn.Vrf, vpn.Instance, [.. vpn.Prefixes.Select(static prefix => prefix.ToString())], vpn.MaySubscribe, vpn.MaySetPreference))],
    };
}

/// <summary>What an end-system may do in a VPN; the names are those of the configuration.</summary>
internal sealed record VpnGrantView(string Vpn, string? Vrf, ushort? Instance, IReadOnlyList<string> Prefixes, bool Subscribe, bool LocalPreference);
