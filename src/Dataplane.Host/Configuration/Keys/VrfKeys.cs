using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
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

    public static readonly ConfigurationKey<AssignedDistinguisher> Distinguisher = WithDefault("rd", BgpValues.Distinguisher, default,
        "Route distinguisher of the routes that the gateway exports from it. 'auto': the infrastructure address or router identifier and a number that "
        + "stays with the VRF's name.");

    public static readonly ConfigurationKey<IReadOnlyList<ExtendedCommunity>> ImportTargets = List(
        "import-targets",
        new ListValue<ExtendedCommunity>(BgpValues.RouteTarget, "route targets", unique: true),
        "The gateway imports routes that have any of these.");

    public static readonly ConfigurationKey<IReadOnlyList<ExtendedCommunity>> ExportTargets = List(
        "export-targets",
        new ListValue<ExtendedCommunity>(BgpValues.RouteTarget, "route targets", unique: true),
        "What the gateway puts on the routes that it exports. Without one, none is exported.");

    public static readonly ConfigurationKey<string?> ImportPolicy = Optional("import-policy", BgpValues.Name,
        "Policy that imported routes go through. Default: all are taken as they are.");

    public static readonly ConfigurationKey<string?> ExportPolicy = Optional("export-policy", BgpValues.Name,
        "Policy that exported routes go through, with the export targets on them already. Default: all are exported as they are.");

    public static readonly ConfigurationKey<IpPrefix> AggregatePrefix = Required("prefix", AddressValues.Prefix,
        "What the covering route covers.");

    public static readonly ConfigurationKey<bool> SuppressSpecifics = WithDefault("suppress-specifics", new BooleanValue(), true,
        "Keep the routes inside from peers with 'advertise-specifics: false'.");

    public static readonly MappingValue<AggregateConfiguration> AggregateMapping = new(
        "an aggregate",
        static m => new AggregateConfiguration { Prefix = m.Get(AggregatePrefix), SuppressSpecifics = m.Get(SuppressSpecifics) },
        AggregatePrefix, SuppressSpecifics);

    public static readonly ConfigurationKey<IReadOnlyList<AggregateConfiguration>> Aggregates = List(
        "aggregates",
        new ListValue<AggregateConfiguration>(
            new ShorthandValue<AggregateConfiguration, IpPrefix>(
                AddressValues.Prefix, static prefix => new AggregateConfiguration { Prefix = prefix }, AggregateMapping), "aggregates"),
        "Covering routes, exported with our own next hop and the VRF's label while the VRF has a route inside.");

    public static readonly ConfigurationKey<int> MaxPaths = WithDefault("max-paths", new IntegerValue(1, GroupSettings.MaxMembers), 16,
        "Most paths of a destination that share traffic; 1 for the best one only.");

    public static readonly ConfigurationKey<VrfMembership> Membership = WithDefault(
        "member",
        new ChoiceValue<VrfMembership>([
            new("always", VrfMembership.Always, "as long as the VRF exists"),
            new("on-demand", VrfMembership.OnDemand, "as long as something is attached to it"),
        ]),
        VrfMembership.Always,
        "When the import targets are asked of peers by RT-Constraint (RFC 4684).");

    public static readonly ConfigurationKey<FilterMatch> Match = Required("match", FilterValues.Match,
        "What it matches, all of it: components separated by semicolons, of 'dst' and 'src' prefix, 'proto', 'port', 'dport', 'sport', 'icmp-type', 'icmp-code', "
        + "'length', 'dscp' and 'flow-label' with comparisons such as =80 or >=1024&<=2047, 'tcp-flags' and 'fragment' with bits such as syn&!ack or isf "
        + "(RFC 8955, RFC 8956). Without a prefix it is for IPv4 and IPv6.");

    public static readonly ConfigurationKey<IReadOnlyList<FlowSpecAction>> Actions = Required<IReadOnlyList<FlowSpecAction>>(
        "actions",
        new ListValue<FlowSpecAction>(FilterValues.Action, "actions", minimum: 1),
        "What is done with packets that match: 'discard'; 'rate:' octets or 'rate-packets:' packets per second, divided equally among the workers; 'mark:' a DSCP; "
        + "'redirect:' to the VRF that imports a route target; 'action:continue' to ask the filters behind as well, 'action:sample' to count only, "
        + "'action:none' to let them pass.");

    public static readonly MappingValue<FilterConfiguration> FilterMapping = new(
        "a filter",
        static m => new FilterConfiguration { Match = m.Get(Match), Actions = m.Get(Actions) },
        Match, Actions);

    public static readonly ConfigurationKey<IReadOnlyList<FilterConfiguration>> Filters = List(
        "filters",
        new ListValue<FilterConfiguration>(FilterMapping, "filters", maximum: Datapath.MostFilters),
        "Filters of packets that enter the VRF from its interfaces: flow specifications that are written down instead of signalled. With those that are "
        + "signalled they are asked in the order of RFC 8955, whatever theirs is here; the first that matches decides. Of a rule that is signalled too, this one counts. "
        + "A gateway tells them to the forwarders of its end-systems that are subscribed to the VPN.");

    public static readonly ConfigurationKey<bool> ExportFilters = WithDefault("export-filters", new BooleanValue(), false,
        "Whether 'filters' are exported to BGP peers as well: as VPN flow specifications (RFC 8955) with the VRF's route distinguisher and export targets.");

    public static readonly MappingValue<VrfConfiguration> Mapping = new(
        "a VRF",
        static m => new VrfConfiguration
        {
            Name = m.Get(Name),
            Label = m.Get(Label),
            RouterAddresses = m.Get(RouterAddresses),
            AcceptFrom = m.Get(AcceptFrom),
            Routes = m.Get(Routes),
            Distinguisher = m.Get(Distinguisher),
            ImportTargets = m.Get(ImportTargets),
            ExportTargets = m.Get(ExportTargets),
            ImportPolicy = m.Get(ImportPolicy),
            ExportPolicy = m.Get(ExportPolicy),
            Aggregates = m.Get(Aggregates),
            MaxPaths = m.Get(MaxPaths),
            Membership = m.Get(Membership),
            Filters = m.Get(Filters),
            ExportFilters = m.Get(ExportFilters),
        },
        Name, Label, RouterAddresses, AcceptFrom, Routes, Distinguisher, ImportTargets, ExportTargets, ImportPolicy, ExportPolicy,
        Aggregates, MaxPaths, Membership, Filters, ExportFilters);
}
