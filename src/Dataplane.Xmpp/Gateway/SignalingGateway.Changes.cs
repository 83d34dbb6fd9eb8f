using Dataplane.Routing;
using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.Gateway;

/// <content>Provisioning and VRFs that change while clients are there, and what management asks.</content>
public sealed partial class SignalingGateway
{
    /// <summary>What is provisioned.</summary>
    public Provisioning Provisioning => _context.Provisioning;

    /// <summary>The settings in force.</summary>
    public SignalingGatewaySettings Settings => _context.Settings;

    /// <summary>Clients with a session.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>Subscriptions there are, stale ones included.</summary>
    public int SubscriptionCount => _subscriptions.Count;

    /// <summary>The clients, those without session included. For people: allocates.</summary>
    public IEnumerable<ClientView> Clients => _clients.Values.Select(View);

    /// <summary>
    /// Another provisioning takes effect: no session ends. What it does not allow any more goes at once, what it allows elsewhere goes there, and the
    /// rest is not touched.
    /// </summary>
    public void Apply(Provisioning provisioning)
    {
        _context.Provisioning = provisioning;
        foreach (GatewayClient client in _clients.Values.ToArray())
        {
            Admit(client);
            Review(client);
            _context.Counters.Revoked += _subscriptions.Review(client);
            ForgetIfGone(client);
        }
    }

    /// <summary>Other settings take effect; timers that run are not changed, and tokens keep their key.</summary>
    public void Apply(SignalingGatewaySettings settings) => _context.Settings = settings with { TokenKey = _context.Settings.TokenKey };

    /// <summary>A VRF is no more, with everything in it; called before another one can have its row.</summary>
    public void VrfRemoved(VrfIndex vrf)
    {
        foreach (GatewayClient client in _clients.Values.ToArray())
        {
            _publications.VrfRemoved(client, vrf);
            _subscriptions.VrfRemoved(client, vrf);
            ForgetIfGone(client);
        }
    }

    /// <summary>The client that published a local route of a VRF (SIG-24).</summary>
    public bool TryFindPublisher(PublisherId publisher, out Jid jid)
    {
        var found = _publishers.TryGetValue(publisher, out GatewayClient? client);
        jid = found ? client!.Jid : default;
        return found;
    }

    /// <summary>The subscriptions. For people: allocates.</summary>
    public IEnumerable<SubscriptionView> SubscriptionsOf(Jid? jid = null) =>
        from client in Of(jid)
        from subscription in client.Subscriptions.Values
        select new SubscriptionView(
            client.Jid, subscription.Node, _context.Vrfs[subscription.Vrf].Name,
            _context.Loop.Time.GetElapsedTime(subscription.StartedAt, _context.Now), subscription.Told, subscription.IsBehind, subscription.IsStale);

    /// <summary>The publications. For people: allocates.</summary>
    public IEnumerable<PublicationView> PublicationsOf(Jid? jid = null) =>
        from client in Of(jid)
        from leaf in client.Leaves.Values
        select new PublicationView(
            client.Jid, leaf.Key.Node, leaf.Key.Item, leaf.Vpn,
            leaf.Vpn is null ? null : _context.Vrfs[leaf.Vrf].Name,
            leaf.Vpn is null ? null : HostDistinguishers.Of(client, leaf.Vrf, _context.Vrfs[leaf.Vrf].Name, leaf.Grant!),
            leaf.Entry, leaf.IsStale);

    private IEnumerable<GatewayClient> Of(Jid? jid) =>
        jid is null ? _clients.Values : _clients.TryGetValue(jid.Value.Bare, out GatewayClient? client) ? [client] : [];

    private void Review(GatewayClient client) => _context.Counters.Revoked += _publications.Review(client);

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
        QueuedOctets = client.Channel?.QueuedOctets ?? 0,
        IsBlocked = client.IsBlocked,
    };
}
