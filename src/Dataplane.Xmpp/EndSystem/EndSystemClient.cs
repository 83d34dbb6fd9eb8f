using Dataplane.Net;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>
/// The client side of the protocol: what a host, or an external forwarder, shall be known for is told to every server, routes are taken from one
/// gateway at a time, the next one when it is lost (XMP-05). What was notified stays in force without a gateway (AGT-09). Routing loop.
/// </summary>
public sealed class EndSystemClient : IUplink
{
    // A gateway that says when a snapshot is whole is waited for this much longer than one that does not.
    private const int PatienceWithSettled = 30;

    private readonly List<EndSystemServer> _servers = [];
    private readonly Dictionary<string, long> _settling = new(StringComparer.Ordinal);
    private readonly EndSystemSettings _settings;
    private readonly RoutingLoop _loop;
    private readonly LoopTimer _timer;

    /// <summary>A client without servers.</summary>
    /// <param name="loop">The loop that everything runs on.</param>
    /// <param name="settings">How it talks.</param>
    /// <param name="sink">Takes the routes.</param>
    public EndSystemClient(RoutingLoop loop, EndSystemSettings settings, IRouteSink sink)
    {
        _loop = loop;
        _settings = settings;
        Routes = new(sink);
        Filters = new(sink);
        _timer = loop.CreateTimer(Advance);
    }

    /// <summary>What every server shall know.</summary>
    public DesiredState Desired { get; } = new();

    /// <summary>The routes as they were notified.</summary>
    public NotifiedRoutes Routes { get; }

    /// <summary>The flow specifications as they were notified.</summary>
    public NotifiedFilters Filters { get; }

    /// <summary>The servers, the preferred ones first.</summary>
    public IReadOnlyList<EndSystemServer> Servers => _servers;

    /// <summary>The gateway that routes are taken from; null when there is none, or the servers are external forwarders.</summary>
    public EndSystemServer? RouteSource { get; private set; }

    /// <summary>Told of refused requests.</summary>
    public Action<EndSystemServer, string, RequestFailure>? Refused { get; set; }

    /// <summary>Told of a leaf when all servers that have a session know it as it is, or that it is no more.</summary>
    public Action<string>? Acknowledged { get; set; }

    /// <summary>Told when a session has come.</summary>
    public Action<EndSystemServer>? ServerUp { get; set; }

    /// <summary>Told when a session has gone.</summary>
    public Action<EndSystemServer>? ServerDown { get; set; }

    /// <summary>Told when routes are taken from another gateway.</summary>
    public Action<EndSystemServer?>? RouteSourceChanged { get; set; }

    /// <summary>Told when the routes of a VPN are whole, with the number of those that were swept.</summary>
    public Action<string, int>? Settled { get; set; }

    /// <summary>Told of each request that was sent, with its id.</summary>
    public Action<EndSystemServer, string, PubSubRequest>? Sent { get; set; }

    /// <summary>Told of each answer, with the id of the request.</summary>
    public Action<EndSystemServer, string, RequestFailure?>? Answered { get; set; }

    /// <summary>Told of each event that came, before it takes effect.</summary>
    public Action<EndSystemServer, PubSubEvent>? Notified { get; set; }

    /// <summary>When the events that are being taken were read from the socket, in ticks of the loop's time; null while there are none.</summary>
    public long? NotifiedAt { get; internal set; }

    internal DateTimeOffset Now => _loop.Time.GetUtcNow();

    /// <summary>Adds a server; what it returns takes the sessions with it.</summary>
    public EndSystemServer AddServer(string name)
    {
        var server = new EndSystemServer(this, name, Desired, _settings, _loop.Time);
        _servers.Add(server);
        return server;
    }

    /// <inheritdoc/>
    public void Join(Membership membership)
    {
        if (Desired.Add(membership))
        {
            Tell(server => server.Synchronizer.Changed(membership));
            foreach (var rules in CollectionsOf(membership))
            {
                Join(new Membership(rules));
            }
        }
    }

