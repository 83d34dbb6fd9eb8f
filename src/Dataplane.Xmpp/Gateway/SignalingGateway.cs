using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.Propagation;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// The signaling gateway: what end-systems subscribe to and publish over XMPP, between their sessions and the VRFs (requirements groups SIG and XMP).
/// Publications become local routes of VRFs, from where BGP has them; what VRFs select goes to subscribers. It knows no sockets. Routing thread.
/// </summary>
/// <remarks>
/// This file: sessions, and time. <c>SignalingGateway.Requests.cs</c>: IQs and their answers. <c>SignalingGateway.Changes.cs</c>: provisioning and VRFs
/// that change. <c>SignalingGateway.Listing.cs</c>: what management asks. <c>SignalingGateway.Restoring.cs</c>: what outlives its own restart. <see cref="Publications"/>, <see cref="Subscriptions"/> and <see cref="Delivery"/> do the work.
/// </remarks>
public sealed partial class SignalingGateway : IXmppSessionHandler
{
    private readonly GatewayContext _context;
    private readonly Dictionary<Jid, GatewayClient> _clients = [];
    private readonly Dictionary<IXmppChannel, GatewayClient> _sessions = [];
    private readonly Dictionary<PublisherId, GatewayClient> _publishers = [];
    private readonly Publications _publications;
    private readonly Subscriptions _subscriptions;
    private readonly Delivery _delivery;
    private readonly StanzaText _text = new();
    private uint _nextPublisher = PublisherId.FirstFree.Value;

    /// <summary>A gateway without clients; it listens to the VRFs from now on. Before the loop runs, or on it.</summary>
    /// <param name="loop">The routing thread.</param>
    /// <param name="routing">The routes; they have VRFs.</param>
    /// <param name="settings">What is configured.</param>
    /// <param name="provisioning">What is provisioned.</param>
    public SignalingGateway(RoutingLoop loop, RoutingBase routing, SignalingGatewaySettings settings, Provisioning provisioning)
    {
        _context = new(loop, routing, settings) { Provisioning = provisioning };
        _publications = new(_context);
        _delivery = new(_context, new EventEncoder(routing, new RouteTokens(settings.TokenKey), settings, _context.Counters));
        _subscriptions = new(_context, _delivery);
        _context.Vrfs.Listen(_subscriptions);
        loop.AddWork(_delivery);
    }

    /// <summary>Who is told what happens.</summary>
    public IList<ISignalingObserver> Observers => _context.Observers;

    /// <summary>How long what clients publish and withdraw takes.</summary>
    public PropagationTimes Times => _context.Times;

    /// <summary>What is counted.</summary>
    public SignalingCounters Counters => _context.Counters;

    /// <summary>Whether what other sources of routes have to say of a VRF has been said; see <see cref="SignalingGatewaySettings.SettleTime"/>.</summary>
    public Func<VrfIndex, bool>? IsConverged
    {
        get => _delivery.IsConverged;
        set => _delivery.IsConverged = value;
    }

    /// <inheritdoc/>
    public void Opened(IXmppChannel channel)
    {
        Jid jid = channel.Peer.Bare;
        EndSystemAccess access = _context.Provisioning.AccessOf(jid);
        if (!_context.Settings.AllowAnyName && !access.IsNamed && !IsSystemId(jid.Local))
        {
            _context.Counters.NamesRefused++;
            _context.Tell(observer => observer.Alarm($"{jid} is refused: it is no system-id of 12 hexadecimal digits, nor provisioned by this name"));
            channel.Close(StreamErrorCondition.PolicyViolation, "the name of an end-system is 12 hexadecimal digits");
            return;
        }

        GatewayClient client = ClientOf(jid);
        if (client.Channel is { } older)
        {
            Displace(client, older);
        }

        _context.Counters.Sessions++;
        _sessions.Add(channel, client);
        client.Channel = channel;
        client.Proved = [.. channel.Identity.Addresses];
        client.OpenedAt = _context.Now;
        client.To = Escape(channel.Peer.ToString());
        client.From = channel.Local.ToString();
        Admit(client);
        _context.Tell(observer => observer.SessionOpened(channel));
        if (client.Leaves.Count != 0)
        {
            Review(client);
        }
    }

