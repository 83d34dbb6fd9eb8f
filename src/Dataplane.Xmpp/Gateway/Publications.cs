using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// What clients publish, from the IQ to the local route of a VRF: leaves and items, their association, who may publish what with which next hop
/// (AMB-05, 06, 08, 11; SEC-03, 06, 09). Routing thread.
/// </summary>
internal sealed class Publications(GatewayContext context)
{
    private long _order;
    private long _number;

    /// <summary>Publishes to a leaf of the client's own, or to a VPN.</summary>
    public Refusal? Publish(GatewayClient client, PublishRequest request)
    {
        // A node that is a VPN of the client takes items (-06); any other is a leaf, whatever it is called (AMB-05).
        VpnGrant? grant = null;
        VrfIndex vrf = default;
        var isVpn = false;
        if (!client.Leaves.ContainsKey(new(request.Node)))
        {
            Refusal? unresolved = context.Resolve(client, request.Node, out grant, out vrf);
            isVpn = unresolved is null;
            if (!isVpn && request.Items[0] is { Id: not null, Profile: WireProfile.EndSystem06 })
            {
                return unresolved;
            }
        }

        if (!isVpn && request.Items.Count != 1)
        {
            return Refusal.Malformed("a leaf holds one item");
        }

        grant = isVpn ? grant : null;
        foreach (PublishedItem item in request.Items)
        {
            if (Judge(client, request.Node, isVpn, grant, item) is { } refusal)
            {
                return refusal;
            }
        }

        foreach (PublishedItem item in request.Items)
        {
            Store(client, LeafKey.Of(request.Node, isVpn, item), item.Entry, isVpn ? request.Node : null, grant, vrf);
        }

        return null;
    }

    /// <summary>Puts a leaf into a VPN.</summary>
    public Refusal? Associate(GatewayClient client, AssociateRequest request)
    {
        if (context.Resolve(client, request.Collection, out VpnGrant? grant, out VrfIndex vrf) is { } unresolved)
        {
            return unresolved;
        }

        if (!client.Leaves.TryGetValue(new(request.Leaf), out Leaf? leaf))
        {
            return Refusal.UnknownLeaf(request.Leaf);
        }

        if (leaf.Vpn is { } vpn)
        {
            return vpn == request.Collection ? null : Refusal.LeafElsewhere(request.Leaf, vpn);
        }

        if (!grant!.MayPublish(leaf.Entry.Prefix))
        {
            return Refusal.ForeignPrefix(request.Collection, leaf.Entry.Prefix);
        }

        leaf.Vpn = request.Collection;
        leaf.Grant = grant;
        leaf.Vrf = vrf;
        client.Pending--;
        Advertise(client, leaf);
        return null;
    }

    /// <summary>Takes a leaf out of a VPN: it waits for another association.</summary>
    public Refusal? Dissociate(GatewayClient client, DissociateRequest request)
    {
        if (!client.Leaves.TryGetValue(new(request.Leaf), out Leaf? leaf) || leaf.Vpn != request.Collection)
        {
            return Refusal.UnknownLeaf(request.Leaf);
        }

        Withdraw(client, leaf, "dissociated");
        context.Journal?.Remove(client.Jid, leaf.Key);
        leaf.Vpn = null;
        leaf.Grant = null;
        Await(client, leaf);
        return null;
    }

    /// <summary>Deletes a leaf.</summary>
    public Refusal? Delete(GatewayClient client, string node)
    {
        if (!client.Leaves.TryGetValue(new(node), out Leaf? leaf))
        {
            return Refusal.UnknownLeaf(node);
        }

        Remove(client, leaf, "deleted");
        return null;
    }

