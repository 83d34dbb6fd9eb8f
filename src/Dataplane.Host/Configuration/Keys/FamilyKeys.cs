using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration.Values;
using Dataplane.Routing;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of an entry of a peer's <c>families</c>.</summary>
internal static class FamilyKeys
{
    private const int LongestStaleTime = (1 << 24) - 1;

    public static readonly ConfigurationKey<RouteFamily> Family = Required("family", BgpValues.Family,
        "The family.");

    public static readonly ConfigurationKey<AddPathMode> AddPath = WithDefault(
        "add-path",
        new ChoiceValue<AddPathMode>([
            new("none", AddPathMode.None, "one path of a destination"),
            new("receive", AddPathMode.Receive, "several from the peer"),
            new("send", AddPathMode.Send, "several to the peer"),
            new("both", AddPathMode.Both, "several both ways"),
        ]),
        AddPathMode.None,
        "Whether several paths of a destination are offered (RFC 7911).");

    public static readonly ConfigurationKey<int> SendMaxPaths = WithDefault("send-max-paths", new IntegerValue(1, 64), 8,
        "Most paths of a destination that are sent where the peer takes several.");

    public static readonly ConfigurationKey<int?> MaxPrefixes = OptionalStruct("max-prefixes", new IntegerValue(1, int.MaxValue),
        "Most prefixes that the peer may announce. Default: no limit.");

    public static readonly ConfigurationKey<int> WarnPercent = WithDefault("warn-percent", new IntegerValue(1, 100), 75,
        "The share of 'max-prefixes' at which a warning is logged.");

    public static readonly ConfigurationKey<MaxPrefixAction> MaxPrefixAction = WithDefault(
        "max-prefix-action",
        new ChoiceValue<MaxPrefixAction>([
            new("terminate", Bgp.Settings.MaxPrefixAction.Terminate, "end the session until it is started by hand"),
            new("restart", Bgp.Settings.MaxPrefixAction.RestartAfter, "end the session and begin again after 'max-prefix-restart'"),
            new("warn", Bgp.Settings.MaxPrefixAction.WarnOnly, "log it"),
        ]),
        Bgp.Settings.MaxPrefixAction.Terminate,
        "What happens beyond 'max-prefixes'.");

    public static readonly ConfigurationKey<TimeSpan> MaxPrefixRestart = WithDefault("max-prefix-restart", new SecondsValue(1, 86_400), TimeSpan.FromMinutes(5),
        "The wait before a session that exceeded 'max-prefixes' begins again, in seconds.");

    public static readonly ConfigurationKey<TimeSpan> LlgrStaleTime = WithDefault("llgr-stale-time", new SecondsValue(0, LongestStaleTime), TimeSpan.FromHours(1),
        "The long-lived stale time that is announced (RFC 9494), in seconds.");

    public static readonly ConfigurationKey<bool> ExtendedNextHop = WithDefault("extended-next-hop", new BooleanValue(), false,
        "Offer IPv4 routes with an IPv6 next hop (RFC 8950).");

    public static readonly MappingValue<FamilySettings> Mapping = new(
        "a family",
        static m => new FamilySettings
        {
            Family = m.Get(Family),
            AddPath = m.Get(AddPath),
            SendMaxPaths = m.Get(SendMaxPaths),
            MaxPrefixes = m.Get(MaxPrefixes),
            WarnPercent = m.Get(WarnPercent),
            MaxPrefixAction = m.Get(MaxPrefixAction),
            MaxPrefixRestart = m.Get(MaxPrefixRestart),
            LlgrStaleTime = m.Get(LlgrStaleTime),
            ExtendedNextHop = m.Get(ExtendedNextHop),
        },
        Family, AddPath, SendMaxPaths, MaxPrefixes, WarnPercent, MaxPrefixAction, MaxPrefixRestart, LlgrStaleTime, ExtendedNextHop);

    public static readonly ConfigurationValue<FamilySettings> Entry = new ShorthandValue<FamilySettings, RouteFamily>(
        BgpValues.Family, static family => new FamilySettings { Family = family }, Mapping);
}
