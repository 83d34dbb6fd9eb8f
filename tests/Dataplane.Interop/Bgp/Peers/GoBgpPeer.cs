using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>GoBGP, told what to announce by its command line.</summary>
public sealed partial class GoBgpPeer : BgpDaemon
{
    private const int Established = 6;
    private readonly string _configuration;

    public GoBgpPeer(BgpNetwork network, int number, IReadOnlyList<Neighbor> neighbors, uint autonomousSystem = 65000, string extra = "")
        : base(network, number, "gobgp")
    {
        _configuration = WriteFile("gobgpd.toml", Configuration(neighbors, autonomousSystem) + extra);
        Start();
    }

    private string ApiPort => $"{50000 + Number}";

    /// <summary>Starts the daemon; with <paramref name="restarting"/> it says so to its neighbours and keeps quiet until they have told all.</summary>
    public void Start(bool restarting = false)
    {
        List<string> words = ["gobgpd", "-f", _configuration, "--api-hosts", $"127.0.0.1:{ApiPort}", "--pprof-disable", "-p", "-l", "info"];
        if (restarting)
        {
            words.Add("-r");
        }

        Launch(words);
        Until("answer", () => Space.Run(Inside(["global"])).ExitCode == 0);
    }

    /// <summary>Runs the client; arguments are separated by spaces.</summary>
    public string Run(string arguments) => Space.Require(Inside(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    public JsonNode Json(string arguments)
    {
        string text = Run(arguments + " -j");
        return (text.Trim() is "" or "null" ? null : JsonNode.Parse(text)) ?? new JsonObject();
    }

    public void Announce(Family family, string route) => Run($"global rib add -a {family.InGoBgpCommand()} {route}");

    public void Withdraw(Family family, string route) => Run($"global rib del -a {family.InGoBgpCommand()} {route}");

    public bool IsEstablished(int neighbor, bool overIpv6 = false) =>
        (int?)Json($"neighbor {Of(neighbor, overIpv6)}")["state"]?["session_state"] == Established;

    public void UntilEstablished(params int[] neighbors) =>
        Until($"have its sessions with {string.Join(", ", neighbors)}", () => neighbors.All(n => IsEstablished(n)));

    /// <summary>What a neighbour sent, before any policy, with the attributes as they came.</summary>
    public IReadOnlyList<SeenRoute> ReceivedFrom(int neighbor, Family family, bool overIpv6 = false) => Table(neighbor, family, "adj-in", overIpv6);

    /// <summary>The paths that a neighbour sent, with their identifiers, which are in GoBGP's text alone. Beyond those: labels and LOCAL_PREF.</summary>
    public IReadOnlyList<SeenRoute> PathsFrom(int neighbor, Family family)
    {
        CommandResult result = Space.Run(Inside(["neighbor", Of(neighbor, overIpv6: false), "adj-in", "-a", family.InGoBgpCommand()]));
        return
        [
            .. PathLine().Matches(result.Output).Select(line => new SeenRoute
            {
                Prefix = family is Family.Vpn4 or Family.Vpn6 ? line.Groups["nlri"].Value.Split(':', 3)[2] : line.Groups["nlri"].Value,
                Distinguisher = family is Family.Vpn4 or Family.Vpn6 ? string.Join(':', line.Groups["nlri"].Value.Split(':', 3)[..2]) : "",
                Label = line.Groups["label"] is { Success: true, Value: { } label } ? uint.Parse(label, CultureInfo.InvariantCulture) : null,
                LocalPreference = uint.Parse(line.Groups["preference"].Value, CultureInfo.InvariantCulture),
                PathIdentifier = uint.Parse(line.Groups["identifier"].Value, CultureInfo.InvariantCulture),
            }),
        ];
    }

    /// <summary>What it has sent a neighbour.</summary>
    public IReadOnlyList<SeenRoute> AdvertisedTo(int neighbor, Family family) => Table(neighbor, family, "adj-out", overIpv6: false);

    private SeenRoute[] Table(int neighbor, Family family, string table, bool overIpv6)
    {
        CommandResult result = Space.Run(Inside($"neighbor {Of(neighbor, overIpv6)} {table} -a {family.InGoBgpCommand()} -j".Split(' ')));
        // Not established, or so busy that its own client gives up after a second.
        if (result.All.Contains("session is not established", StringComparison.Ordinal) || result.All.Contains("context deadline exceeded", StringComparison.Ordinal))
        {
            return [];
        }

        JsonNode content = result.ExitCode == 0 && JsonNode.Parse(result.Output) is { } parsed ? parsed : throw new InvalidOperationException(result.All);
        IEnumerable<JsonNode?> paths = content is JsonArray array
            ? array.SelectMany(entry => entry is JsonObject one && one["paths"] is JsonArray list ? list : [entry])
            : content.AsObject().SelectMany(destination => destination.Value?.AsArray() ?? []);
        return [.. paths.Select(path => Parse(path!, family)).OrderBy(route => route.Distinguisher).ThenBy(route => route.Prefix).ThenBy(route => route.PathIdentifier)];
    }

    protected override string Account() => Tail(Output);

    [GeneratedRegex(@"^.{3}(?<identifier>\d+)\s+(?<nlri>\S+)\s+(\[(?<label>\d+)\]\s+)?\S+\s.*\{LocalPref: (?<preference>\d+)\}", RegexOptions.Multiline)]
    private static partial Regex PathLine();

    private static string Of(int neighbor, bool overIpv6) => overIpv6 ? BgpNetwork.Address6(neighbor) : BgpNetwork.Address(neighbor);

    private static SeenRoute Parse(JsonNode path, Family family)
    {
        JsonNode nlri = path["nlri"]!;
        Dictionary<int, JsonNode> attributes = path["attrs"]!.AsArray().ToDictionary(attribute => (int)attribute!["type"]!, attribute => attribute!);
        string Text(int type) => attributes.TryGetValue(type, out JsonNode? attribute) ? $"{attribute["value"]}" : "";
        uint? Number(int type, string name) => attributes.TryGetValue(type, out JsonNode? attribute) ? (uint?)attribute[name] : null;
        return new SeenRoute
        {
            Prefix = (string?)nlri["prefix"] ?? nlri["value"]?.ToJsonString() ?? "",
            Distinguisher = nlri["rd"] is { } rd ? $"{rd["admin"]}:{rd["assigned"]}" : "",
            Label = (uint?)nlri["labels"]?[0],
            NextHop = (string?)attributes.GetValueOrDefault(14)?["nexthop"] ?? (string?)attributes.GetValueOrDefault(3)?["nexthop"] ?? "",
            Origin = Number(1, "value") switch { 0 => "igp", 1 => "egp", 2 => "incomplete", _ => "" },
            AsPath = string.Join(' ', (attributes.GetValueOrDefault(2)?["as_paths"]?.AsArray() ?? [])
                .Select(segment => string.Join(' ', (segment!["asns"]?.AsArray() ?? []).Select(number => $"{number}")) is var numbers
                    && (int?)segment["segment_type"] == 1 ? $"{{{numbers}}}" : numbers)),
            Med = Number(4, "metric"),
            LocalPreference = Number(5, "value"),
            Communities = SeenRoute.Sorted((attributes.GetValueOrDefault(8)?["communities"]?.AsArray() ?? [])
                .Select(value => (uint)value!).Select(value => $"{value >> 16}:{value & 0xFFFF}")),
            OriginatorId = Text(9),
            ClusterList = string.Join(' ', (attributes.GetValueOrDefault(10)?["value"]?.AsArray() ?? []).Select(id => $"{id}")),
            ExtendedCommunities = SeenRoute.Sorted((attributes.GetValueOrDefault(16)?["value"]?.AsArray() ?? []).Select(value => Extended(value!))),
            LargeCommunities = SeenRoute.Sorted((attributes.GetValueOrDefault(32)?["value"]?.AsArray() ?? [])
                .Select(value => $"{value!["ASN"]}:{value["LocalData1"]}:{value["LocalData2"]}")),
            PathIdentifier = (uint?)nlri["id"] ?? (uint?)path["id"] ?? (uint?)path["path-id"],
            Stale = (bool?)path["stale"] ?? false,
        };
    }

    private static string Extended(JsonNode value) => ((int?)value["type"], (int?)value["subtype"]) switch
    {
        (0 or 1 or 2, 2) => $"target:{value["value"]}",
        (0 or 1 or 2, 3) => $"origin:{value["value"]}",
        (128, 6) => $"rate-limit:{value["rate"]}",
        (128, 7) => Action((bool)value["sample"]!, (bool)value["terminal"]!),
        (128 or 129 or 130, 8) => $"redirect:{value["value"]}",
        (128, 9) => $"mark:{value["value"]}",
        (1, 12) => $"nexthop:{value["value"]}",
        // Seven octets are those behind the type of a kind that it does not know.
        (int type, _) when value["value"] is JsonValue text && text.TryGetValue(out string? octets) && octets.EndsWith('=')
            => $"{type:x2}{Convert.ToHexStringLower(Convert.FromBase64String(octets))}",
        _ => value.ToJsonString(),
    };

    private static string Action(bool sample, bool terminal) =>
        "action:" + string.Join('-', new[] { sample ? "sample" : "", terminal ? "terminal" : "" }.Where(word => word.Length > 0));

    private string[] Inside(IEnumerable<string> words) => ["gobgp", "-u", "127.0.0.1", "-p", ApiPort, .. words];

    private string Configuration(IReadOnlyList<Neighbor> neighbors, uint autonomousSystem)
    {
        StringBuilder text = new();
        _ = text.Append(CultureInfo.InvariantCulture, $"""
            [global.config]
              as = {autonomousSystem}
              router-id = "{Address}"
              port = 179
              local-address-list = ["{Address}", "{Address6}"]

            """);
        foreach (Neighbor neighbor in neighbors)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"""
                [[neighbors]]
                  [neighbors.config]
                    neighbor-address = "{neighbor.Address}"
                    peer-as = {neighbor.As}
                {(neighbor.LocalAs is { } localAs ? $"    local-as = {localAs}\n" : "")}{(neighbor.Password is { } password ? $"    auth-password = \"{password}\"\n" : "")}
                  [neighbors.transport.config]
                    local-address = "{neighbor.LocalAddress(Number)}"
                    passive-mode = {(neighbor.Passive ? "true" : "false")}
                  [neighbors.timers.config]
                    hold-time = {neighbor.HoldTime}
                    keepalive-interval = {Math.Max(1, neighbor.HoldTime / 3)}
                    connect-retry = 5
                    idle-hold-time-after-reset = 1

                """);
            if (neighbor.ReflectorClient)
            {
                _ = text.Append(CultureInfo.InvariantCulture,
                    $"  [neighbors.route-reflector.config]\n    route-reflector-client = true\n    route-reflector-cluster-id = \"{Address}\"\n");
            }

            if (neighbor.As != autonomousSystem && neighbor.TtlSecurityHops is null)
            {
                _ = text.Append("  [neighbors.ebgp-multihop.config]\n    enabled = true\n    multihop-ttl = 4\n");
            }

            if (neighbor.TtlSecurityHops is { } hops)
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"  [neighbors.ttl-security.config]\n    enabled = true\n    ttl-min = {255 - hops + 1}\n");
            }

