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
            DissociateRequest dissociate => Withdraw(host, reply, [dissociate.Leaf], dissociate.Collection, isDeleted: false),
            DeleteRequest delete => Withdraw(host, reply, [delete.Node], vpn: null, isDeleted: true),
            RetractRequest retract => Withdraw(host, reply, [.. retract.Ids], vpn: null, isDeleted: true),
            _ => PubSubFault.Unsupported("this request"),
        };
        if (fault is not null)
        {
            Refusals++;
            reply.Refused(fault);
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
            Refusals++;
            reply.Refused(StanzaErrorCondition.ResourceConstraint, problem);
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
                Remove(host, bound[0]);
                reply.Done();
                return null;
        }
    }

    private PubSubFault? Publish(TaggedHost host, HostReply reply, PublishRequest publish)
    {
        // -06: items of the VPN's own node.
        var isOfVpn = host.InterfacesOf(publish.Node).Count != 0;
        if (!isOfVpn && publish.Items.Count != 1)
        {
            return PubSubFault.Malformed("a leaf has one item");
        }

        if (host.LeafCount + publish.Items.Count > _settings.MostAddresses)
        {
            return new(StanzaErrorCondition.ResourceConstraint, $"a host has at most {_settings.MostAddresses} addresses");
        }

        var pending = new Pending(reply, publish.Items.Count);
        foreach (PublishedItem item in publish.Items)
        {
            var name = isOfVpn ? item.Id ?? item.Entry.Prefix.ToString() : publish.Node;
            HostLeaf leaf = host.Find(name) ?? new(name) { PendingUntil = TimestampAfter(_settings.PendingTime) };
            if (leaf.Vlan is { } bound && host.Find(bound) is { } owner && !host.Admission.MayPublish(owner.Vpn, item.Entry.Prefix))
            {
                return new(StanzaErrorCondition.Forbidden, $"{host.SystemId} may not publish {item.Entry.Prefix} in {owner.Vpn}");
            }

            leaf.Prefix = item.Entry.Prefix;
            leaf.Version = item.Entry.Version;
            leaf.Told = item.Entry.Vlan;
            leaf.Epoch = host.Epoch;
            host.Add(leaf);
            if (isOfVpn)
            {
                if (Bind(host, publish.Node, leaf) is { } fault)
                {
                    return fault;
                }
            }

            // AMB-06: one that is associated is modified at once.
            if (leaf.Vlan is { } vlan && host.Find(vlan) is { } there)
            {
                _binding.Set(host.Describe(there), problem => pending.Answer(problem));
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
        if (host.Find(name) is not { } leaf)
        {
            return new(StanzaErrorCondition.ItemNotFound, $"nothing was published as {name}");
        }

        if (Bind(host, vpn, leaf) is { } fault)
        {
            return fault;
        }

        leaf.Epoch = host.Epoch;
        var pending = new Pending(reply, 1);
        _binding.Set(host.Describe(host.Find(leaf.Vlan!.Value)!), problem => pending.Answer(problem));
        return null;
    }

    // AMB-18: the only interface of the VPN, or the one that the entry names.
    private PubSubFault? Bind(TaggedHost host, string vpn, HostLeaf leaf)
    {
        if (!host.Admission.MayPublish(vpn, leaf.Prefix))
        {
            return new(StanzaErrorCondition.Forbidden, $"{host.SystemId} may not publish {leaf.Prefix} in {vpn}");
        }

        List<TaggedInterface> candidates = host.InterfacesOf(vpn);
        if (leaf.Told is { } told)
        {
            _ = candidates.RemoveAll(bound => bound.Vlan != told);
        }

        if (candidates.Count != 1)
        {
            return new(StanzaErrorCondition.NotAcceptable, candidates.Count == 0
                ? $"{vpn} is not subscribed to{(leaf.Told is { } vlan ? $" with VLAN {vlan}" : "")}"
                : $"{vpn} has several interfaces here; 'vlan' in {PubSubNamespace.Extension.NamespaceName} says which one it is");
        }

        var before = leaf.Vlan;
        leaf.Vlan = candidates[0].Vlan;
        if (before is { } other && other != leaf.Vlan && host.Find(other) is { } left)
        {
            _binding.Set(host.Describe(left), Ignore);
        }

        return null;
    }

    // AMB-11: either of dissociate and delete withdraws.
    private PubSubFault? Withdraw(TaggedHost host, HostReply reply, string[] names, string? vpn, bool isDeleted)
    {
        List<HostLeaf> leaves = [];
        foreach (var name in names)
        {
            if (host.Find(name) is not { } leaf || (vpn is not null && (leaf.Vlan is null || host.Find(leaf.Vlan.Value)?.Vpn != vpn)))
            {
                return new(StanzaErrorCondition.ItemNotFound, vpn is null ? $"nothing was published as {name}" : $"{name} is not in {vpn}");
            }

            leaves.Add(leaf);
        }

        HashSet<ushort> changed = [];
        foreach (HostLeaf leaf in leaves)
        {
            if (leaf.Vlan is { } vlan)
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

    private void Remove(TaggedHost host, TaggedInterface bound)
    {
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