    /// <inheritdoc/>
    public void Drained(IXmppChannel channel)
    {
        if (_sessions.TryGetValue(channel, out GatewayClient? client))
        {
            _delivery.Drained(client);
        }
    }

    /// <inheritdoc/>
    public void Closed(IXmppChannel channel, SessionEnd end)
    {
        if (!_sessions.Remove(channel, out GatewayClient? client))
        {
            return; // refused
        }

        if (end.Reason == SessionEndReason.Displaced)
        {
            Displaced(client);
        }

        if (client.Channel != channel)
        {
            return; // another one has its place
        }

        if (end.IsOrderly)
        {
            Detach(client);
            _context.Doing = (PropagationCause.Closed, _context.Now);
            _ = _publications.RemoveAll(client, static _ => true, "session closed");
            _context.Doing = null;
            _ = _subscriptions.RemoveAll(client, static _ => true);
            client.StaleTimer?.Stop();
        }
        else
        {
            Lose(client);
        }

        _context.Tell(observer => observer.SessionClosed(channel, end, !client.IsGone));
        ForgetIfGone(client);
    }

    private static bool IsSystemId(string? local)
    {
        if (local is not { Length: 12 })
        {
            return false;
        }

        foreach (var character in local)
        {
            if (!char.IsAsciiHexDigitLower(character))
            {
                return false;
            }
        }

        return true;
    }

    private GatewayClient ClientOf(Jid jid)
    {
        if (!_clients.TryGetValue(jid, out GatewayClient? client))
        {
            client = new GatewayClient(jid, new(_nextPublisher++), _context.Provisioning.AccessOf(jid));
            _clients.Add(jid, client);
            _publishers.Add(client.Publisher, client);
        }

        return client;
    }

    private byte[] Escape(string text)
    {
        _text.Clear();
        return _text.Text(text).ToArray();
    }

    // What a client's session, or the last one it had, and provisioning say of it.
    private void Admit(GatewayClient client)
    {
        client.Access = _context.Provisioning.AccessOf(client.Jid);
        client.Profile = client.Access.Profile ?? _context.Settings.Profile;
        client.Addresses =
        [
            .. client.Access.Infrastructure.Select(static address => address.Unmapped),
            .. client.Proved.Select(static address => address.Unmapped).Except(client.Access.Infrastructure).Order(),
        ];
    }

    // A newer session of the same address takes the place of an older one, whose state it has to renew (XMP-03).
    private void Displace(GatewayClient client, IXmppChannel older)
    {
        Displaced(client);
        _ = _sessions.Remove(older);
        older.Close(StreamErrorCondition.Conflict, "another session of this address");
        Lose(client);
    }

    private void Displaced(GatewayClient client)
    {
        _context.Counters.Displaced++;
        _context.Tell(observer => observer.Alarm($"{client.Jid}: a second session of this address took the place of the first"));
    }

    private void Detach(GatewayClient client)
    {
        client.Channel = null;
        _delivery.Closed(client);
    }

    // SIG-14: what it published stays until the timer says otherwise.
    private void Lose(GatewayClient client)
    {
        Detach(client);
        client.LostAt = _context.Now;
        _subscriptions.Suspend(client);
        _publications.Suspend(client);

        StartStaleTimer(client);
    }

    private void StartStaleTimer(GatewayClient client)
    {
        client.StaleTimer ??= _context.Loop.CreateTimer(() => Sweep(client));
        client.StaleTimer.Restart(_context.Settings.StaleTime);
    }

    private void Sweep(GatewayClient client)
    {
        _context.Doing = (PropagationCause.Lost, client.LostAt);
        _context.Counters.StaleSwept += _publications.RemoveAll(client, static leaf => leaf.IsStale, "stale");
        _context.Doing = null;
        _ = _subscriptions.RemoveAll(client, static subscription => subscription.IsStale);
        ForgetIfGone(client);
    }

    private void ForgetIfGone(GatewayClient client)
    {
        if (client.IsGone)
        {
            client.StaleTimer?.Stop();
            client.PendingTimer?.Stop();
            _ = _clients.Remove(client.Jid);
            _ = _publishers.Remove(client.Publisher);
        }
    }
}
