using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.Propagation;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// Who is subscribed to what: members of VRFs, from which RT-Constraint follows (SIG-05, SIG-06), and followers of their changes. A VRF has a feed
/// while somebody follows. Routing thread.
/// </summary>
internal sealed class Subscriptions(GatewayContext context, Delivery delivery) : IVrfRouteListener
{
    private readonly Dictionary<(VrfIndex Vrf, AddressFamily? Rules), VrfFeed> _feeds = [];
    private long _number;

    /// <summary>Subscriptions there are.</summary>
    public int Count { get; private set; }

    /// <summary>Subscribes a client, or tells it everything once more (XMP-07).</summary>
    public Refusal? Subscribe(GatewayClient client, SubscribeRequest request, out bool isInstanceNew)
    {
        isInstanceNew = false;
        if (IsForeign(client, request.Jid))
        {
            return Refusal.ForeignJid(request.Jid!);
        }

        _ = FlowSpecNode.TryParse(request.Node, out var vpn, out _);
        if (context.Resolve(client, vpn, out VpnGrant? grant, out VrfIndex vrf) is { } unresolved)
        {
            return unresolved;
        }

        if (!grant!.MaySubscribe)
        {
            return Refusal.ForeignVpn(request.Node);
        }

        if (request.InstanceId is { } instance && grant.Instance is null)
        {
            if (HostDistinguishers.IsTaken(client, vrf, instance))
            {
                return Refusal.InstanceTaken(instance);
            }

            isInstanceNew = !client.Instances.TryGetValue(vrf, out var before) || before != instance;
            client.Instances[vrf] = instance;
        }

        if (!client.Subscriptions.TryGetValue(request.Node, out Subscription? subscription))
        {
            if (client.Subscriptions.Count >= context.Settings.MaxSubscriptions)
            {
                return Refusal.Limit("subscriptions");
            }

            subscription = new Subscription(client, request.Node, grant, vrf, context.Now, ++_number);
            client.Subscriptions.Add(request.Node, subscription);
            context.Vrfs.AddMember(vrf);
            Count++;
            context.Journal?.Set(Remembered(subscription));
        }
        else if (isInstanceNew)
        {
            context.Journal?.Set(Remembered(subscription));
        }

        subscription.WantsSettled = request.WantsSettled;
        subscription.IsStale = false;
        Follow(subscription);
        return null;
    }

    /// <summary>A subscription as it is remembered.</summary>
    public static RememberedSubscription Remembered(Subscription subscription) => new(
        subscription.Client.Jid, subscription.Client.Proved, subscription.Node,
        subscription.Client.Instances.TryGetValue(subscription.Vrf, out var instance) ? instance : null);

    /// <summary>Has a remembered subscription in force again, stale, if provisioning still allows it: a member that is told nothing.</summary>
    public void Restore(GatewayClient client, RememberedSubscription remembered)
    {
        _ = FlowSpecNode.TryParse(remembered.Node, out var vpn, out _);
        if (context.Resolve(client, vpn, out VpnGrant? grant, out VrfIndex vrf) is not null || !grant!.MaySubscribe)
        {
            return;
        }

        if (remembered.Instance is { } instance && grant.Instance is null && !HostDistinguishers.IsTaken(client, vrf, instance))
        {
            client.Instances[vrf] = instance;
        }

        client.Subscriptions.Add(remembered.Node, new(client, remembered.Node, grant, vrf, context.Now, ++_number) { IsStale = true });
        context.Vrfs.AddMember(vrf);
        Count++;
    }

    /// <summary>Ends a subscription of a client.</summary>
    public Refusal? Unsubscribe(GatewayClient client, UnsubscribeRequest request)
    {
        if (IsForeign(client, request.Jid))
        {
            return Refusal.ForeignJid(request.Jid!);
        }

        if (!client.Subscriptions.TryGetValue(request.Node, out Subscription? subscription))
        {
            return Refusal.NotSubscribed(request.Node);
        }

        Remove(subscription);
        return null;
    }

    /// <summary>The session of a client was lost: it is told nothing, but stays a member for now (SIG-14).</summary>
    public void Suspend(GatewayClient client)
    {
        foreach (Subscription subscription in client.Subscriptions.Values)
        {
            subscription.IsStale = true;
            Leave(subscription);
        }
    }

    /// <summary>Removes what a condition holds for.</summary>
    public int RemoveAll(GatewayClient client, Func<Subscription, bool> condition)
    {
        Subscription[] gone = [.. client.Subscriptions.Values.Where(condition)];
        foreach (Subscription subscription in gone)
        {
            Remove(subscription);
        }

        return gone.Length;
    }

