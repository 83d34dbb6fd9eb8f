using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.Gateway;

/// <content>
/// What management lists, in parts: the ids of clients, the handles of what one of them has, and a view of each. Ids and handles ascend in the order in
/// which clients and items came, and stay valid between visits of the routing thread; what has gone meanwhile has no view.
/// </content>
public sealed partial class SignalingGateway
{
    /// <summary>The clients there are, in no order.</summary>
    public PublisherId[] ClientIds => [.. _publishers.Keys];

    /// <summary>All clients at once; for where there are few.</summary>
    public IEnumerable<ClientView> Clients => _clients.Values.Select(View);

    /// <summary>The client of an address; null when there is none.</summary>
    public PublisherId? ClientIdOf(Jid jid) => _clients.TryGetValue(jid.Bare, out GatewayClient? client) ? client.Publisher : null;

    /// <summary>A client; null when it has gone.</summary>
    public ClientView? ClientOf(PublisherId id) => _publishers.TryGetValue(id, out GatewayClient? client) ? View(client) : null;

    /// <summary>Handles of a client's subscriptions, in no order.</summary>
    public SubscriptionHandle[] SubscriptionsOf(PublisherId id) =>
        _publishers.TryGetValue(id, out GatewayClient? client) ? [.. client.Subscriptions.Values.Select(static subscription => new SubscriptionHandle(subscription))] : [];

    /// <summary>Handles of a client's publications, in no order.</summary>
    public PublicationHandle[] PublicationsOf(PublisherId id) =>
        _publishers.TryGetValue(id, out GatewayClient? client) ? [.. client.Leaves.Values.Select(leaf => new PublicationHandle(client, leaf))] : [];

    /// <summary>A subscription; null when it has gone.</summary>
    public SubscriptionView? ViewOf(SubscriptionHandle handle)
    {
        Subscription subscription = handle.Subscription;
        GatewayClient client = subscription.Client;
        return !client.Subscriptions.TryGetValue(subscription.Node, out Subscription? there) || there != subscription ? null : new SubscriptionView(
            client.Jid, subscription.Node, _context.Vrfs[subscription.Vrf].Name,
            _context.Loop.Time.GetElapsedTime(subscription.StartedAt, _context.Now), subscription.Told, subscription.IsBehind, subscription.IsStale);
    }

    /// <summary>A publication; null when it has gone.</summary>
    public PublicationView? ViewOf(PublicationHandle handle)
    {
        (GatewayClient client, Leaf leaf) = (handle.Client, handle.Leaf);
        return !client.Leaves.TryGetValue(leaf.Key, out Leaf? there) || there != leaf ? null : new PublicationView(
            client.Jid, leaf.Key.Node, leaf.Key.Item, leaf.Vpn,
            leaf.Vpn is null ? null : _context.Vrfs[leaf.Vrf].Name,
            leaf.Vpn is null ? null : HostDistinguishers.Of(client, leaf.Vrf, _context.Vrfs[leaf.Vrf].Name, leaf.Grant!, _context.Instances),
            leaf.Entry, leaf.IsStale);
    }

    /// <summary>What all clients have, counted.</summary>
    public SignalingTotals Totals()
    {
        var totals = new SignalingTotals { Clients = _clients.Count };
        foreach (GatewayClient client in _clients.Values)
        {
            totals.Publications += client.Leaves.Count - client.Pending;
            totals.Pending += client.Pending;
            if (client.StaleTimer is { IsRunning: true })
            {
                totals.StaleTimers++;
                totals.Stale += client.Leaves.Values.Count(static leaf => leaf.IsStale)
                    + client.Subscriptions.Values.Count(static subscription => subscription.IsStale);
            }

            if (client.Channel is { } channel)
            {
                TimeSpan age = _context.Loop.Time.GetElapsedTime(client.OpenedAt, _context.Now);
                totals.OldestSession = age > totals.OldestSession ? age : totals.OldestSession;
                totals.QueuedOctets += channel.QueuedOctets;
                totals.Blocked += client.IsBlocked ? 1 : 0;
            }
        }

        return totals;
    }

    private ClientView View(GatewayClient client) => new()
    {
        Jid = client.Jid,
        Bound = client.Channel?.Peer,
        Identity = client.Channel?.Identity,
        Age = client.Channel is null ? TimeSpan.Zero : _context.Loop.Time.GetElapsedTime(client.OpenedAt, _context.Now),
        Profile = client.Profile,
        Addresses = client.Addresses,
        Subscriptions = client.Subscriptions.Count,
        Publications = client.Leaves.Count - client.Pending,
        Pending = client.Pending,
        Stale = client.Leaves.Values.Count(static leaf => leaf.IsStale) + client.Subscriptions.Values.Count(static subscription => subscription.IsStale),
        IsStaleTimerRunning = client.StaleTimer is { IsRunning: true },
        UnansweredPings = client.Channel?.UnansweredPings ?? 0,
        QueuedOctets = client.Channel?.QueuedOctets ?? 0,
        IsBlocked = client.IsBlocked,
    };
}

/// <summary>A subscription, to be asked for later.</summary>
public readonly struct SubscriptionHandle
{
    internal SubscriptionHandle(Subscription subscription) => Subscription = subscription;

    /// <summary>Ascends in the order in which subscriptions came.</summary>
    public long Number => Subscription.Number;

    internal Subscription Subscription { get; }
}

/// <summary>A publication, to be asked for later.</summary>
public readonly struct PublicationHandle
{
    internal PublicationHandle(GatewayClient client, Leaf leaf)
    {
        Client = client;
        Leaf = leaf;
    }

    /// <summary>Ascends in the order in which publications came.</summary>
    public long Number => Leaf.Number;

    internal GatewayClient Client { get; }

    internal Leaf Leaf { get; }
}

/// <summary>What the clients of a gateway have together (MGT-08).</summary>
public record struct SignalingTotals
{
    /// <summary>Clients, those whose session was lost a short while ago included.</summary>
    public long Clients { get; set; }

    /// <summary>Publications in a VPN.</summary>
    public long Publications { get; set; }

    /// <summary>Leaves that wait for their association.</summary>
    public long Pending { get; set; }

    /// <summary>Publications and subscriptions that have not been renewed since a session was lost.</summary>
    public long Stale { get; set; }

    /// <summary>Stale timers that run.</summary>
    public long StaleTimers { get; set; }

    /// <summary>Clients that take no more at the moment.</summary>
    public long Blocked { get; set; }

    /// <summary>Octets that wait until clients take them.</summary>
    public long QueuedOctets { get; set; }

    /// <summary>Age of the oldest session.</summary>
    public TimeSpan OldestSession { get; set; }
}