    /// <summary>Retracts items of a VPN's node, or leaves by the names of their items.</summary>
    public Refusal? Retract(GatewayClient client, RetractRequest request)
    {
        var leaves = new List<Leaf>(request.Ids.Count);
        foreach (var id in request.Ids)
        {
            if (client.Leaves.TryGetValue(new(request.Node, id), out Leaf? item)
                || client.Leaves.TryGetValue(new(request.Node), out item)
                || (client.Leaves.TryGetValue(new(id), out item) && item.Vpn == request.Node))
            {
                leaves.Add(item);
            }
            else
            {
                return Refusal.UnknownLeaf(id);
            }
        }

        leaves.ForEach(leaf => Remove(client, leaf, "retracted"));
        return null;
    }

    /// <summary>A publication as it is remembered; it is in a VPN.</summary>
    public static RememberedPublication Remembered(GatewayClient client, Leaf leaf) => new()
    {
        Client = client.Jid,
        Proved = client.Proved,
        Key = leaf.Key,
        Vpn = leaf.Vpn!,
        Instance = client.Instances.TryGetValue(leaf.Vrf, out var instance) ? instance : null,
        Entry = leaf.Entry,
    };

    /// <summary>Has a remembered publication in force again, stale, if provisioning still allows it.</summary>
    /// <returns>Whether it does.</returns>
    public bool Restore(GatewayClient client, RememberedPublication publication)
    {
        if (context.Resolve(client, publication.Vpn, out VpnGrant? grant, out VrfIndex vrf) is not null
            || !grant!.MayPublish(publication.Entry.Prefix)
            || ChooseNextHop(client, publication.Entry, out EntryNextHop nextHop) is not null)
        {
            return false;
        }

        if (publication.Instance is { } instance && grant.Instance is null && !HostDistinguishers.IsTaken(client, vrf, instance))
        {
            client.Instances[vrf] = instance;
        }

        var leaf = new Leaf(publication.Key)
        {
            Number = ++_number,
            Entry = publication.Entry,
            NextHop = nextHop,
            Vpn = publication.Vpn,
            Grant = grant,
            Vrf = vrf,
            Order = ++_order,
            IsStale = true,
        };
        client.Leaves.Add(leaf.Key, leaf);
        Advertise(client, leaf);
        return true;
    }

    /// <summary>Removes what a condition holds for.</summary>
    /// <returns>How many went.</returns>
    public int RemoveAll(GatewayClient client, Func<Leaf, bool> condition, string why)
    {
        Leaf[] leaves = [.. client.Leaves.Values.Where(condition)];
        foreach (Leaf leaf in leaves)
        {
            Remove(client, leaf, why);
        }

        return leaves.Length;
    }

    /// <summary>The session of a client was lost: what it published stays, but may be preferred less (SIG-14, AMB-31).</summary>
    public void Suspend(GatewayClient client)
    {
        foreach (Leaf leaf in client.Leaves.Values)
        {
            leaf.IsStale = true;
        }

        if (context.Settings.StaleLocalPreference is not null)
        {
            foreach (List<Leaf> leaves in client.Advertised.Values)
            {
                Announce(client, leaves);
            }
        }
    }

    /// <summary>Looks at everything of a client anew, after its provisioning, its addresses or an instance id changed.</summary>
    /// <returns>How many publications went.</returns>
    public int Review(GatewayClient client)
    {
        var gone = RemoveAll(client, leaf => ChooseNextHop(client, leaf.Entry, out _) is not null, "next hop is not the client's any more");
        foreach (Leaf leaf in client.Leaves.Values.Where(static leaf => leaf.Vpn is not null).ToArray())
        {
            if (context.Resolve(client, leaf.Vpn!, out VpnGrant? grant, out VrfIndex vrf) is not null || !grant!.MayPublish(leaf.Entry.Prefix))
            {
                Remove(client, leaf, "not provisioned any more");
                gone++;
                continue;
            }

            if (vrf != leaf.Vrf)
            {
                Withdraw(client, leaf, "the VPN is another VRF");
            }

            _ = ChooseNextHop(client, leaf.Entry, out EntryNextHop nextHop);
            leaf.NextHop = nextHop;
            leaf.Grant = grant;
            leaf.Vrf = vrf;
            Advertise(client, leaf);
        }

        return gone;
    }

