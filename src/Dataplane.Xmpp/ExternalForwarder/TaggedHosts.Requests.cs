using Dataplane.Net;
using Dataplane.Xmpp.Propagation;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.ExternalForwarder;

/// <content>What hosts ask for.</content>
public sealed partial class TaggedHosts
{
    private void Handle(TaggedHost host, HostReply reply, PubSubRequest? request, PubSubFault? fault)
    {
        fault ??= request switch
        {
            SubscribeRequest subscribe => Subscribe(host, reply, subscribe),
            UnsubscribeRequest unsubscribe => Unsubscribe(host, reply, unsubscribe),
            PublishRequest publish => Publish(host, reply, publish),
            AssociateRequest associate => Associate(host, reply, associate.Collection, associate.Leaf),
            DissociateRequest dissociate => Withdraw(host, reply, [Find(host, dissociate)], isDeleted: false),
            DeleteRequest delete => Withdraw(host, reply, [(delete.Node, host.Find(new LeafKey(delete.Node)))], isDeleted: true),
            RetractRequest retract => Withdraw(host, reply, [.. retract.Ids.Select(id => (id, Find(host, retract.Node, id)))], isDeleted: true),
            _ => PubSubFault.Unsupported("this request"),
        };
        if (fault is not null)
        {
            Refuse(reply, fault);
        }
    }

    private PubSubFault? Subscribe(TaggedHost host, HostReply reply, SubscribeRequest subscribe)
    {
        if (CheckJid(host, subscribe.Jid) is { } fault)
        {
            return fault;
        }

        if (subscribe.Vlan is not { } vlan)
        {
            return new(StanzaErrorCondition.NotAcceptable, "the field 'vpn#vlan_id' is missing: interfaces are told apart by VLAN here", "options-required");
        }

        if (!host.Admission.MayJoin(subscribe.Node))
        {
            return new(StanzaErrorCondition.ItemNotFound, $"{host.SystemId} has no VPN {subscribe.Node}");
        }

        TaggedInterface? there = host.Find(vlan);
        if (there is not null && there.Vpn != subscribe.Node)
        {
            return new(StanzaErrorCondition.Conflict, $"VLAN {vlan} is that of an interface in {there.Vpn}");
        }

        if (there is null && host.Interfaces.Count >= _settings.MostInterfaces)
        {
            return new(StanzaErrorCondition.ResourceConstraint, $"a host has at most {_settings.MostInterfaces} interfaces");
        }

        TaggedInterface bound = there ?? new(subscribe.Node, vlan, host.Epoch);
        bound.Epoch = host.Epoch;
        host.Add(bound);
        _binding.Set(host.Describe(bound), problem =>
        {
            if (problem is null)
            {
                reply.Subscribed(host.Jid, bound);
                return;
            }

            Forget(host, bound);
            Refuse(reply, new(StanzaErrorCondition.ResourceConstraint, problem));
        });
        return null;
    }

    private PubSubFault? Unsubscribe(TaggedHost host, HostReply reply, UnsubscribeRequest unsubscribe)
    {
        if (CheckJid(host, unsubscribe.Jid) is { } fault)
        {
            return fault;
        }

        List<TaggedInterface> bound = host.InterfacesOf(unsubscribe.Node);
        if (unsubscribe.SubscriptionId is { } id)
        {
            _ = bound.RemoveAll(other => other.SubscriptionId != id);
        }

        switch (bound.Count)
        {
            case 0:
                return new(StanzaErrorCondition.UnexpectedRequest, $"there is no such subscription to {unsubscribe.Node}", "not-subscribed");
            case > 1:
                return new(StanzaErrorCondition.BadRequest, $"there are several subscriptions to {unsubscribe.Node}", "subid-required");
            default:
                Remove(host, bound[0], PropagationCause.Withdrawn, Began(reply));
                reply.Done();
                return null;
        }
    }