    /// <summary>Looks at all subscriptions of a client anew, after its provisioning changed.</summary>
    /// <returns>How many went.</returns>
    public int Review(GatewayClient client)
    {
        var gone = 0;
        foreach (Subscription subscription in client.Subscriptions.Values.ToArray())
        {
            _ = FlowSpecNode.TryParse(subscription.Node, out var vpn, out _);
            var isHeld = context.Resolve(client, vpn, out VpnGrant? grant, out VrfIndex vrf) is null && grant!.MaySubscribe;
            if (isHeld && vrf == subscription.Vrf)
            {
                subscription.Grant = grant!;
                continue;
            }

            Remove(subscription);
            delivery.TellDeleted(subscription);
            if (!isHeld)
            {
                gone++;
                continue;
            }

            var moved = new Subscription(client, subscription.Node, grant!, vrf, context.Now, ++_number)
            {
                WantsSettled = subscription.WantsSettled,
                IsStale = subscription.IsStale,
            };
            client.Subscriptions.Add(moved.Node, moved);
            context.Vrfs.AddMember(vrf);
            Count++;
            context.Journal?.Set(Remembered(moved));
            if (client.Channel is not null)
            {
                Follow(moved);
            }
        }

        return gone;
    }

    /// <summary>A VRF is gone: its members are not members of anything any more.</summary>
    public void VrfRemoved(GatewayClient client, VrfIndex vrf)
    {
        foreach (Subscription subscription in client.Subscriptions.Values.Where(subscription => subscription.Vrf == vrf).ToArray())
        {
            Leave(subscription);
            _ = client.Subscriptions.Remove(subscription.Node);
            Count--;
            context.Journal?.Remove(Remembered(subscription));
            delivery.TellDeleted(subscription);
        }
    }

    /// <inheritdoc/>
    public void RouteChanged(VrfRouteView route)
    {
        if (_feeds.TryGetValue((route.Vrf, RulesOf(route.Family)), out VrfFeed? feed))
        {
            feed.Changed(KeyOf(route.Family, route.Nlri));
            Time(feed, route.Family, route.Nlri);
            delivery.Changed(feed);
        }
    }

    /// <inheritdoc/>
    public void RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri)
    {
        if (_feeds.TryGetValue((vrf, RulesOf(family)), out VrfFeed? feed))
        {
            if (feed.Removed(KeyOf(family, nlri)))
            {
                Time(feed, family, nlri);
            }

            delivery.Changed(feed);
        }
    }

    private static AddressFamily? RulesOf(RouteFamily family) => family.IsFlowSpec ? family.AddressFamily : null;

    private FeedKey KeyOf(RouteFamily family, in Nlri nlri) =>
        family.IsFlowSpec ? FeedKey.Of(context.Rules.Octets((uint)nlri.Low)) : nlri.Prefix(family);

    // Rules are not timed.
    private void Time(VrfFeed feed, RouteFamily family, in Nlri nlri)
    {
        if (!family.IsFlowSpec && context.Times.TryTake(feed.Vrf, nlri.Prefix(family), out PropagationCause cause, out var at))
        {
            feed.Time(cause, at);
        }
    }

    // XEP-0060 §6.1.3.1: the bare JIDs have to match.
    private static bool IsForeign(GatewayClient client, string? jid) =>
        jid is not null && !(Jid.TryParse(jid.AsSpan().Trim(), out Jid named) && named.Bare == client.Jid);

    private void Follow(Subscription subscription)
    {
        if (subscription.Feed is { } following)
        {
            following.Restart(subscription);
        }
        else
        {
            if (!_feeds.TryGetValue((subscription.Vrf, subscription.Rules), out VrfFeed? feed))
            {
                feed = new VrfFeed(subscription.Vrf, context.Vrfs[subscription.Vrf].Name, subscription.Rules);
                _feeds.Add((subscription.Vrf, subscription.Rules), feed);
                if (subscription.Rules is { } rules)
                {
                    Fill(feed, FlowSpecNode.FamilyOf(rules));
                }
                else
                {
                    Fill(feed, RouteFamily.VpnIpv4);
                    Fill(feed, RouteFamily.VpnIpv6);
                }
            }

            feed.Add(subscription);
        }

        delivery.Enqueue(subscription);
    }

    private void Fill(VrfFeed feed, RouteFamily family)
    {
        foreach (VrfRouteView route in context.Vrfs.RoutesOf(feed.Vrf, family))
        {
            feed.Changed(KeyOf(family, route.Nlri));
        }
    }

    private void Leave(Subscription subscription)
    {
        if (subscription.Feed is { } feed)
        {
            feed.Remove(subscription);
            if (feed.Subscriptions.Count == 0)
            {
                _ = _feeds.Remove((feed.Vrf, feed.Rules));
            }
        }
    }

    private void Remove(Subscription subscription)
    {
        Leave(subscription);
        _ = subscription.Client.Subscriptions.Remove(subscription.Node);
        context.Vrfs.RemoveMember(subscription.Vrf);
        Count--;
        context.Journal?.Remove(Remembered(subscription));
    }
}
