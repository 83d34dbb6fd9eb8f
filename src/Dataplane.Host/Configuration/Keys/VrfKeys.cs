using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of an entry of <c>vrfs</c> and of its <c>routes</c>.</summary>
internal static class VrfKeys
{
    public static readonly ConfigurationKey<IpPrefix> Prefix = Required("prefix", AddressValues.Prefix,
        "Where the route leads, inside the VPN.");

    public static readonly ConfigurationKey<IpAddress?> NextHop = OptionalStruct("next-hop", AddressValues.Unicast,
        "Infrastructure address of the forwarder behind which the prefix is. With our own address and the label of an interface, the route "
        + "confirms that interface's address: only then do local interfaces reach it without going through the fabric.");

    public static readonly ConfigurationKey<Label20?> RouteLabel = OptionalStruct("label", AddressValues.Label,
        "The label that forwarder assigned; with 'next-hop'.");

    public static readonly ConfigurationKey<IpAddress> MemberRemote = Required("remote", AddressValues.Unicast,
        "Infrastructure address of a forwarder behind which the prefix is; our own with the label of an interface that has the prefix.");

    public static readonly ConfigurationKey<Label20> MemberLabel = Required("label", AddressValues.Label,
        "The label that forwarder assigned.");

    public static readonly ConfigurationKey<int> MemberWeight = WithDefault("weight", new IntegerValue(1, GroupMember.MaxWeight), 1,
        "Its share of the traffic, in proportion to the weights of the others.");

    public static readonly MappingValue<RouteNextHop> MemberMapping = new(
        "a next hop",
        static m => new RouteNextHop { Remote = m.Get(MemberRemote), Label = m.Get(MemberLabel), Weight = m.Get(MemberWeight) },
        MemberRemote, MemberLabel, MemberWeight);

    public static readonly ConfigurationKey<IReadOnlyList<RouteNextHop>> NextHops = List(
        "next-hops",
        new ListValue<RouteNextHop>(MemberMapping, "next hops", minimum: 1, maximum: GroupSettings.MaxMembers),
        "Several forwarders behind which the prefix is, in the place of 'next-hop' and 'label'. Forwarders with the same next hops choose "
        + "alike, both directions of a flow choose alike, and a change moves no flow without need.");

    public static readonly ConfigurationKey<LoadBalance> Balance = WithDefault("load-balance", new ChoiceValue<LoadBalance>([
            new("per-flow", LoadBalance.PerFlow, "a flow keeps its next hop, and so does its reverse"),
            new("per-packet", LoadBalance.PerPacket, "each packet takes the next one; flows are reordered"),
            new("per-prefix", LoadBalance.PerPrefix, "all packets of the route take the same one; other prefixes with the same next hops another"),
        ]), LoadBalance.PerFlow,
        "What decides among 'next-hops'.");

    public static readonly MappingValue<VrfRoute> RouteMapping = new(
        "a route",
        static m => new VrfRoute
        {
            Prefix = m.Get(Prefix),
            NextHop = m.Get(NextHop),
            Label = m.Get(RouteLabel),
            NextHops = m.Get(NextHops),
            LoadBalance = m.Get(Balance),
        },
        Prefix, NextHop, RouteLabel, NextHops, Balance)
    {
        Alternatives = [[NextHop, RouteLabel], [NextHops]],
    };

    public static readonly ConfigurationKey<string> Name = Required("name", NameValues.Printable,
        "Unique name: 1 to 64 printable ASCII characters without spaces.");

    public static readonly ConfigurationKey<Label20?> Label = OptionalStruct("label", AddressValues.Label,
        "Aggregate label: packets arriving with it are looked up in the VRF. Unique among VRFs and interfaces. Default: none.");

    public static readonly ConfigurationKey<IReadOnlyList<IpAddress>> RouterAddresses = List(
        "router-addresses",
        new ListValue<IpAddress>(AddressValues.Host, "addresses", unique: true),
        "Addresses of the forwarder inside the VPN: they answer echo and are the source of ICMP errors.");

    public static readonly ConfigurationKey<IReadOnlyList<IpAddress>> AcceptFrom = List(
        "accept-from",
        new ListValue<IpAddress>(AddressValues.Unicast, "addresses", unique: true),
        "Forwarders whose packets are accepted for this VRF besides the next hops of its routes.");

    public static readonly ConfigurationKey<IReadOnlyList<VrfRoute>> Routes = List(
        "routes",
        new ListValue<VrfRoute>(RouteMapping, "routes"),
        "Routes: what a signaling gateway would have supplied.");

    public static readonly MappingValue<VrfConfiguration> Mapping = new(
        "a VRF",
        static m => new VrfConfiguration
        {
            Name = m.Get(Name),
            Label = m.Get(Label),
            RouterAddresses = m.Get(RouterAddresses),
            AcceptFrom = m.Get(AcceptFrom),
            Routes = m.Get(Routes),
        },
        Name, Label, RouterAddresses, AcceptFrom, Routes);
}
