using System.Text.RegularExpressions;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Configuration.Values;

/// <summary>The kinds of identifiers, targets and set entries that BGP's keys hold.</summary>
internal static partial class BgpValues
{
    /// <summary>A BGP identifier or cluster identifier.</summary>
    public static ConfigurationValue<Ipv4Address> Identifier { get; } = new TextValue<Ipv4Address>(
        "an identifier in the form of an IPv4 address, such as 203.0.113.17",
        static (string text, out Ipv4Address value) => !Ipv4Address.TryParse(text, out value)
            ? $"{YamlScalar.Quote(text)} is not an identifier; write it as an IPv4 address such as 203.0.113.17"
            : value.Value == 0 ? "0.0.0.0 is not an identifier (RFC 6286); write for instance an address of this machine" : null,
        "^[0-9.]+$");

    /// <summary>The address of a peer or of a collector: unicast; a loopback address is one of this machine's own.</summary>
    public static ConfigurationValue<IpAddress> Peer { get; } = new TextValue<IpAddress>(
        "an IP address such as 203.0.113.1 or 2001:db8:f::1",
        static (string text, out IpAddress value) => IpAddress.TryParse(text, out value) && value.IsLoopback
            ? null
            : AddressValues.ParseUnicast(text, out value),
        "^[0-9a-fA-F:.]+$");

    /// <summary>A local address to listen on.</summary>
    public static ConfigurationValue<IpAddress> Local { get; } = new TextValue<IpAddress>(
        "a local IP address, or 0.0.0.0 or :: for all",
        static (string text, out IpAddress value) => !IpAddress.TryParse(text, out value)
            ? $"{YamlScalar.Quote(text)} is not an IP address; write an address of this machine, or 0.0.0.0 or \"::\" for all"
            : value.IsMulticast ? $"{value} is a multicast address; write an address of this machine" : null,
        "^[0-9a-fA-F:.]+$");

    /// <summary>A family of routes.</summary>
    public static ChoiceValue<RouteFamily> Family { get; } = new([.. RouteFamilies.All.Select(static family => new Choice<RouteFamily>(family.Name, family, ""))]);

    /// <summary>A route target, without the <c>rt:</c> that policies write before it.</summary>
    public static ConfigurationValue<ExtendedCommunity> RouteTarget { get; } = new TextValue<ExtendedCommunity>(
        "a route target such as 65000:1, 203.0.113.17:1 or 4200000000:1",
        static (string text, out ExtendedCommunity value) => ExtendedCommunity.TryParseRouteTarget(text, out value)
            ? null
            : $"{YamlScalar.Quote(text)} is not a route target; write for instance 65000:1, 203.0.113.17:1 or 4200000000:1",
        "^[0-9.]+L?:[0-9a-fx]+$");

    /// <summary>Route targets, without the <c>rt:</c> that communities write before them.</summary>
    public static ConfigurationValue<CommunityPattern> RouteTargets { get; } = new TextValue<CommunityPattern>(
        "a route target such as 65000:1, with * for any number",
        static (string text, out CommunityPattern value) => CommunityPattern.Parse("rt:" + text, out value!) is null
            ? null
            : $"{YamlScalar.Quote(text)} is not a route target; write for instance 65000:1, 203.0.113.17:* or *:1",
        @"^([0-9.]+L?|\*):([0-9a-fx]+|\*)$|^\*$");

    /// <summary>A route distinguisher; null for one that is assigned.</summary>
    public static ConfigurationValue<AssignedDistinguisher> Distinguisher { get; } = new TextValue<AssignedDistinguisher>(
        "'auto', or a route distinguisher such as 65000:1 or 203.0.113.17:1",
        static (string text, out AssignedDistinguisher value) =>
        {
            value = new(null);
            if (text == "auto")
            {
                return null;
            }

            var parsed = RouteDistinguisher.TryParse(text, out var given);
            value = new(given);
            return parsed ? null : $"{YamlScalar.Quote(text)} is not a route distinguisher; write for instance 65000:1 or 203.0.113.17:1, or auto";
        },
        "^(auto|[0-9.]+L?:[0-9a-fx]+)$");

    /// <summary>A route distinguisher, or all of one administrator.</summary>
    public static ConfigurationValue<DistinguisherPattern> DistinguisherPattern { get; } = new TextValue<DistinguisherPattern>(
        "a route distinguisher such as 65000:1, or 65000:* for all of an administrator",
        static (string text, out DistinguisherPattern value) => Routing.Policy.DistinguisherPattern.TryParse(text, out value)
            ? null
            : $"{YamlScalar.Quote(text)} is not a route distinguisher; write for instance 65000:1, 203.0.113.17:1 or 65000:*",
        @"^[0-9.]+L?:([0-9a-fx]+|\*)$");

    /// <summary>A community that a policy sets or adds, of one kind.</summary>
    public static ConfigurationValue<CommunityValue> Community(CommunityKind kind) => new TextValue<CommunityValue>(
        $"{Article(kind)} such as {Example(kind)}",
        (string text, out CommunityValue value) => !CommunityValue.TryParse(text, out value)
            ? $"{YamlScalar.Quote(text)} is not a community to give to a route; write for instance {Example(kind)}"
            : value.Kind == kind ? null : $"{text} is {Article(value.Kind)}; write for instance {Example(kind)} here");