    /// <summary>A VRF is gone with all its local routes: nothing of it may be touched.</summary>
    public void VrfRemoved(GatewayClient client, VrfIndex vrf)
    {
        foreach (Leaf leaf in client.Leaves.Values.Where(leaf => leaf.Vpn is not null && leaf.Vrf == vrf).ToArray())
        {
            _ = client.Leaves.Remove(leaf.Key);
            context.Journal?.Remove(client.Jid, leaf.Key);
        }

        foreach ((VrfIndex Vrf, IpPrefix Prefix) place in client.Advertised.Keys.Where(place => place.Vrf == vrf).ToArray())
        {
            _ = client.Advertised.Remove(place);
        }

        _ = client.Instances.Remove(vrf);
    }

    private Refusal? Judge(GatewayClient client, string node, bool isVpn, VpnGrant? grant, PublishedItem item)
    {
        if (ChooseNextHop(client, item.Entry, out _) is { } refusal)
        {
            return refusal;
        }

        if (!client.Leaves.TryGetValue(LeafKey.Of(node, isVpn, item), out Leaf? leaf))
        {
            if (client.Leaves.Count >= context.Settings.MaxPublications)
            {
                return Refusal.Limit("publications");
            }

            if (!isVpn && client.Pending >= context.Settings.MaxPending)
            {
                return Refusal.Limit("leaves without VPN");
            }
        }

        VpnGrant? effective = grant ?? leaf?.Grant;
        return effective is null || effective.MayPublish(item.Entry.Prefix) ? null
            : Refusal.ForeignPrefix(leaf?.Vpn ?? node, item.Entry.Prefix);
    }

    // All have to be the client's own; the first counts. A client without any address of its own publishes nothing.
    private static Refusal? ChooseNextHop(GatewayClient client, VpnEntry entry, out EntryNextHop chosen)
    {
        chosen = default;
        foreach (EntryNextHop nextHop in entry.NextHops)
        {
            if (!client.Addresses.Contains(nextHop.Address.Unmapped))
            {
                return Refusal.ForeignNextHop(nextHop.Address);
            }

            if (nextHop.Label is null)
            {
                return Refusal.NoNextHop();
            }
        }

        if (entry.NextHops.Count == 0)
        {
            return Refusal.NoNextHop();
        }

        chosen = entry.NextHops[0];
        return null;
    }

    private void Store(GatewayClient client, LeafKey key, VpnEntry entry, string? vpn, VpnGrant? grant, VrfIndex vrf)
    {
        if (!client.Leaves.TryGetValue(key, out Leaf? leaf))
        {
            leaf = new Leaf(key) { Number = ++_number, Entry = entry, Vpn = vpn, Grant = grant, Vrf = vrf };
            client.Leaves.Add(key, leaf);
            if (vpn is null)
            {
                Await(client, leaf);
            }
        }

        leaf.Entry = entry;
        _ = ChooseNextHop(client, entry, out EntryNextHop nextHop);
        leaf.NextHop = nextHop;
        leaf.IsStale = false;
        leaf.Order = ++_order;
        if (leaf.Vpn is not null)
        {
            Advertise(client, leaf);
        }
    }

    private void Await(GatewayClient client, Leaf leaf)
    {
        client.Pending++;
        leaf.PendingSince = context.Now;
        client.PendingTimer ??= context.Loop.CreateTimer(() => DropPending(client));
        if (!client.PendingTimer.IsRunning)
        {
            client.PendingTimer.Restart(context.Settings.PendingTime);
        }
    }

    private void DropPending(GatewayClient client)
    {
        TimeSpan next = TimeSpan.MaxValue;
        foreach (Leaf leaf in client.Leaves.Values.Where(static leaf => leaf.Vpn is null).ToArray())
        {
            TimeSpan left = context.Settings.PendingTime - context.Loop.Time.GetElapsedTime(leaf.PendingSince, context.Now);
            if (left > TimeSpan.Zero)
            {
                next = left < next ? left : next;
                continue;
            }

            Remove(client, leaf, "not associated in time");
            context.Counters.PendingDropped++;
        }

        if (next != TimeSpan.MaxValue)
        {
            client.PendingTimer!.Restart(next);
        }
    }

