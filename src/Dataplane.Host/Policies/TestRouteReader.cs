using System.Globalization;
using System.Text.Json;
using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Policies;

/// <summary>
/// Reads routes from text, <c>PREFIX KEY=VALUE[,VALUE] …</c>, and from JSON objects with the same keys. One reader for one route.
/// </summary>
internal sealed class TestRouteReader
{
    private static readonly string[] Keys =
    [
        "prefix", "family", "rd", "as-path", "next-hop", "origin", "local-pref", "med", "communities", "extended-communities",
        "large-communities", "rt", "version", "source", "from-peer", "peer", "peer-as",
    ];

    private readonly TestRouteDefaults _defaults;
    private readonly AttributeBlockBuilder _attributes = new();
    private readonly List<CommunityValue> _communities = [];
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private IpPrefix? _prefix;
    private RouteFamily? _family;
    private RouteDistinguisher _distinguisher;
    private SourceKind _source = SourceKind.Ibgp;
    private IpAddress _from;
    private IpAddress _peer;
    private AsNumber? _peerAs;

    private TestRouteReader(TestRouteDefaults defaults)
    {
        _defaults = defaults;
        _attributes.SetOrigin(0);
        _attributes.SetAsPath();
    }

    /// <summary>Reads a route in text.</summary>
    /// <exception cref="TestRouteException">It is none.</exception>
    public static TestRoute ReadText(string text, TestRouteDefaults defaults)
    {
        var reader = new TestRouteReader(defaults);
        foreach (string word in text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                reader.Set("prefix", [word]);
            else
                reader.Set(word[..equals], word[(equals + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries));
        }
        return reader.Finish();
    }

    /// <summary>Reads all routes of a file: a JSON array of objects, or one route a line; empty lines and those with # in front are passed over.</summary>
    /// <exception cref="TestRouteException">The file has something else, and where.</exception>
    public static IReadOnlyList<TestRoute> ReadFile(string path, string content, TestRouteDefaults defaults)
    {
        if (content.AsSpan().TrimStart() is ['[' or '{', ..])
            return ReadJson(path, content, defaults);
        var routes = new List<TestRoute>();
        foreach (var (index, line) in content.Split('\n').Index())
        {
            string text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
                continue;
            try
            {
                routes.Add(ReadText(text, defaults));
            }
            catch (TestRouteException problem)
            {
                throw new TestRouteException($"{path}:{index + 1}: error: {problem.Message}");
            }
        }
        return routes;
    }

    private static List<TestRoute> ReadJson(string path, string content, TestRouteDefaults defaults)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            JsonElement root = document.RootElement;
            JsonElement[] items = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : [root];
            return [.. items.Select((item, index) =>
            {
                try
                {
                    return ReadObject(item, defaults);
                }
                catch (TestRouteException problem)
                {
                    throw new TestRouteException($"{path}: error: route {index + 1}: {problem.Message}");
                }
            })];
        }
        catch (JsonException problem)
        {
            throw new TestRouteException($"{path}:{problem.LineNumber + 1}: error: not valid JSON: {problem.Message.TrimEnd('.')}");
        }
    }

    private static TestRoute ReadObject(JsonElement item, TestRouteDefaults defaults)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw new TestRouteException("a route is an object with keys such as \"prefix\" and \"communities\"");
        var reader = new TestRouteReader(defaults);
        foreach (JsonProperty property in item.EnumerateObject())
        {
            reader.Set(property.Name, property.Value.ValueKind == JsonValueKind.Array
                ? [.. property.Value.EnumerateArray().Select(static value => value.ToString())]
                : [property.Value.ToString()]);
        }
        return reader.Finish();
    }

    private void Set(string key, string[] values)
    {
        if (!Keys.Contains(key))
        {
            string advice = Spelling.Nearest(key, Keys) is { } near ? $"did you mean '{near}'?" : $"known are {string.Join(", ", Keys)}";
            throw new TestRouteException($"a route has nothing called {YamlScalar.Quote(key)}; {advice}");
        }
        if (!_given.Add(key))
            throw new TestRouteException($"'{key}' is given twice");
        switch (key)
        {
            case "as-path":
                SetPath(values);
                return;
            case "communities":
                AddCommunities(values, "", CommunityKind.Standard);
                return;
            case "extended-communities":
                AddCommunities(values, "", CommunityKind.Extended);
                return;
            case "large-communities":
                AddCommunities(values, "", CommunityKind.Large);
                return;
            case "rt":
                AddCommunities(values, "rt:", CommunityKind.Extended);
                return;
        }
        if (values.Length != 1)
            throw new TestRouteException($"'{key}' has one value, not {values.Length}");
        SetOne(key, values[0]);
    }

    private void SetOne(string key, string value)
    {
        switch (key)
        {
            case "prefix":
                _prefix = IpPrefix.TryParse(value, out IpPrefix prefix, out _) ? prefix : throw Wrong(key, value, "198.51.100.0/24");
                break;
            case "family":
                _family = RouteFamilies.TryParse(value, out RouteFamily family) ? family
                    : throw Wrong(key, value, string.Join(", ", RouteFamilies.All.Take(4).Select(static known => known.Name)));
                break;
            case "rd":
                _distinguisher = RouteDistinguisher.TryParse(value, out RouteDistinguisher rd) ? rd : throw Wrong(key, value, "65000:1");
                break;
            case "next-hop":
                _attributes.SetNextHop(Address(key, value));
                break;
            case "origin":
                _attributes.SetOrigin(value switch { "igp" => 0, "egp" => 1, "incomplete" => (byte)2, _ => throw Wrong(key, value, "igp, egp or incomplete") });
                break;
            case "local-pref":
                _attributes.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, Number(key, value));
                break;
            case "med":
                _attributes.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, Number(key, value));
                break;
            case "version":
                _communities.Add(CommunityValue.Extended(_defaults.Versions.Of(Number(key, value))));
                break;
            case "source":
                _source = value switch
                {
                    "local" => SourceKind.Local,
                    "ibgp" => SourceKind.Ibgp,
                    "ebgp" => SourceKind.Ebgp,
                    "xmpp" => SourceKind.Xmpp,
                    _ => throw Wrong(key, value, "local, ibgp, ebgp or xmpp"),
                };
                break;
            case "from-peer":
                _from = Address(key, value);
                break;
            case "peer":
                _peer = Address(key, value);
                break;
            default:
                _peerAs = new AsNumber(Number(key, value));
                break;
        }
    }

    private TestRoute Finish()
    {
        if (_prefix is not { } prefix)
            throw new TestRouteException("a route begins with its prefix, for instance \"198.51.100.0/24 rt=65000:1 as-path=65010\"");
        RouteFamily family = _family ?? _defaults.Family ?? (prefix.Address.IsV6 ? RouteFamily.VpnIpv6 : RouteFamily.VpnIpv4);
        if (family > RouteFamily.VpnIpv6 || family.AddressFamily != prefix.Family)
            throw new TestRouteException($"{prefix} cannot be a route of the family {family.Name}");
        if (_given.Contains("rd") && !family.HasRouteDistinguisher)
            throw new TestRouteException($"routes of {family.Name} have no 'rd'");
        foreach (IGrouping<CommunityKind, CommunityValue> kind in _communities.GroupBy(static value => value.Kind))
            AttributeText.SetCommunities(_attributes, kind.Key, [.. kind.Distinct()]);
        AsNumber neighbor = AsPathView.Of(_attributes.Block).Neighbor ?? _defaults.As;
        AsNumber peerAs = _peerAs ?? (_source == SourceKind.Ebgp ? neighbor : _defaults.As);
        IpAddress from = _source == SourceKind.Local ? default : _from.IsUnspecified ? _peer : _from;
        return new TestRoute(family, Nlri.Of(prefix, _distinguisher), _attributes.Block.Octets.ToArray(), new PolicyContext(
            _defaults.As, peerAs, _peer.IsUnspecified ? from : _peer, _defaults.LocalAddress)
        {
            SourceKind = _source,
            SourceAddress = from,
            SourceAs = _source == SourceKind.Ebgp ? neighbor : _defaults.As,
        });
    }

    private void SetPath(string[] values)
    {
        AsNumber[] numbers = [.. values.SelectMany(static value => value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(
            static text => AsNumber.TryParse(text, out AsNumber number) ? number : throw Wrong("as-path", text, "65010,65020"))];
        if (numbers.Length > byte.MaxValue)
            throw new TestRouteException($"'as-path' has {numbers.Length} numbers; at most {byte.MaxValue} are understood");
        _attributes.SetAsPath(numbers);
    }

    private void AddCommunities(string[] values, string before, CommunityKind kind)
    {
        foreach (string value in values)
        {
            if (!CommunityValue.TryParse(before + value, out CommunityValue community) || community.Kind != kind)
            {
                throw Wrong(before.Length > 0 ? "rt" : kind switch
                {
                    CommunityKind.Standard => "communities",
                    CommunityKind.Extended => "extended-communities",
                    _ => "large-communities",
                }, value, kind switch { CommunityKind.Large => "65000:1:2", CommunityKind.Extended when before.Length == 0 => "soo:65000:1", _ => "65000:1" });
            }
            _communities.Add(community);
        }
    }

    private static IpAddress Address(string key, string value) =>
        IpAddress.TryParse(value, out IpAddress address) ? address : throw Wrong(key, value, "203.0.113.17");

    private static uint Number(string key, string value) =>
        uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : throw Wrong(key, value, "100");

    private static TestRouteException Wrong(string key, string value, string example) =>
        new($"{YamlScalar.Quote(value)} is no value for '{key}'; write for instance {example}");
}