    private PubSubFault? Publish(TaggedHost host, HostReply reply, PublishRequest publish)
    {
        // A node that is a VPN of the host takes items (-06); any other is a leaf, whatever it is called (AMB-05).
        var isOfVpn = host.Find(new LeafKey(publish.Node)) is null && host.InterfacesOf(publish.Node).Count != 0;
        if (!isOfVpn && publish.Items[0] is { Id: not null, Profile: WireProfile.EndSystem06 })
        {
            return NotSubscribed(publish.Node, publish.Items[0].Entry.Vlan);
        }

        if (!isOfVpn && publish.Items.Count != 1)
        {
            return PubSubFault.Malformed("a leaf has one item");
        }

        if (host.LeafCount + publish.Items.Count > _settings.MostAddresses)
        {
            return new(StanzaErrorCondition.ResourceConstraint, $"a host has at most {_settings.MostAddresses} addresses");
        }

        // All of them or none.
        var vlans = new ushort?[publish.Items.Count];
        for (var i = 0; i < vlans.Length; i++)
        {
            PublishedItem item = publish.Items[i];
            HostLeaf? there = host.Find(LeafKey.Of(publish.Node, isOfVpn, item));
            var vpn = isOfVpn ? publish.Node : VpnOf(host, there);
            if (vpn is not null && Place(host, vpn, item.Entry.Prefix, item.Entry.Vlan, there?.Vlan, out vlans[i]) is { } fault)
            {
                return fault;
            }
        }

        var pending = new Pending(reply, publish.Items.Count);
        for (var i = 0; i < vlans.Length; i++)
        {
            PublishedItem item = publish.Items[i];
            LeafKey key = LeafKey.Of(publish.Node, isOfVpn, item);
            HostLeaf leaf = host.Find(key) ?? new(key) { PendingUntil = TimestampAfter(_settings.PendingTime) };
            var isAsBefore = leaf.Vlan == vlans[i] && leaf.Prefix == item.Entry.Prefix && leaf.Version == item.Entry.Version;
            leaf.Prefix = item.Entry.Prefix;
            leaf.Version = item.Entry.Version;
            leaf.Told = item.Entry.Vlan;
            leaf.Epoch = host.Epoch;
            host.Add(leaf);

            // AMB-06: one that is associated is modified at once.
            if (vlans[i] is { } vlan)
            {
                Bind(host, leaf, vlan, pending.Answer, isAsBefore ? null : Began(reply));
            }
            else
            {
                pending.Answer(null);
                Wind();
            }
        }

        return null;
    }

    private PubSubFault? Associate(TaggedHost host, HostReply reply, string vpn, string name)
    {
        if (host.Find(new LeafKey(name)) is not { } leaf)
        {
            return new(StanzaErrorCondition.ItemNotFound, $"nothing was published as {name}");
        }

        if (Place(host, vpn, leaf.Prefix, leaf.Told, leaf.Vlan, out var vlan) is { } fault)
        {
            return fault;
        }

        leaf.Epoch = host.Epoch;
        Bind(host, leaf, vlan!.Value, new Pending(reply, 1).Answer, leaf.Vlan == vlan ? null : Began(reply));
        return null;
    }

    // AMB-18: the interface that the entry names, or else the one that it is bound to, or the only one of the VPN.
    private static PubSubFault? Place(TaggedHost host, string vpn, IpPrefix prefix, ushort? told, ushort? before, out ushort? vlan)
    {
        vlan = null;
        if (!host.Admission.MayPublish(vpn, prefix))
        {
            return new(StanzaErrorCondition.Forbidden, $"{host.SystemId} may not publish {prefix} in {vpn}");
        }

        List<TaggedInterface> candidates = host.InterfacesOf(vpn);
        if ((told ?? before) is { } wanted && (told is not null || candidates.Exists(bound => bound.Vlan == wanted)))
        {
            _ = candidates.RemoveAll(bound => bound.Vlan != wanted);
        }

        if (candidates.Count == 0)
        {
            return NotSubscribed(vpn, told);
        }

        if (candidates.Count > 1)
        {
            return new(StanzaErrorCondition.NotAcceptable,
                $"{vpn} has several interfaces here; 'vlan' in {PubSubNamespace.Extension.NamespaceName} says which one it is");
        }

        vlan = candidates[0].Vlan;
        return null;
    }

    private static PubSubFault NotSubscribed(string vpn, ushort? told) =>
        new(StanzaErrorCondition.NotAcceptable, $"{vpn} is not subscribed to{(told is { } vlan ? $" with VLAN {vlan}" : "")}");

