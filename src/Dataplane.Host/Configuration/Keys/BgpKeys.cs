using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>bgp</c>.</summary>
internal static class BgpKeys
{
    public static readonly ConfigurationKey<AsNumber> As = Required("as", NumberValues.As,
        "Our autonomous system.");

    public static readonly ConfigurationKey<Ipv4Address> RouterId = Required("router-id", BgpValues.Identifier,
        "Our BGP identifier, unique in the AS; usually an address of this machine.");

    public static readonly ConfigurationKey<Ipv4Address?> ClusterId = OptionalStruct("cluster-id", BgpValues.Identifier,
        "Cluster identifier as a route reflector; the same on reflectors that serve the same clients. Default: 'router-id'.");

    public static readonly ConfigurationKey<IpAddress> ListenAddress = Required("address", BgpValues.Local,
        "A local address; 0.0.0.0 or :: for all of its family.");

    public static readonly ConfigurationKey<int> ListenPort = WithDefault("port", new IntegerValue(1, 65_535), 179,
        "The TCP port.");

    public static readonly MappingValue<ListenConfiguration> ListenMapping = new(
        "an endpoint",
        static m => new ListenConfiguration(m.Get(ListenAddress), (ushort)m.Get(ListenPort)),
        ListenAddress, ListenPort);

    public static readonly ConfigurationKey<IReadOnlyList<ListenConfiguration>?> Listen = Optional("listen",
        new ListValue<ListenConfiguration>(ListenMapping, "endpoints"),
        "Where sessions are accepted, from configured peers and ranges only (SEC-08). Default: port 179 of all addresses; [] for nowhere.");

    public static readonly ConfigurationKey<bool> EbgpRequiresPolicy = WithDefault("ebgp-requires-policy", new BooleanValue(), true,
        "External peers without 'import-policy' may announce nothing, and without 'export-policy' are sent nothing (RFC 8212).");

    public static readonly ConfigurationKey<TimeSpan> RestartTime = WithDefault("restart-time", new SecondsValue(1, 4095), TimeSpan.FromSeconds(120),
        "What peers are told we need to come back, in seconds.");

    public static readonly ConfigurationKey<TimeSpan> SelectionDeferral = WithDefault("selection-deferral", new SecondsValue(1, 86_400), TimeSpan.FromSeconds(360),
        "After a restart, most seconds to wait for the End-of-RIB of all peers before routes are selected.");

    public static readonly ConfigurationKey<TimeSpan> SessionDeferral = WithDefault("session-deferral", new SecondsValue(0, 86_400), TimeSpan.FromSeconds(30),
        "After a restart, most seconds, of those of 'selection-deferral', in which routes are not selected because a peer has no session. Then VRFs and their subscribers have what there is; peers are sent nothing yet.");

    public static readonly ConfigurationKey<TimeSpan> StalePathTime = WithDefault("stale-path-time", new SecondsValue(1, 86_400), TimeSpan.FromSeconds(360),
        "Most seconds that routes of a restarted peer stay stale once its session is back.");

    public static readonly ConfigurationKey<TimeSpan> MaxPeerRestartTime = WithDefault("max-peer-restart-time", new SecondsValue(1, 4095), TimeSpan.FromSeconds(600),
        "Longest restart time accepted of a peer, in seconds.");

    public static readonly ConfigurationKey<TimeSpan> MaxLongLivedStaleTime = WithDefault("max-long-lived-stale-time", new SecondsValue(0, (1 << 24) - 1), TimeSpan.FromDays(1),
        "Longest long-lived stale time accepted of a peer (RFC 9494), in seconds.");

    public static readonly ConfigurationKey<bool> NotificationSupport = WithDefault("notification-support", new BooleanValue(), true,
        "Keep forwarding state over NOTIFICATIONs and expired hold timers too (RFC 8538).");

    public static readonly MappingValue<GracefulRestartSettings> GracefulRestartMapping = new(
        "'graceful-restart'",
        static m => new GracefulRestartSettings
        {
            RestartTime = m.Get(RestartTime),
            SelectionDeferral = m.Get(SelectionDeferral),
            SessionDeferral = m.Get(SessionDeferral),
            StalePathTime = m.Get(StalePathTime),
            MaximumPeerRestartTime = m.Get(MaxPeerRestartTime),
            MaximumLongLivedStaleTime = m.Get(MaxLongLivedStaleTime),
            NotificationSupport = m.Get(NotificationSupport),
        },
        RestartTime, SelectionDeferral, SessionDeferral, StalePathTime, MaxPeerRestartTime, MaxLongLivedStaleTime, NotificationSupport);

    public static readonly ConfigurationKey<GracefulRestartSettings> GracefulRestart = Section("graceful-restart", GracefulRestartMapping,
        "Times of graceful restart, ours and our peers'.");

    public static readonly ConfigurationKey<bool> AlwaysCompareMed = WithDefault("always-compare-med", new BooleanValue(), false,
        "Compare MED of paths from different systems too.");

