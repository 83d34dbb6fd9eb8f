using System.Globalization;
using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;
using Dataplane.Routing.Policy;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of a term's <c>then</c>.</summary>
internal static class ChangeKeys
{
    public static readonly ChoiceValue<RouteOrigin> OriginValue = new([
        new("igp", RouteOrigin.Igp, ""), new("egp", RouteOrigin.Egp, ""), new("incomplete", RouteOrigin.Incomplete, ""),
    ]);

    public static readonly ConfigurationKey<uint?> LocalPref = OptionalStruct("local-pref", new UnsignedValue(0, uint.MaxValue),
        "LOCAL_PREF.");

    public static readonly ConfigurationKey<MedChange?> Med = OptionalStruct("med",
        new TextOrNumberValue<MedChange>("a whole number, one with a sign to add to what is there such as +10, or none", ParseMed, "^([+-]?[0-9]+|none)$"),
        "MED: 100 sets it, +10 and -10 change it, none removes it.");

    public static readonly ConfigurationKey<RouteOrigin?> Origin = OptionalStruct("origin", OriginValue,
        "ORIGIN: igp, egp or incomplete.");

    public static readonly ConfigurationKey<NextHopChange?> NextHop = OptionalStruct("next-hop",
        new TextValue<NextHopChange>("self, unchanged or an IP address", ParseNextHop),
        "The next hop: self (not in VPN families), unchanged (to external peers too), or an address.");

    public static readonly ConfigurationKey<AsNumber?> PrependedAs = OptionalStruct("as", NumberValues.As,
        "The number. Default: our own, as the peer knows it.");

    public static readonly ConfigurationKey<int> PrependCount = WithDefault("count", new IntegerValue(1, PrependAs.MaxCount), 1,
        "How often.");

    public static readonly MappingValue<PrependConfiguration> PrependMapping = new(
        "'as-path-prepend'",
        static m => new PrependConfiguration(m.Get(PrependedAs), m.Get(PrependCount)),
        PrependedAs, PrependCount);

    public static readonly ConfigurationKey<PrependConfiguration?> Prepend = Optional("as-path-prepend",
        new ShorthandValue<PrependConfiguration, int>(
            new IntegerValue(1, PrependAs.MaxCount), static count => new PrependConfiguration(null, count), PrependMapping),
        "Put a number before AS_PATH: a count alone is our own number that often.");

    public static readonly ConfigurationKey<CommunityChange?> Communities = Edit("communities", CommunityKind.Standard,
        "Communities of four octets.");

    public static readonly ConfigurationKey<CommunityChange?> ExtendedCommunities = Edit("extended-communities", CommunityKind.Extended,
        "Extended communities, route targets and version included.");

    public static readonly ConfigurationKey<CommunityChange?> LargeCommunities = Edit("large-communities", CommunityKind.Large,
        "Large communities.");

    private static readonly ConfigurationKey<IReadOnlyList<ExtendedCommunity>?> SetTargets = Optional("set",
        new ListValue<ExtendedCommunity>(BgpValues.RouteTarget, "route targets", unique: true),
        "The route gets exactly these. Excludes 'remove' and 'add'.");

    private static readonly ConfigurationKey<IReadOnlyList<CommunityPattern>> RemoveTargets = List("remove",
        new ListValue<CommunityPattern>(BgpValues.RouteTargets, "route targets", unique: true),
        "What goes; * stands for any number.");

    private static readonly ConfigurationKey<IReadOnlyList<ExtendedCommunity>> AddTargets = List("add",
        new ListValue<ExtendedCommunity>(BgpValues.RouteTarget, "route targets", unique: true),
        "What comes, after removing.");

    public static readonly ConfigurationKey<RouteTargetChange?> RouteTargets = Optional("route-targets",
        new MappingValue<RouteTargetChange>(
            "'route-targets'",
            static m => new RouteTargetChange(m.Get(SetTargets), m.Get(RemoveTargets), m.Get(AddTargets)),
            SetTargets, RemoveTargets, AddTargets),
        "Route targets; other extended communities are left alone.");

    public static readonly MappingValue<ChangeConfiguration> Mapping = new(
        "'then'",
        static m => new ChangeConfiguration
        {
            LocalPref = m.Get(LocalPref),
            Med = m.Get(Med),
            Origin = m.Get(Origin),
            NextHop = m.Get(NextHop),
            Prepend = m.Get(Prepend),
            Communities = m.Get(Communities),
            ExtendedCommunities = m.Get(ExtendedCommunities),
            LargeCommunities = m.Get(LargeCommunities),
            RouteTargets = m.Get(RouteTargets),
        },
        LocalPref, Med, Origin, NextHop, Prepend, Communities, ExtendedCommunities, LargeCommunities, RouteTargets);

    private static ConfigurationKey<CommunityChange?> Edit(string name, CommunityKind kind, string summary)
    {
        var set = Optional("set", new ListValue<CommunityValue>(BgpValues.Community(kind), "communities", unique: true),
            "The route gets exactly these; [] for none. Excludes 'remove' and 'add'.");
        var remove = List("remove", new ListValue<CommunityPattern>(BgpValues.Communities(kind), "communities", unique: true),
            "What goes; * stands for any number.");
        var add = List("add", new ListValue<CommunityValue>(BgpValues.Community(kind), "communities", unique: true),
            "What comes, after removing.");
        return Optional(name,
            new MappingValue<CommunityChange>($"'{name}'", m => new CommunityChange(m.Get(set), m.Get(remove), m.Get(add)), set, remove, add), summary);
    }

    private static string? ParseMed(string text, out MedChange value)
    {
        value = new(null, false);
        if (text == "none")
        {
            return null;
        }

        var isSum = text.StartsWith('+') || text.StartsWith('-');
        var parsed = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) <= uint.MaxValue;
        value = new(number, isSum);
        return parsed ? null : $"{YamlScalar.Quote(text)} is not a MED; write for instance 100, +10, -10 or none";
    }

    private static string? ParseNextHop(string text, out NextHopChange value)
    {
        value = text == "self" ? new(PolicyNextHop.Self, default) : new(PolicyNextHop.Unchanged, default);
        if (text is "self" or "unchanged")
        {
            return null;
        }

        var reason = AddressValues.ParseUnicast(text, out var address);
        value = new(PolicyNextHop.Address, address);
        return reason is null ? null : $"{reason}; or self or unchanged";
    }
}
