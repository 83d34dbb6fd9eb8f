using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Gateway;

/// <summary>Why a request is not done: what is counted, and what the client is told.</summary>
internal sealed record Refusal(RefusalReason Reason, PubSubFault Fault)
{
    public static Refusal Malformed(PubSubFault fault) => new(fault.Specific == "unsupported" ? RefusalReason.Unsupported
        : fault.Condition == StanzaErrorCondition.Forbidden ? RefusalReason.ForeignVpn : RefusalReason.Malformed, fault);

    public static Refusal Malformed(string text) => new(RefusalReason.Malformed, PubSubFault.Malformed(text));

    public static Refusal UnknownVpn(string vpn) =>
        new(RefusalReason.UnknownVpn, new(StanzaErrorCondition.ItemNotFound, $"there is no VPN {vpn}"));

    public static Refusal ForeignVpn(string vpn) =>
        new(RefusalReason.ForeignVpn, new(StanzaErrorCondition.Forbidden, $"VPN {vpn} is not provisioned for this end-system"));

    public static Refusal ForeignPrefix(string vpn, Net.IpPrefix prefix) =>
        new(RefusalReason.ForeignPrefix, new(StanzaErrorCondition.Forbidden, $"{prefix} is not provisioned for this end-system in VPN {vpn}"));

    public static Refusal ForeignNextHop(Net.IpAddress address) =>
        new(RefusalReason.ForeignNextHop, new(StanzaErrorCondition.Forbidden, $"next hop {address} is no infrastructure address of this end-system"));

    public static Refusal NoNextHop() =>
        new(RefusalReason.NoNextHop, PubSubFault.Payload("a route has a next hop and a label"));

    public static Refusal ForeignJid(string jid) =>
        new(RefusalReason.ForeignJid, PubSubFault.Malformed($"{jid} is not this client", "invalid-jid"));

    public static Refusal UnknownLeaf(string name) =>
        new(RefusalReason.UnknownLeaf, new(StanzaErrorCondition.ItemNotFound, $"this end-system has no node or item {name}"));

    public static Refusal LeafElsewhere(string name, string vpn) =>
        new(RefusalReason.LeafElsewhere, new(StanzaErrorCondition.Conflict, $"{name} is in VPN {vpn}"));

    public static Refusal NotSubscribed(string vpn) =>
        new(RefusalReason.NotSubscribed, new(StanzaErrorCondition.UnexpectedRequest, $"there is no subscription to {vpn}", "not-subscribed"));

    public static Refusal InstanceTaken(ushort instance) =>
        new(RefusalReason.InstanceTaken, new(StanzaErrorCondition.Conflict, $"instance id {instance} is that of another VPN of this end-system"));

    public static Refusal Limit(string what) =>
        new(RefusalReason.Limit, new(StanzaErrorCondition.ResourceConstraint, $"there are too many {what}"));
}