    public static readonly ConfigurationKey<bool> MissingMedIsWorst = WithDefault("missing-med-is-worst", new BooleanValue(), false,
        "A path without MED counts as the worst instead of 0.");

    public static readonly ConfigurationKey<bool> PreferOldestExternal = WithDefault("prefer-oldest-external", new BooleanValue(), false,
        "An older external path stays the best over one with a lower router identifier.");

    public static readonly ConfigurationKey<bool> MultipathRelax = WithDefault("multipath-relax", new BooleanValue(), false,
        "Paths from different systems share traffic when AS_PATHs are equally long.");

    public static readonly ConfigurationKey<int> MaximumPaths = WithDefault("maximum-paths", new IntegerValue(1, 64), 1,
        "Most paths of a destination that share traffic outside of VRFs.");

    public static readonly MappingValue<BestPathSettings> BestPathMapping = new(
        "'best-path'",
        static m => new BestPathSettings
        {
            AlwaysCompareMed = m.Get(AlwaysCompareMed),
            MissingMedIsWorst = m.Get(MissingMedIsWorst),
            PreferOldestExternal = m.Get(PreferOldestExternal),
            MultipathRelax = m.Get(MultipathRelax),
            MaximumPaths = m.Get(MaximumPaths),
        },
        AlwaysCompareMed, MissingMedIsWorst, PreferOldestExternal, MultipathRelax, MaximumPaths);

    public static readonly ConfigurationKey<BestPathSettings> BestPath = Section("best-path", BestPathMapping,
        "What may differ in the choice of the best path (RFC 4271 §9.1.2).");

    public static readonly ConfigurationKey<int> ExternalMembershipPaths = WithDefault("external-membership-paths", new IntegerValue(1, 64), 1,
        "How many external peers that ask for the same route targets of the same system are sent them, the best path first (RFC 4684 §3.1).");

    public static readonly ConfigurationKey<IReadOnlyList<PeerGroupConfiguration>> PeerGroups = List("peer-groups",
        new ListValue<PeerGroupConfiguration>(PeerKeys.GroupMapping, "peer groups"),
        "Templates that peers name with 'group'.");

    public static readonly ConfigurationKey<IReadOnlyList<PeerConfiguration>> Peers = List("peers",
        new ListValue<PeerConfiguration>(PeerKeys.PeerMapping, "peers"),
        "Peers with addresses of their own.");

    public static readonly ConfigurationKey<IReadOnlyList<DynamicPeersConfiguration>> DynamicPeers = List("dynamic-peers",
        new ListValue<DynamicPeersConfiguration>(PeerKeys.DynamicMapping, "ranges of peers"),
        "Ranges of addresses from which peers may connect without being listed.");

    public static readonly ConfigurationKey<uint> FirstLabel = WithDefault("first", new UnsignedValue(Label20.Min, Label20.Max), 524_288u,
        "The lowest.");

    public static readonly ConfigurationKey<uint> LastLabel = WithDefault("last", new UnsignedValue(Label20.Min, Label20.Max), Label20.Max,
        "The highest.");

    public static readonly MappingValue<LabelRangeConfiguration> LabelRangeMapping = new(
        "'label-range'",
        static m => new LabelRangeConfiguration(m.Get(FirstLabel), m.Get(LastLabel)),
        FirstLabel, LastLabel);

    public static readonly ConfigurationKey<LabelRangeConfiguration> LabelRange = Section("label-range", LabelRangeMapping,
        "Labels that the gateway assigns itself; apart from those that VRFs and interfaces of this file have.");

    public static readonly ConfigurationKey<VersionCommunity> VersionCommunity = WithDefault("version-community", BgpValues.VersionCommunity,
        Net.VersionCommunity.MacMobility,
        "Type and sub-type of the extended community that carries the version numbers of end-systems' routes, received and sent, four hexadecimal digits; by default that of MAC Mobility (RFC 7432). All gateways of a VPN need the same.");

    public static readonly MappingValue<BgpConfiguration> Mapping = new(
        "'bgp'",
        static m => new BgpConfiguration
        {
            As = m.Get(As),
            RouterId = m.Get(RouterId),
            ClusterId = m.Get(ClusterId),
            Listen = m.Get(Listen),
            EbgpRequiresPolicy = m.Get(EbgpRequiresPolicy),
            GracefulRestart = m.Get(GracefulRestart),
            BestPath = m.Get(BestPath),
            ExternalMembershipPaths = m.Get(ExternalMembershipPaths),
            VersionCommunity = m.Get(VersionCommunity),
            LabelRange = m.Get(LabelRange),
            PeerGroups = m.Get(PeerGroups),
            Peers = m.Get(Peers),
            DynamicPeers = m.Get(DynamicPeers),
        },
        As, RouterId, ClusterId, Listen, EbgpRequiresPolicy, GracefulRestart, BestPath, ExternalMembershipPaths, VersionCommunity, LabelRange, PeerGroups,
        Peers, DynamicPeers);
}