    private void Remove(GatewayClient client, Leaf leaf, string why)
    {
        Withdraw(client, leaf, why);
        if (!client.Leaves.Remove(leaf.Key))
        {
            return;
        }

        if (leaf.Vpn is null)
        {
            client.Pending--;
        }
        else
        {
            context.Journal?.Remove(client.Jid, leaf.Key);
        }
    }

    private void Advertise(GatewayClient client, Leaf leaf)
    {
        IpPrefix prefix = leaf.Entry.Prefix;
        if (leaf.AdvertisedPrefix is { } before && before != prefix)
        {
            Withdraw(client, leaf, "another prefix");
        }

        if (!client.Advertised.TryGetValue((leaf.Vrf, prefix), out List<Leaf>? leaves))
        {
            client.Advertised.Add((leaf.Vrf, prefix), leaves = new(1));
        }

        _ = leaves.Remove(leaf);
        leaves.Add(leaf);
        leaf.AdvertisedPrefix = prefix;
        _ = context.Awaited.Remove((client.Jid, leaf.Key));
        context.Journal?.Set(Remembered(client, leaf));
        Announce(client, leaves);
    }

    private void Withdraw(GatewayClient client, Leaf leaf, string why)
    {
        if (leaf.AdvertisedPrefix is not { } prefix)
        {
            return;
        }

        leaf.AdvertisedPrefix = null;
        List<Leaf> leaves = client.Advertised[(leaf.Vrf, prefix)];
        _ = leaves.Remove(leaf);
        if (leaves.Count != 0)
        {
            Announce(client, leaves);
            return;
        }

        _ = client.Advertised.Remove((leaf.Vrf, prefix));
        _ = context.Vrfs.RemoveLocal(leaf.Vrf, prefix, client.Publisher);
        context.Changed(leaf.Vrf, prefix, isWithdrawal: true);
        foreach (ISignalingObserver observer in context.Observers)
        {
            observer.Withdrawn(client.Jid, context.Vrfs[leaf.Vrf].Name, prefix, why);
        }
    }

    private uint? PreferenceOf(Leaf leaf)
    {
        var published = leaf.Grant!.MaySetPreference ? leaf.Entry.LocalPreference : null;
        return leaf.IsStale && context.Settings.StaleLocalPreference is { } most
            ? Math.Min(most, published ?? AttributeSummary.DefaultLocalPreference)
            : published;
    }

    // Of several leaves for a prefix the highest version counts, then what was published last.
    private void Announce(GatewayClient client, List<Leaf> leaves)
    {
        leaves.Sort(static (a, b) => a.Entry.Version != b.Entry.Version
            ? b.Entry.Version.CompareTo(a.Entry.Version) : b.Order.CompareTo(a.Order));
        Leaf leaf = leaves[0];
        var name = context.Vrfs[leaf.Vrf].Name;
        var route = new VrfLocalRoute
        {
            Prefix = leaf.Entry.Prefix,
            Label = leaf.NextHop.Label!.Value,
            Publisher = client.Publisher,
            NextHop = leaf.NextHop.Address.Unmapped,
            Version = leaf.Entry.Version,
            LocalPreference = PreferenceOf(leaf),
            Distinguisher = HostDistinguishers.Of(client, leaf.Vrf, name, leaf.Grant!, context.Instances),
            Source = context.Source,
            IsByTarget = true,
            Communities = TunnelEncapsulationNames.CommunitiesOf(leaf.NextHop.Encapsulations),
        };
        context.Vrfs.SetLocal(leaf.Vrf, route);
        context.Changed(leaf.Vrf, route.Prefix, isWithdrawal: false);
        foreach (ISignalingObserver observer in context.Observers)
        {
            observer.Published(client.Jid, name, route);
        }
    }
}