    /// <inheritdoc/>
    public void Leave(Membership membership)
    {
        foreach (var rules in CollectionsOf(membership))
        {
            Leave(new Membership(rules));
        }

        if (!Desired.Remove(membership))
        {
            return;
        }

        Tell(server => server.Synchronizer.Changed(membership));
        if (!Desired.Memberships.Any(other => other.Vpn == membership.Vpn))
        {
            _ = _settling.Remove(membership.Vpn);
            End(membership.Vpn);
        }
    }

    /// <inheritdoc/>
    public void Publish(Publication publication)
    {
        if (Desired.Set(publication))
        {
            Tell(server => server.Synchronizer.Changed(publication.Leaf));
        }
    }

    /// <inheritdoc/>
    public void Withdraw(string leaf)
    {
        if (Desired.Remove(leaf))
        {
            Tell(server => server.Synchronizer.Changed(leaf));
        }
    }

    internal void Opened(EndSystemServer server)
    {
        ServerUp?.Invoke(server);
        if (_settings.Servers == ServerRole.ExternalForwarder)
        {
            server.Synchronizer.WantsRoutes = true;
        }

        // First, so that subscriptions go out before addresses (MOB-04).
        ChooseSource();
        server.Synchronizer.Opened();
        Reschedule();
    }

    internal void Closed(EndSystemServer server)
    {
        server.Synchronizer.Closed();
        server.Synchronizer.WantsRoutes = false;
        ServerDown?.Invoke(server);
        ChooseSource();
        Reschedule();
    }

    internal void Subscribing(EndSystemServer server, Membership membership)
    {
        if (server == RouteSource)
        {
            if (FlowSpecNode.TryParse(membership.Vpn, out _, out _))
            {
                Filters.Begin(membership.Vpn);
            }
            else
            {
                Routes.Begin(membership.Vpn);
            }

            _settling[membership.Vpn] = long.MaxValue;
        }
    }

    internal void Subscribed(EndSystemServer server, Membership membership)
    {
        if (server == RouteSource && _settling.ContainsKey(membership.Vpn))
        {
            PutOffSettling(server, membership.Vpn);
        }
    }

    internal void LeafAcknowledged(string leaf)
    {
        if (_servers.TrueForAll(server => !server.IsUp || server.Synchronizer.IsAsItShallBe(leaf)))
        {
            Acknowledged?.Invoke(leaf);
        }
    }

    internal void SubscriptionRefused(EndSystemServer server, Membership membership, RequestFailure failure)
    {
        if (server != RouteSource)
        {
            return;
        }

        _ = _settling.Remove(membership.Vpn);

        // It is not ours, and neither are its routes; any other refusal may pass.
        if (failure.Condition is RequestFailure.ItemNotFound or "forbidden" or "not-authorized" or "not-allowed")
        {
            _ = Sweep(membership.Vpn);
        }
    }

    internal void Told(EndSystemServer server, PubSubEvent told)
    {
        Notified?.Invoke(server, told);

        // Of one that routes were taken from before, some may be under way.
        if (server != RouteSource)
        {
            return;
        }

        switch (told)
        {
            case RouteChangedEvent changed:
                Announce(server, changed);
                break;
            case RouteRetractedEvent retracted:
                Retract(retracted.Token);
                break;
            case RuleChangedEvent changed:
                if (Filters.Announce(changed.Node, changed.Token, changed.Filter) && _settling.TryGetValue(changed.Node, out var at) && at != long.MaxValue)
                {
                    PutOffSettling(server, changed.Node);
                }

                break;
            case RouteDisassociatedEvent disassociated:
                Retract(disassociated.Token);
                break;
            case NodeDeletedEvent deleted when Desired.Contains(new Membership(deleted.Node)):
                End(deleted.Node);
                _ = _settling.Remove(deleted.Node);
                server.Synchronizer.Ended(new(deleted.Node));
                break;
            case NodeDeletedEvent deleted:
                Retract(deleted.Node);
                break;
            case SettledEvent settled:
                server.SaysSettled = true;
                Settle(settled.Node);
                break;
            default:
                break;
        }
    }