    // Timed from when it was asked for; null for what is as it was.
    private void Bind(TaggedHost host, HostLeaf leaf, ushort vlan, Action<string?> done, long? timedFrom)
    {
        var before = leaf.Vlan;
        leaf.Vlan = vlan;
        if (timedFrom is { } at)
        {
            Time(PropagationCause.Published, at, host, [leaf]);
        }

        if (before is { } other && other != vlan && host.Find(other) is { } left)
        {
            _binding.Set(host.Describe(left), Ignore);
        }

        _binding.Set(host.Describe(host.Find(vlan)!), done);
    }

    private static string? VpnOf(TaggedHost host, HostLeaf? leaf) => leaf?.Vlan is { } vlan ? host.Find(vlan)?.Vpn : null;

    private static (string Name, HostLeaf? Leaf) Find(TaggedHost host, DissociateRequest dissociate)
    {
        HostLeaf? leaf = host.Find(new LeafKey(dissociate.Leaf));
        return (dissociate.Leaf, VpnOf(host, leaf) == dissociate.Collection ? leaf : null);
    }

    // An item of the VPN's node, or a leaf by its own name, or by that of its item.
    private static HostLeaf? Find(TaggedHost host, string node, string id) =>
        host.Find(new LeafKey(node, id)) ?? host.Find(new LeafKey(node))
        ?? (host.Find(new LeafKey(id)) is { } leaf && VpnOf(host, leaf) == node ? leaf : null);

    // AMB-11: either of dissociate and delete withdraws.
    private PubSubFault? Withdraw(TaggedHost host, HostReply reply, (string Name, HostLeaf? Leaf)[] leaves, bool isDeleted)
    {
        foreach ((var name, HostLeaf? leaf) in leaves)
        {
            if (leaf is null)
            {
                return new(StanzaErrorCondition.ItemNotFound, $"nothing was published as {name} there");
            }
        }

        Time(PropagationCause.Withdrawn, Began(reply), host, leaves.Select(static one => one.Leaf!));
        HashSet<ushort> changed = [];
        foreach ((_, HostLeaf? leaf) in leaves)
        {
            if (leaf!.Vlan is { } vlan)
            {
                _ = changed.Add(vlan);
            }

            leaf.Vlan = null;
            leaf.PendingUntil = TimestampAfter(_settings.PendingTime);
            if (isDeleted)
            {
                host.Remove(leaf);
            }
        }

        foreach (var vlan in changed)
        {
            if (host.Find(vlan) is { } bound)
            {
                _binding.Set(host.Describe(bound), Ignore);
            }
        }

        Wind();
        reply.Done();
        return null;
    }

    private static PubSubFault? CheckJid(TaggedHost host, string? jid) =>
        jid is null || (Jid.TryParse(jid, out Jid told) && told.Bare == host.Jid) ? null
            : PubSubFault.Malformed($"{jid} is not {host.Jid}", "invalid-jid");

    private long Began(HostReply reply) => reply.ReceivedAt ?? _loop.Time.GetTimestamp();

    private void Remove(TaggedHost host, TaggedInterface bound, PropagationCause cause, long at)
    {
        Time(cause, at, host, host.Leaves.Where(leaf => leaf.Vlan == bound.Vlan));
        _binding.Remove(host.KeyOf(bound.Vlan), isMoved: false);
        Forget(host, bound);
    }

    private static void Forget(TaggedHost host, TaggedInterface bound)
    {
        host.Remove(bound);
        foreach (HostLeaf leaf in host.Leaves.Where(leaf => leaf.Vlan == bound.Vlan).ToArray())
        {
            host.Remove(leaf);
        }
    }

    // One answer when all of a request is done.
    private sealed class Pending(HostReply reply, int count)
    {
        private int _left = count;
        private string? _problem;

        public void Answer(string? problem)
        {
            _problem ??= problem;
            if (--_left != 0)
            {
                return;
            }

            if (_problem is null)
            {
                reply.Done();
            }
            else
            {
                reply.Refused(StanzaErrorCondition.ResourceConstraint, _problem);
            }
        }
    }
}