    /// <summary>Communities that a policy removes, of one kind.</summary>
    public static ConfigurationValue<CommunityPattern> Communities(CommunityKind kind) => new TextValue<CommunityPattern>(
        $"{Article(kind)} such as {Example(kind)}, with * for any number",
        (string text, out CommunityPattern value) => CommunityPattern.Parse(text, out value!) is { } reason ? reason
            : value.Kind == kind ? null : $"{text} is {Article(value.Kind)}; write for instance {Example(kind)} here");

    /// <summary>Communities of any kind.</summary>
    public static ConfigurationValue<CommunityPattern> AnyCommunities { get; } = new TextValue<CommunityPattern>(
        "a community such as 65000:1, no-export, rt:65000:1, soo:65000:1 or 65000:1:2, with * for any number",
        static (string text, out CommunityPattern value) => CommunityPattern.Parse(text, out value!));

    /// <summary>A pattern over AS_PATH.</summary>
    public static ConfigurationValue<AsPathPattern> AsPath { get; } = new TextValue<AsPathPattern>(
        "a pattern of AS numbers such as \"^65000 .* [64512-64520]$\"",
        static (string text, out AsPathPattern value) => AsPathPattern.Parse(text, out value!));

    /// <summary>A prefix with the lengths that are meant.</summary>
    public static ConfigurationValue<PrefixRange> PrefixRange { get; } = new TextValue<PrefixRange>(
        "a prefix such as 10.0.0.0/8, with lengths such as \"10.0.0.0/8 ge 16 le 24\"",
        static (string text, out PrefixRange value) => Routing.Policy.PrefixRange.Parse(text, out value),
        "^[0-9a-fA-F:.]+(/[0-9]+)?( +[gl]e +[0-9]+)*$");

    /// <summary>The name of a policy or set: not to be taken for a number, a community or a prefix.</summary>
    public static ConfigurationValue<string> Name { get; } = new TextValue<string>(
        "a name of up to 64 letters, digits, '.', '_' and '-', the first a letter",
        static (string text, out string value) =>
        {
            value = text;
            return SetName().IsMatch(text)
                ? null
                : $"{YamlScalar.Quote(text)} is not a name here; use 1 to 64 letters, digits, '.', '_' and '-', the first a letter";
        },
        "^[A-Za-z][A-Za-z0-9._-]{0,63}$");

    /// <summary>An absolute path, or one beside the configuration file.</summary>
    public static ConfigurationValue<string> Path { get; } = new TextValue<string>(
        "a path",
        static (string text, out string value) =>
        {
            value = text;
            return text.Length == 0 || text.Contains('\0') ? $"{YamlScalar.Quote(text)} is not a path" : null;
        });

    /// <summary>Type and sub-type of the community of versions.</summary>
    public static ConfigurationValue<VersionCommunity> VersionCommunity { get; } = new TextOrNumberValue<VersionCommunity>(
        "type and sub-type of an extended community such as 0x0600",
        static (string text, out VersionCommunity value) => Net.VersionCommunity.TryParse(text, out value)
            ? null
            : value == default
                ? $"{YamlScalar.Quote(text)} is not type and sub-type of an extended community; write four hexadecimal digits, for instance 0x0600"
                : $"{value} means something else in VPN routes; write another one, for instance 0x0600",
        "^0[xX][0-9a-fA-F]{4}$");

    /// <summary>A prefix with the lengths that are meant, or the name of a set of prefixes.</summary>
    public static ConfigurationValue<SetEntry<PrefixRange>> PrefixEntry { get; } = Entry<PrefixRange>(
        PrefixRange.Noun, "prefix-sets", static (string text, out PrefixRange value) => Routing.Policy.PrefixRange.Parse(text, out value));

    /// <summary>Communities, or the name of a set of communities.</summary>
    public static ConfigurationValue<SetEntry<CommunityPattern>> CommunityEntry { get; } = Entry<CommunityPattern>(
        AnyCommunities.Noun, "community-sets", static (string text, out CommunityPattern value) => CommunityPattern.Parse(text, out value!));

    /// <summary>AS numbers, or the name of a set of AS numbers.</summary>
    public static ConfigurationValue<SetEntry<AsRange>> AsEntry { get; } = Entry<AsRange>(
        NumberValues.AsRange.Noun, "as-path-sets", NumberValues.ParseAsRange);

    /// <summary>A value, or the name of a set of such values: a name starts with a letter and has neither colon nor slash.</summary>
    private static TextOrNumberValue<SetEntry<T>> Entry<T>(string noun, string section, TextParser<T> parse) => new(
        $"{noun}; or the name of one of '{section}'",
        (string text, out SetEntry<T> value) =>
        {
            value = new(SetName().IsMatch(text) && !CommunityValue.Words.Contains(text) ? text : null, default);
            if (value.Name is not null)
            {
                return null;
            }

            var reason = parse(text, out var read);
            value = new(null, read);
            return reason is null ? null : $"{reason}; or the name of one of '{section}'";
        },
        "");

    private static string Article(CommunityKind kind) => kind switch
    {
        CommunityKind.Standard => "a community of four octets",
        CommunityKind.Extended => "an extended community",
        _ => "a large community",
    };

    private static string Example(CommunityKind kind) => kind switch
    {
        CommunityKind.Standard => "65000:1 or no-export",
        CommunityKind.Extended => "rt:65000:1 or soo:65000:1",
        _ => "65000:1:2",
    };

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex SetName();
}
