using System.Globalization;
using System.Text;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>BIRD, with static routes in its configuration. Each family has one table, named <c>t-FAMILY</c> as in <c>tvpn4</c>.</summary>
public sealed class BirdPeer : BgpDaemon
{
    private readonly string _configuration;

    /// <summary>Starts the daemon.</summary>
    /// <param name="network">Where.</param>
    /// <param name="number">Which speaker.</param>
    /// <param name="neighbors">Its neighbours; the session with speaker N is the protocol <c>nN</c>.</param>
    /// <param name="routes">Lines of the static protocol of a family.</param>
    /// <param name="extra">Further definitions, such as tables and pipes.</param>
    /// <param name="autonomousSystem">Its own.</param>
    /// <param name="ready">How long to wait for it: a configuration may hold a million routes.</param>
    public BirdPeer(BgpNetwork network, int number, IReadOnlyList<Neighbor> neighbors, IReadOnlyDictionary<Family, string>? routes = null,
        string extra = "", uint autonomousSystem = 65000, TimeSpan? ready = null)
        : base(network, number, "bird")
    {
        _configuration = WriteFile("bird.conf", Configuration(neighbors, routes ?? new Dictionary<Family, string>(), extra, autonomousSystem));
        Start(ready);
    }

    private string Socket => Path.Combine(Directory, "bird.ctl");

    public void Start(TimeSpan? ready = null)
    {
        Launch("bird", "-f", "-c", _configuration, "-s", Socket, "-P", Path.Combine(Directory, "bird.pid"));
        Until("answer", () => File.Exists(Socket) && Command.Run(["birdc", "-s", Socket, "show", "status"]) is { ExitCode: 0 } status
            && status.Output.Contains("Daemon is up and running", StringComparison.Ordinal), ready);
    }

    /// <summary>Runs a command of birdc; words are separated by spaces.</summary>
    public string Run(string command) => Command.Require(["birdc", "-s", Socket, .. command.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    public bool IsEstablished(int neighbor) => Run($"show protocols n{neighbor}").Contains("Established", StringComparison.Ordinal);

    public void UntilEstablished(params int[] neighbors) =>
        Until($"have its sessions with {string.Join(", ", neighbors)}", () => neighbors.All(IsEstablished));

    /// <summary>All paths that a neighbour sent in a family.</summary>
    public IReadOnlyList<SeenRoute> ReceivedFrom(int neighbor, Family family)
    {
        List<SeenRoute> routes = [];
        string network = "";
        foreach (string line in Run($"show route table t{family.InBird()} protocol n{neighbor} all").Split('\n'))
        {
            string text = line.Trim();
            if (line.Contains(" unicast [", StringComparison.Ordinal) || line.Contains("unreachable [", StringComparison.Ordinal)
                || line.Contains("blackhole [", StringComparison.Ordinal) || line.Contains("flow [", StringComparison.Ordinal)
                || (line.Contains($" [n{neighbor} ", StringComparison.Ordinal) && !text.StartsWith("via", StringComparison.Ordinal)))
            {
                string head = line[..line.IndexOf(" [", StringComparison.Ordinal)];
                if (head.Length > 0 && !char.IsWhiteSpace(head[0]))
                {
                    network = head.Contains("flow", StringComparison.Ordinal) ? head.Trim() : head.Split(' ')[0] + (family is Family.Vpn4 or Family.Vpn6 ? " " + head.Split(' ')[1] : "");
                }

                routes.Add(family is Family.Vpn4 or Family.Vpn6
                    ? new SeenRoute { Distinguisher = network.Split(' ')[0], Prefix = network.Split(' ')[1] }
                    : new SeenRoute { Prefix = network });
            }
            else if (routes.Count > 0 && text.Split(": ", 2) is [var name, var value])
            {
                routes[^1] = With(routes[^1], name, value.Trim());
            }
        }

        return routes;
    }

    protected override string Account()
    {
        string log = Path.Combine(Directory, "bird.log");
        return Tail(Output + (File.Exists(log) ? File.ReadAllText(log) : ""));
    }

    private static SeenRoute With(SeenRoute route, string name, string value) => name switch
    {
        "BGP.origin" => route with { Origin = value.ToLowerInvariant() },
        "BGP.as_path" => route with { AsPath = value },
        "BGP.next_hop" => route with { NextHop = value.Split(' ')[0] },
        "BGP.med" => route with { Med = uint.Parse(value, CultureInfo.InvariantCulture) },
        "BGP.local_pref" => route with { LocalPreference = uint.Parse(value, CultureInfo.InvariantCulture) },
        "BGP.community" => route with { Communities = Tuples(value) },
        "BGP.large_community" => route with { LargeCommunities = Tuples(value) },
        "BGP.ext_community" => route with { ExtendedCommunities = Tuples(value) },
        "BGP.originator_id" => route with { OriginatorId = value },
        "BGP.cluster_list" => route with { ClusterList = value },
        "BGP.mpls_label_stack" => route with { Label = uint.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture) },
        _ => route,
    };

    /// <summary>BIRD writes <c>(rt, 65000, 1) (generic, …)</c>.</summary>
    private static string Tuples(string value) => SeenRoute.Sorted(value.Split(')', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(tuple => tuple.TrimStart('(').Replace(", ", ":", StringComparison.Ordinal).Replace(",", ":", StringComparison.Ordinal))
        .Select(tuple => tuple.StartsWith("rt:", StringComparison.Ordinal) ? "target:" + tuple[3..] : tuple));

    private string Configuration(IReadOnlyList<Neighbor> neighbors, IReadOnlyDictionary<Family, string> routes, string extra, uint autonomousSystem)
    {
        Family[] families = [.. neighbors.SelectMany(n => n.Families).Concat(routes.Keys).Distinct()];
        StringBuilder text = new();
        _ = text.Append(CultureInfo.InvariantCulture, $$"""
            log "{{Directory}}/bird.log" all;
            router id {{Address}};
            protocol device {}
            protocol direct { ipv4; ipv6; interface "lo"; }

            """);
        foreach (Family family in families)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{family.InBird()} table t{family.InBird()};\n");
        }

        _ = text.Append(extra).Append('\n');
        foreach ((Family family, string lines) in routes)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"protocol static s{family.InBird()} {{ {family.InBird()} {{ table t{family.InBird()}; }};\n{lines}\n}}\n");
        }