            if (neighbor.RestartTime is { } restartTime)
            {
                _ = text.Append(CultureInfo.InvariantCulture,
                    $"  [neighbors.graceful-restart.config]\n    enabled = true\n    restart-time = {restartTime}\n    notification-enabled = true\n");
                _ = text.Append(neighbor.LongLivedTime is null ? "" : "    long-lived-enabled = true\n");
            }

            _ = text.Append(neighbor.Extra).Append('\n');
            foreach (Family family in neighbor.Families)
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"  [[neighbors.afi-safis]]\n    [neighbors.afi-safis.config]\n      afi-safi-name = \"{family.InGoBgp()}\"\n");
                if (neighbor.RestartTime is not null)
                {
                    _ = text.Append("    [neighbors.afi-safis.mp-graceful-restart.config]\n      enabled = true\n");
                }

                if (neighbor.LongLivedTime is { } longLived)
                {
                    _ = text.Append(CultureInfo.InvariantCulture,
                        $"    [neighbors.afi-safis.long-lived-graceful-restart.config]\n      enabled = true\n      restart-time = {longLived}\n");
                }

                if (family != Family.RouteTarget && (neighbor.AddPathReceive || neighbor.AddPathSend > 0))
                {
                    _ = text.Append(CultureInfo.InvariantCulture,
                        $"    [neighbors.afi-safis.add-paths.config]\n      receive = {(neighbor.AddPathReceive ? "true" : "false")}\n      send-max = {neighbor.AddPathSend}\n");
                }
            }
        }

        return text.ToString();
    }
}
