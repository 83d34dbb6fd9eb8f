using Dataplane.Host.Configuration.Values;
using Dataplane.Routing;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of a term's <c>match</c>.</summary>
internal static class MatchKeys
{
    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<PrefixRange>>> Prefixes = PrefixList("prefixes",
        "The prefix is one of these. Routes without a prefix never match.");

    public static readonly ConfigurationKey<IReadOnlyList<RouteFamily>> Families = List("families",
        new ListValue<RouteFamily>(BgpValues.Family, "families", minimum: 1, unique: true),
        "The family is one of these.");

    public static readonly ConfigurationKey<IReadOnlyList<DistinguisherPattern>> Distinguishers = List("route-distinguishers",
        new ListValue<DistinguisherPattern>(BgpValues.DistinguisherPattern, "route distinguishers", minimum: 1, unique: true),
        "The route distinguisher is one of these; 65000:* for all of an administrator.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<CommunityPattern>>> Communities = CommunityList("communities",
        "The route has at least one of these communities, of whatever kind.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<CommunityPattern>>> AllCommunities = CommunityList("all-communities",
        "The route has each of these.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<CommunityPattern>>> NoCommunities = CommunityList("no-communities",
        "The route has none of these.");

    public static readonly ConfigurationKey<IReadOnlyList<CommunityPattern>> RouteTargets = List("route-targets",
        new ListValue<CommunityPattern>(BgpValues.RouteTargets, "route targets", minimum: 1, unique: true),
        "The route has at least one of these route targets: 65000:1, 65000:*, *:1, \"*\"; of rt-constraint, it asks for one of them.");

    public static readonly ConfigurationKey<NumberRange?> AsPathLength = OptionalStruct("as-path-length", NumberValues.Range,
        "The length of AS_PATH, as selection counts it: 3, 2-5 or 4-.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<AsRange>>> AsPathContains = AsList("as-path-contains",
        "One of these is somewhere in AS_PATH.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<AsRange>>> OriginatedBy = AsList("originated-by",
        "The last of AS_PATH is one of these.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<AsRange>>> NeighborAs = AsList("neighbor-as",
        "The first of AS_PATH is one of these.");

    public static readonly ConfigurationKey<string?> AsPath = Optional("as-path", BgpValues.Name,
        "AS_PATH matches one of the patterns of this one of 'as-path-sets'.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<PrefixRange>>> NextHop = PrefixList("next-hop",
        "The next hop lies in one of these prefixes.");

    public static readonly ConfigurationKey<IReadOnlyList<RouteOrigin>> Origin = List("origin",
        new ListValue<RouteOrigin>(ChangeKeys.OriginValue, "origins", minimum: 1, unique: true),
        "ORIGIN is one of these.");

    public static readonly ConfigurationKey<NumberRange?> LocalPref = OptionalStruct("local-pref", NumberValues.Range,
        "LOCAL_PREF, 100 where it is missing.");

    public static readonly ConfigurationKey<NumberRange?> Med = OptionalStruct("med", NumberValues.Range,
        "MED; a route without one never matches.");

    public static readonly ConfigurationKey<NumberRange?> Version = OptionalStruct("version", NumberValues.Range,
        "The version number of an end-system's route (MAC Mobility), 0 where it is missing.");

    public static readonly ConfigurationKey<IReadOnlyList<SourceKind>> Sources = List("sources",
        new ListValue<SourceKind>(new ChoiceValue<SourceKind>([
            new("local", SourceKind.Local, "ourselves"),
            new("ibgp", SourceKind.Ibgp, "internal peers"),
            new("ebgp", SourceKind.Ebgp, "external peers"),
            new("xmpp", SourceKind.Xmpp, "end-systems"),
        ]), "sources", minimum: 1, unique: true),
        "Where the route comes from: local, ibgp, ebgp, xmpp.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<PrefixRange>>> FromPeers = PrefixList("from-peers",
        "The route was received from a peer with an address in one of these; our own routes never match.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<PrefixRange>>> Peers = PrefixList("peers",
        "The peer whose policy this is has an address in one of these.");

    public static readonly ConfigurationKey<IReadOnlyList<SetEntry<AsRange>>> PeerAs = AsList("peer-as",
        "The peer whose policy this is belongs to one of these.");

    public static readonly MappingValue<MatchConfiguration> Mapping = new(
        "'match'",
        static m => new MatchConfiguration
        {
            Prefixes = m.Get(Prefixes),
            Families = m.Get(Families),
            Distinguishers = m.Get(Distinguishers),
            Communities = m.Get(Communities),
            AllCommunities = m.Get(AllCommunities),
            NoCommunities = m.Get(NoCommunities),
            RouteTargets = m.Get(RouteTargets),
            AsPathLength = m.Get(AsPathLength),
            AsPathContains = m.Get(AsPathContains),
            OriginatedBy = m.Get(OriginatedBy),
            NeighborAs = m.Get(NeighborAs),
            AsPathSet = m.Get(AsPath),
            NextHop = m.Get(NextHop),
            Origin = m.Get(Origin),
            LocalPref = m.Get(LocalPref),
            Med = m.Get(Med),
            Version = m.Get(Version),
            Sources = m.Get(Sources),
            FromPeers = m.Get(FromPeers),
            Peers = m.Get(Peers),
            PeerAs = m.Get(PeerAs),
        },
        Prefixes, Families, Distinguishers, Communities, AllCommunities, NoCommunities, RouteTargets, AsPathLength, AsPathContains, OriginatedBy,
        NeighborAs, AsPath, NextHop, Origin, LocalPref, Med, Version, Sources, FromPeers, Peers, PeerAs);

    private static ConfigurationKey<IReadOnlyList<SetEntry<PrefixRange>>> PrefixList(string name, string summary) =>
        List(name, new ListValue<SetEntry<PrefixRange>>(BgpValues.PrefixEntry, "prefixes or names of prefix sets", minimum: 1, unique: true), summary);

    private static ConfigurationKey<IReadOnlyList<SetEntry<CommunityPattern>>> CommunityList(string name, string summary) =>
        List(name, new ListValue<SetEntry<CommunityPattern>>(BgpValues.CommunityEntry, "communities or names of community sets", minimum: 1, unique: true), summary);

    private static ConfigurationKey<IReadOnlyList<SetEntry<AsRange>>> AsList(string name, string summary) =>
        List(name, new ListValue<SetEntry<AsRange>>(BgpValues.AsEntry, "AS numbers or names of AS path sets", minimum: 1, unique: true), summary);
}