    internal void Reschedule()
    {
        long? due = null;
        foreach (EndSystemServer server in _servers)
        {
            if (server.IsUp && server.Synchronizer.Due is { } theirs && (due is null || theirs < due))
            {
                due = theirs;
            }
        }

        foreach (var at in _settling.Values)
        {
            if (at != long.MaxValue && (due is null || at < due))
            {
                due = at;
            }
        }

        if (due is not { } next)
        {
            _timer.Stop();
            return;
        }

        TimeSpan after = _loop.Time.GetElapsedTime(_loop.Time.GetTimestamp(), next);
        _timer.Restart(after > TimeSpan.Zero ? after : TimeSpan.Zero);
    }

    private void Announce(EndSystemServer server, RouteChangedEvent changed)
    {
        var nextHops = new List<VrfNextHop>(changed.Entry.NextHops.Count);
        foreach (EntryNextHop hop in changed.Entry.NextHops)
        {
            if (hop.Label is { } label)
            {
                nextHops.Add(new(hop.Address, label));
            }
        }

        // One that leads nowhere is as good as none.
        if (nextHops.Count == 0)
        {
            _ = Routes.Retract(changed.Token);
            return;
        }

        NotifiedRoute route = new() { Prefix = changed.Entry.Prefix, NextHops = nextHops, Version = changed.Entry.Version };
        if (Routes.Announce(changed.Node, changed.Token, route) && _settling.TryGetValue(changed.Node, out var at) && at != long.MaxValue)
        {
            PutOffSettling(server, changed.Node);
        }
    }

    private void PutOffSettling(EndSystemServer server, string vpn) =>
        _settling[vpn] = TimestampAfter(_settings.SettleTime * (server.SaysSettled ? PatienceWithSettled : 1));

    private void Settle(string vpn)
    {
        if (_settling.Remove(vpn))
        {
            var swept = Sweep(vpn);
            Settled?.Invoke(vpn, swept);
        }
    }

    // The collections that are subscribed to beside a VPN.
    private string[] CollectionsOf(Membership membership) =>
        _settings is { WantsFilters: true, Servers: ServerRole.Gateway } && membership.Vlan is null && !FlowSpecNode.TryParse(membership.Vpn, out _, out _)
            ? [FlowSpecNode.Of(membership.Vpn, AddressFamily.Ipv4), FlowSpecNode.Of(membership.Vpn, AddressFamily.Ipv6)] : [];

    private void End(string node)
    {
        if (FlowSpecNode.TryParse(node, out _, out _))
        {
            Filters.End(node);
        }
        else
        {
            Routes.End(node);
        }
    }

    private int Sweep(string node) => FlowSpecNode.TryParse(node, out _, out _) ? Filters.Settle(node) : Routes.Settle(node);

    private void Retract(string token)
    {
        if (!Routes.Retract(token))
        {
            _ = Filters.Retract(token);
        }
    }

    private void ChooseSource()
    {
        if (_settings.Servers == ServerRole.ExternalForwarder || RouteSource is { IsUp: true })
        {
            return;
        }

        EndSystemServer? chosen = _servers.Find(static server => server.IsUp);
        if (chosen == RouteSource)
        {
            return;
        }

        RouteSource = chosen;
        _settling.Clear();
        RouteSourceChanged?.Invoke(chosen);
        if (chosen is not null)
        {
            chosen.Synchronizer.WantsRoutes = true;
        }
    }

    private void Tell(Action<EndSystemServer> change)
    {
        _servers.ForEach(change);
        Reschedule();
    }

    private void Advance()
    {
        var now = _loop.Time.GetTimestamp();
        foreach (var vpn in _settling.Where(entry => entry.Value <= now).Select(static entry => entry.Key).ToArray())
        {
            Settle(vpn);
        }

        foreach (EndSystemServer server in _servers)
        {
            if (server.IsUp && !server.Synchronizer.Advance())
            {
                server.Channel?.Close(text: "a request was not answered");
            }
        }

        Reschedule();
    }

    private long TimestampAfter(TimeSpan after) => _loop.Time.GetTimestamp() + (long)(after.TotalSeconds * _loop.Time.TimestampFrequency);
}
