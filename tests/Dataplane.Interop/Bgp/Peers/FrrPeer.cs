using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>FRR's bgpd on its own: no zebra, no kernel routes; its VPN routes are configured, not exported from VRFs.</summary>
public sealed class FrrPeer : BgpDaemon
{
    private readonly string _configuration;

    /// <summary>Starts bgpd.</summary>
    /// <param name="network">Where.</param>
    /// <param name="number">Which speaker.</param>
    /// <param name="neighbors">Its neighbours.</param>
    /// <param name="families">Lines inside an address family, such as networks.</param>
    /// <param name="global">Lines before <c>router bgp</c>, such as route maps.</param>
    /// <param name="router">Lines inside <c>router bgp</c>.</param>
    /// <param name="autonomousSystem">Its own.</param>
    public FrrPeer(BgpNetwork network, int number, IReadOnlyList<Neighbor> neighbors, IReadOnlyDictionary<Family, string>? families = null,
        string global = "", string router = "", uint autonomousSystem = 65000)
        : base(network, number, "frr")
    {
        _configuration = WriteFile("bgpd.conf", Configuration(neighbors, families ?? new Dictionary<Family, string>(), global, router, autonomousSystem));
        Start();
    }

    public void Start()
    {
        Launch("/usr/lib/frr/bgpd", "-Z", "-S", "-f", _configuration, "-i", Path.Combine(Directory, "bgpd.pid"), "--vty_socket", Directory,
            "-P", "0", "-l", Address, "-l", Address6, "-p", "179");
        Until("answer", () => Command.Run(Vtysh("show version")).ExitCode == 0);
    }

    /// <summary>Runs a command of the vty in enable mode; several lines are several commands.</summary>
    public string Run(string commands) => Space.Require(Vtysh(commands.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));

    public JsonNode Json(string command) => JsonNode.Parse(Run(command + " json"))!;

    public string StateOf(int neighbor) => (string?)NeighborJson(neighbor)?["bgpState"] ?? "";

    /// <summary>Everything FRR tells about a neighbour, or null when it knows none of that number.</summary>
    public JsonNode? NeighborJson(int neighbor)
    {
        JsonNode all = Json($"show bgp neighbors {BgpNetwork.Address(neighbor)}");
        return all[BgpNetwork.Address(neighbor)];
    }

    public void UntilEstablished(params int[] neighbors) =>
        Until($"have its sessions with {string.Join(", ", neighbors)}", () => neighbors.All(n => StateOf(n) == "Established"));

    /// <summary>The paths to one VPN destination. FRR shows labels and communities per destination only.</summary>
    public IReadOnlyList<SeenRoute> Vpn(string distinguisher, string prefix)
    {
        JsonNode? table = Json($"show bgp {(prefix.Contains(':', StringComparison.Ordinal) ? "ipv6" : "ipv4")} vpn rd {distinguisher} {prefix}");
        return Paths(table?[distinguisher] ?? table, distinguisher, prefix);
    }

    /// <summary>The paths to one unicast destination.</summary>
    public IReadOnlyList<SeenRoute> Unicast(string prefix) =>
        Paths(Json($"show bgp {(prefix.Contains(':', StringComparison.Ordinal) ? "ipv6" : "ipv4")} unicast {prefix}"), "", prefix);

    protected override string Account()
    {
        string log = Path.Combine(Directory, "bgpd.log");
        return Tail(Output + (File.Exists(log) ? File.ReadAllText(log) : ""));
    }

    private static SeenRoute[] Paths(JsonNode? destination, string distinguisher, string prefix) =>
        [.. (destination?["paths"]?.AsArray() ?? []).Select(path => new SeenRoute
        {
            Prefix = prefix,
            Distinguisher = distinguisher,
            Label = (uint?)path!["remoteLabel"],
            NextHop = (string?)path["nexthops"]?[0]?["ip"] ?? "",
            Origin = ((string?)path["origin"] ?? "").ToLowerInvariant(),
            AsPath = (string?)path["aspath"]?["string"] is { } text and not "Local" ? text : "",
            Med = (uint?)path["metric"],
            LocalPreference = (uint?)path["locPrf"],
            Communities = SeenRoute.Sorted(Words(path["community"]?["string"])),
            ExtendedCommunities = SeenRoute.Sorted(Words(path["extendedCommunity"]?["string"]).Select(word => word.Replace("RT:", "target:", StringComparison.Ordinal))),
            LargeCommunities = SeenRoute.Sorted(Words(path["largeCommunity"]?["string"])),
            OriginatorId = (string?)path["originatorId"] ?? "",
            ClusterList = string.Join(' ', (path["clusterList"]?["list"]?.AsArray() ?? []).Select(id => (string?)id)),
            Stale = (bool?)path["stale"] ?? false,
        })];

    private static string[] Words(JsonNode? text) => ((string?)text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private string[] Vtysh(params IEnumerable<string> commands) => ["vtysh", "--vty_socket", Directory, .. commands.SelectMany(command => new[] { "-c", command })];

    private string Configuration(IReadOnlyList<Neighbor> neighbors, IReadOnlyDictionary<Family, string> families, string global, string router, uint autonomousSystem)
    {
        StringBuilder text = new();
        _ = text.Append(CultureInfo.InvariantCulture, $"""
            hostname {Name}
            log file {Directory}/bgpd.log
            {global}
            router bgp {autonomousSystem}
             bgp router-id {Address}
             no bgp default ipv4-unicast
             no bgp ebgp-requires-policy
            {(neighbors.Any(n => n.ReflectorClient) ? $" bgp cluster-id {Address}\n" : "")}{router}

            """);
        if (neighbors.Max(n => n.RestartTime) is { } restartTime)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $" bgp graceful-restart\n bgp graceful-restart restart-time {restartTime}\n");
        }

        foreach (Neighbor neighbor in neighbors)
        {
            foreach (string line in Lines(neighbor, autonomousSystem))
            {
                _ = text.Append(CultureInfo.InvariantCulture, $" neighbor {neighbor.Address} {line}\n");
            }

            _ = text.Append(neighbor.Extra).Append('\n');
        }

        foreach (Family family in neighbors.SelectMany(n => n.Families).Distinct())
        {
            _ = text.Append(CultureInfo.InvariantCulture, $" address-family {family.InFrr()}\n");
            foreach (Neighbor neighbor in neighbors.Where(n => n.Families.Contains(family)))
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"  neighbor {neighbor.Address} activate\n");
                if (neighbor.ReflectorClient)
                {
                    _ = text.Append(CultureInfo.InvariantCulture, $"  neighbor {neighbor.Address} route-reflector-client\n");
                }
            }

            _ = text.Append(families.GetValueOrDefault(family) ?? "").Append("\n exit-address-family\n");
        }

        return text.ToString();
    }

    private IEnumerable<string> Lines(Neighbor neighbor, uint autonomousSystem)
    {
        yield return $"remote-as {neighbor.As}";
        yield return $"update-source {neighbor.LocalAddress(Number)}";
        yield return $"timers {Math.Max(1, neighbor.HoldTime / 3)} {neighbor.HoldTime}";
        yield return "timers connect 1";
        if (neighbor.As != autonomousSystem && neighbor.TtlSecurityHops is null)
        {
            yield return "ebgp-multihop 4";
        }

        if (neighbor.Password is { } password)
        {
            yield return $"password {password}";
        }

        if (neighbor.Passive)
        {
            yield return "passive";
        }

        if (neighbor.TtlSecurityHops is { } hops)
        {
            yield return $"ttl-security hops {hops}";
        }
    }
}
