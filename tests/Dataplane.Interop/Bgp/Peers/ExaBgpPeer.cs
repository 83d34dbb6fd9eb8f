using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>ExaBGP: announces what it is told line by line, and writes down every message it receives as JSON.</summary>
public sealed class ExaBgpPeer : BgpDaemon
{
    private readonly string _configuration;
    private readonly string _commands;
    private readonly string _received;
    private readonly bool _listens;

    /// <summary>Starts the daemon.</summary>
    /// <param name="network">Where.</param>
    /// <param name="number">Which speaker.</param>
    /// <param name="neighbors">Its neighbours; static routes go to <see cref="Neighbor.Extra"/>.</param>
    /// <param name="autonomousSystem">Its own.</param>
    public ExaBgpPeer(BgpNetwork network, int number, IReadOnlyList<Neighbor> neighbors, uint autonomousSystem = 65000)
        : base(network, number, "exabgp")
    {
        _commands = WriteFile("commands", "");
        _received = WriteFile("received.json", "");
        string api = WriteFile("api", $"#!/bin/sh\ntail -n +1 -F {_commands} 2>/dev/null &\nexec cat >>{_received}\n");
        _listens = neighbors.Any(neighbor => neighbor.Passive);
        File.SetUnixFileMode(api, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _configuration = WriteFile("exabgp.conf", Configuration(api, neighbors, autonomousSystem));
        Start();
    }

    /// <summary>Every message so far, of all neighbours.</summary>
    public IReadOnlyList<JsonNode> Messages
    {
        get
        {
            using FileStream stream = new(_received, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using StreamReader reader = new(stream);
            string text = reader.ReadToEnd();
            int end = text.LastIndexOf('\n'); // the last line may be half written
            return end < 0 ? [] : [.. text[..end].Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!)];
        }
    }

    /// <summary>Starts the daemon, and waits for it to listen where it does so at all.</summary>
    public void Start()
    {
        Launch("env", "exabgp.daemon.user=root", "exabgp.daemon.drop=false", "exabgp.api.cli=false", "exabgp.api.ack=false",
        $"exabgp.tcp.bind={(_listens ? Address : "")}", "exabgp.tcp.once=false", $"exabgp.log.destination={Path.Combine(Directory, "exabgp.log")}", "exabgp", _configuration);
        if (_listens)
        {
            Until("listen", () => Space.Require("ss", "-Hltn", "src", $"{Address}:179").Length > 0);
        }
    }

    /// <summary>Gives a command of the API, such as <c>announce route … next-hop …</c>.</summary>
    public void Command(string line) => File.AppendAllText(_commands, line + "\n");

    public void UntilEstablished(params int[] neighbors) => Until($"have its sessions with {string.Join(", ", neighbors)}",
        () => neighbors.All(neighbor => Messages.LastOrDefault(message => (string?)message["type"] == "state" && IsFrom(message, neighbor)) is { } last
            && (string?)last["neighbor"]?["state"] == "up"));

    /// <summary>
    /// The routes that a neighbour announced in this session and did not withdraw, with the attributes of the UPDATE they came in.
    /// </summary>
    public IReadOnlyList<SeenRoute> ReceivedFrom(int neighbor, Family family)
    {
        Dictionary<(string, string, uint?), SeenRoute> routes = [];
        foreach (JsonNode message in Messages.Where(message => IsFrom(message, neighbor)))
        {
            if ((string?)message["type"] == "state")
            {
                routes.Clear();
            }

            if (message["neighbor"]?["message"]?["update"] is not { } update)
            {
                continue;
            }

            foreach (JsonNode? entry in update["withdraw"]?[family.InExaBgp()]?.AsArray() ?? [])
            {
                _ = routes.Remove(KeyOf(entry!));
            }

            foreach ((string nextHop, JsonNode? entries) in update["announce"]?[family.InExaBgp()]?.AsObject() ?? [])
            {
                foreach (JsonNode? entry in entries!.AsArray())
                {
                    routes[KeyOf(entry!)] = Parse(entry!, nextHop, update["attribute"]!);
                }
            }
        }

        return [.. routes.Values.OrderBy(route => route.Distinguisher).ThenBy(route => route.Prefix).ThenBy(route => route.PathIdentifier)];
    }

    /// <summary>How many End-of-RIB markers of a family a neighbour has sent in this session.</summary>
    public int EndsOfRib(int neighbor, Family family)
    {
        string[] words = family.InExaBgp().Split(' ');
        return Messages.Where(message => IsFrom(message, neighbor))
            .Reverse().TakeWhile(message => (string?)message["type"] != "state")
            .Count(message => message["neighbor"]?["message"]?["eor"] is { } end && (string?)end["afi"] == words[0] && (string?)end["safi"] == words[1]);
    }

    protected override string Account() => Tail(Output + string.Join('\n', Messages.TakeLast(10).Select(message => message.ToJsonString())));

    private static bool IsFrom(JsonNode message, int neighbor) => (string?)message["neighbor"]?["address"]?["peer"] is { } peer
        && (peer == BgpNetwork.Address(neighbor) || peer == BgpNetwork.Address6(neighbor));

    private static (string Distinguisher, string Prefix, uint? Path) KeyOf(JsonNode entry) =>
        ((string?)entry["rd"] ?? "", (string?)entry["nlri"] ?? ((string?)entry["string"] ?? "").Split(" rd ")[0], PathOf(entry));

    private static uint? PathOf(JsonNode entry) => (string?)entry["path-information"] is { } text
        ? text.Split('.').Select(part => uint.Parse(part, CultureInfo.InvariantCulture)).Aggregate((value, part) => (value << 8) | part)
        : null;

    private static SeenRoute Parse(JsonNode entry, string nextHop, JsonNode attributes)
    {
        (string distinguisher, string prefix, uint? path) = KeyOf(entry);
        return new SeenRoute
        {
            Prefix = prefix,
            Distinguisher = distinguisher,
            Label = (uint?)entry["label"]?[0]?[0],
            NextHop = nextHop == "no-nexthop" ? "" : nextHop,
            Origin = (string?)attributes["origin"] ?? "",
            AsPath = string.Join(' ', (attributes["as-path"]?.AsArray() ?? []).Select(segment => segment is JsonArray set ? $"{{{string.Join(' ', set.Select(n => $"{n}"))}}}" : $"{segment}")),
            Med = (uint?)attributes["med"],
            LocalPreference = (uint?)attributes["local-preference"],
            Communities = Lists(attributes["community"]),
            LargeCommunities = Lists(attributes["large-community"]),
            ExtendedCommunities = SeenRoute.Sorted((attributes["extended-community"]?.AsArray() ?? []).Select(value => Extended(value!))),
            OriginatorId = (string?)attributes["originator-id"] ?? "",
            ClusterList = string.Join(' ', (attributes["cluster-list"]?.AsArray() ?? []).Select(id => $"{id}")),
            PathIdentifier = path,
        };
    }

    private static string Lists(JsonNode? list) =>
        SeenRoute.Sorted((list?.AsArray() ?? []).Select(value => string.Join(':', value!.AsArray().Select(number => $"{number}"))));

    /// <summary>ExaBGP leaves unknown kinds as numbers, in their string too. Some of those it knows have a space where others have a colon.</summary>
    private static string Extended(JsonNode value) => (string?)value["string"] is { } text && text.AsSpan().ContainsAny(' ', ':')
        ? text.Contains(':', StringComparison.Ordinal) ? text : string.Join(':', text.Split(' ', 2))
        : ulong.Parse($"{value["value"]}", CultureInfo.InvariantCulture).ToString("x16", CultureInfo.InvariantCulture);

    private string Configuration(string api, IReadOnlyList<Neighbor> neighbors, uint autonomousSystem)
    {
        StringBuilder text = new();
        _ = text.Append(CultureInfo.InvariantCulture, $"process api {{ run {api}; encoder json; }}\n");
        foreach (Neighbor neighbor in neighbors)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $$"""
                neighbor {{neighbor.Address}} {
                  router-id {{Address}}; local-address {{neighbor.LocalAddress(Number)}}; local-as {{neighbor.LocalAs ?? autonomousSystem}}; peer-as {{neighbor.As}}; hold-time {{neighbor.HoldTime}};
                  {{(neighbor.Passive ? "passive;" : "")}}
                  {{(neighbor.Password is { } password ? $"md5-password \"{password}\";" : "")}}
                  {{(neighbor.TtlSecurityHops is { } hops ? $"outgoing-ttl 255; incoming-ttl {255 - hops + 1};" : "")}}
                  capability { {{(neighbor.RestartTime is { } time ? $"graceful-restart {time};" : "")}} route-refresh enable; asn4 enable; {{AddPath(neighbor)}} }
                  family { {{string.Concat(neighbor.Families.Select(family => family.InExaBgp() + "; "))}} }
                  {{(AddPath(neighbor) == "" ? "" : $"add-path {{ {string.Concat(neighbor.Families.Where(family => family <= Family.Vpn6).Select(family => family.InExaBgp() + "; "))} }}")}}
                  api { processes [ api ]; neighbor-changes; receive { parsed; update; open; notification; } }
                  {{neighbor.Extra}}
                }

                """);
        }

        return text.ToString();
    }

    private static string AddPath(Neighbor neighbor) => (neighbor.AddPathReceive, neighbor.AddPathSend > 0) switch
    {
        (true, true) => "add-path send/receive;",
        (true, false) => "add-path receive;",
        (false, true) => "add-path send;",
        _ => "",
    };
}