        foreach (Neighbor neighbor in neighbors)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $$"""
                protocol bgp n{{neighbor.Number}} {
                  local {{neighbor.LocalAddress(Number)}} as {{neighbor.LocalAs ?? autonomousSystem}};
                  neighbor {{neighbor.Address}} as {{neighbor.As}};
                  strict bind on; hold time {{neighbor.HoldTime}}; connect delay time 1; connect retry time 1; error wait time 1, 4;
                  {{(neighbor.TtlSecurityHops is null ? "multihop;" : "direct; ttl security on;")}}
                  {{(neighbor.Passive ? "passive on;" : "")}} {{(neighbor.ReflectorClient ? "rr client;" : "")}}
                  {{(neighbor.Password is { } password ? $"password \"{password}\";" : "")}}
                  {{(neighbor.RestartTime is { } time ? $"graceful restart on; graceful restart time {time};" : "graceful restart off;")}}
                  {{(neighbor.LongLivedTime is { } stale ? $"long lived graceful restart on; long lived stale time {stale};" : "")}}
                  {{neighbor.Extra}}

                """);
            foreach (Family family in neighbor.Families)
            {
                string addPath = (neighbor.AddPathReceive, neighbor.AddPathSend > 0) switch
                {
                    (true, true) => " add paths on;",
                    (true, false) => " add paths rx;",
                    (false, true) => " add paths tx;",
                    _ => "",
                };
                _ = text.Append(CultureInfo.InvariantCulture,
                    $"  {family.InBird()}{(family is Family.Vpn4 or Family.Vpn6 ? " mpls" : "")} {{ table t{family.InBird()}; import all; export all;{addPath}"
                    + $"{(neighbor.ExtendedNextHop && family is Family.Ipv4 or Family.Vpn4 or Family.Vpn6 ? " extended next hop on;" : "")} }};\n");
            }

            _ = text.Append("}\n");
        }

        return text.ToString();
    }
}
