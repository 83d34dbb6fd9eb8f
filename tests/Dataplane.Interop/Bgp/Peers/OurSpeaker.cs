using System.Globalization;
using System.Net;
using System.Text;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>The program under test as a signaling gateway: <c>dataplane run</c> in the network, at the addresses of its number.</summary>
public sealed partial class OurSpeaker : BgpDaemon
{
    /// <summary>Stands for the speaker's own directory in a configuration.</summary>
    private const string OwnDirectory = "{directory}";

    private readonly HttpClient _http;
    private string _configuration = "";

    /// <summary>Starts the program and waits until it says that it is ready.</summary>
    /// <param name="network">Where.</param>
    /// <param name="number">Which speaker.</param>
    /// <param name="configuration">Its whole configuration; see <see cref="Configuration"/>.</param>
    public OurSpeaker(BgpNetwork network, int number, string configuration)
        : base(network, number, "dataplane")
    {
        network.AddOurs(number);
        _http = network.Space.CreateHttpClient();
        Configure(configuration);
        Start();
    }

    /// <summary>Where the management API listens.</summary>
    public string ManagementSocket => Path.Combine(Directory, "management.sock");

    public string ConfigurationPath => _configuration;

    /// <summary>A configuration of the gateway role.</summary>
    /// <param name="number">Which speaker it is for.</param>
    /// <param name="neighbors">Its peers; <see cref="Neighbor.Extra"/> holds further keys of a peer, four spaces in.</param>
    /// <param name="bgp">Further keys of <c>bgp</c>, two spaces in.</param>
    /// <param name="rest">Further sections, such as <c>vrfs</c>.</param>
    /// <param name="autonomousSystem">Its own.</param>
    /// <param name="roles">What it is.</param>
    public static string Configuration(int number, IReadOnlyList<Neighbor> neighbors, string bgp = "", string rest = "", uint autonomousSystem = 65000, string roles = "gateway")
    {
        StringBuilder text = new();
        _ = text.Append(CultureInfo.InvariantCulture, $$"""
            roles: [{{roles}}]
            metrics: { listen: {{MetricsAddressOf(number)}} }
            management: { socket: {{OwnDirectory}}/management.sock }
            state-directory: {{OwnDirectory}}/state
            infrastructure: { address: {{BgpNetwork.Address(number)}}, address6: "{{BgpNetwork.Address6(number)}}" }
            {{rest.Trim('\n')}}
            bgp:
              as: {{autonomousSystem}}
              router-id: {{BgpNetwork.Address(number)}}
              ebgp-requires-policy: false
              listen: [{ address: {{BgpNetwork.Address(number)}} }, { address: "{{BgpNetwork.Address6(number)}}" }]
            {{bgp.Trim('\n')}}
              peers:{{(neighbors.Count == 0 ? " []" : "")}}

            """);
        foreach (Neighbor neighbor in neighbors)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"""
                  - address: "{neighbor.Address}"
                    local-address: "{neighbor.LocalAddress(number)}"
                {Options(neighbor, autonomousSystem)}

                """);
        }

        return text.ToString();
    }

    /// <summary>The keys that peers, groups and ranges share, four spaces in; without families when there are none to be said here.</summary>
    public static string Options(Neighbor neighbor, uint autonomousSystem = 65000)
    {
        List<string> lines =
        [
            $"as: {neighbor.As}",
            neighbor.Password is { } password ? $"password: {password}" : "authentication: none",
            $"hold-time: {neighbor.HoldTime}",
            "connect-retry: 1",
        ];
        if (neighbor.Families.Count > 0)
        {
            lines.Add($"families: [{string.Join(", ", neighbor.Families.Select(family => FamilyEntry(family, neighbor)))}]");
        }

        if (neighbor.Passive)
        {
            lines.Add("passive: true");
        }

        if (neighbor.ReflectorClient)
        {
            lines.Add("route-reflector-client: true");
        }

        if (neighbor.LocalAs is { } localAs)
        {
            lines.Add($"local-as: {localAs}");
        }

        if (neighbor.TtlSecurityHops is { } hops)
        {
            lines.Add($"ttl-security-hops: {hops}");
        }
        else if (neighbor.As != autonomousSystem)
        {
            lines.Add("multihop-ttl: 4");
        }

        if (neighbor.RestartTime is not null)
        {
            lines.Add("graceful-restart: full");
        }

        if (neighbor.LongLivedTime is not null)
        {
            lines.Add("long-lived-graceful-restart: true");
        }

        return string.Concat(lines.Select(line => $"    {line}\n")) + neighbor.Extra.Trim('\n');
    }

    public void Start()
    {
        Launch(["dotnet", ForwarderProcess.Program, "run", "--config", _configuration]);
        Until("be ready", () => StatusOf("/readyz") == HttpStatusCode.OK);
    }

    /// <summary>Replaces the configuration file.</summary>
    public void Configure(string configuration) =>
        _configuration = WriteFile("gateway.yaml", configuration.Replace(OwnDirectory, Directory, StringComparison.Ordinal));

    /// <summary>Has the running program take another configuration (SIGHUP); the caller waits for what is to come of it.</summary>
    public void Reconfigure(string configuration)
    {
        Configure(configuration);
        _ = EndToEnd.Lab.Command.Require("kill", "-HUP", $"{ProcessId}");
    }

    public Exposition Metrics() => Exposition.Parse(_http.GetStringAsync($"http://{MetricsAddressOf(Number)}/metrics").GetAwaiter().GetResult());

    /// <summary>Runs another command of the program as its own process.</summary>
    public CommandResult Command(params string[] words) =>
        EndToEnd.Lab.Command.Run(["dotnet", ForwarderProcess.Program, .. words, "--socket", ManagementSocket]);

    protected override string Account() => Tail(Output);

    private static string MetricsAddressOf(int number) => $"127.0.0.1:{9400 + number}";

    private static string FamilyEntry(Family family, Neighbor neighbor)
    {
        List<string> keys = [$"family: {family.InOurs()}"];
        if (family != Family.RouteTarget && (neighbor.AddPathReceive || neighbor.AddPathSend > 0))
        {
            keys.Add("add-path: " + (neighbor.AddPathReceive, neighbor.AddPathSend > 0) switch
            {
                (true, true) => "both",
                (true, false) => "receive",
                _ => "send",
            });
            if (neighbor.AddPathSend > 0)
            {
                keys.Add($"send-max-paths: {neighbor.AddPathSend}");
            }
        }

        if (neighbor.LongLivedTime is { } time)
        {
            keys.Add($"llgr-stale-time: {time}");
        }

        if (neighbor.ExtendedNextHop && family == Family.Ipv4)
        {
            keys.Add("extended-next-hop: true");
        }

        return $"{{ {string.Join(", ", keys)} }}";
    }

    /// <summary>The status of a page, or null while nobody listens.</summary>
    private HttpStatusCode? StatusOf(string path)
    {
        try
        {
            using HttpResponseMessage response = _http.GetAsync($"http://{MetricsAddressOf(Number)}{path}").GetAwaiter().GetResult();
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
