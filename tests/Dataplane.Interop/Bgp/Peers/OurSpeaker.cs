using System.Net;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>The program under test as a signaling gateway: <c>dataplane run</c> in the network, at the addresses of its number.</summary>
public sealed class OurSpeaker : BgpDaemon
{
    private readonly HttpClient _http;
    private string _configuration;

    /// <summary>Starts the program and waits until it says that it is ready.</summary>
    /// <param name="network">Where.</param>
    /// <param name="number">Which speaker.</param>
    /// <param name="configuration">Its whole configuration; <see cref="Heading"/> is how it usually begins.</param>
    public OurSpeaker(BgpNetwork network, int number, string configuration)
        : base(network, number, "dataplane")
    {
        _http = network.Space.CreateHttpClient();
        _configuration = WriteFile("gateway.yaml", configuration.Replace("{directory}", Directory, StringComparison.Ordinal));
        Start();
    }

    /// <summary>The program, as the build of this configuration left it.</summary>
    public static string Program { get; } = Path.Combine(Testbed.Repository, "src", "Dataplane.Host", "bin", BuildConfiguration, "net10.0", "dataplane.dll");

    /// <summary>Where the management API listens.</summary>
    public string ManagementSocket => Path.Combine(Directory, "management.sock");

    private static string BuildConfiguration
    {
        get
        {
#if DEBUG
            return "Debug";
#else
            return "Release";
#endif
        }
    }

    private string MetricsAddress => MetricsAddressOf(Number);

    /// <summary>
    /// The beginning of a configuration: roles, metrics, management socket, and the section <c>bgp</c> up to its list of peers, which
    /// the caller goes on with, two spaces in. <c>{directory}</c> stands for the speaker's own directory.
    /// </summary>
    public static string Heading(int number, uint autonomousSystem = 65000, string bgp = "") => $$"""
        roles: [gateway]
        metrics: { listen: {{MetricsAddressOf(number)}} }
        management: { socket: {directory}/management.sock }
        bgp:
          as: {{autonomousSystem}}
          router-id: {{BgpNetwork.Address(number)}}
          listen:
            - { address: {{BgpNetwork.Address(number)}} }
            - { address: "{{BgpNetwork.Address6(number)}}" }
          state-directory: {directory}/state
        {{bgp}}
        """;

    public void Start()
    {
        Launch("dotnet", Program, "run", "--config", _configuration);
        Until("be ready", () => StatusOf("/readyz") == HttpStatusCode.OK);
    }

    /// <summary>Replaces the configuration for the next start.</summary>
    public void Configure(string configuration) =>
        _configuration = WriteFile("gateway.yaml", configuration.Replace("{directory}", Directory, StringComparison.Ordinal));

    public Exposition Metrics() => Exposition.Parse(_http.GetStringAsync($"http://{MetricsAddress}/metrics").GetAwaiter().GetResult());

    protected override string Account() => Tail(Output);

    private static string MetricsAddressOf(int number) => $"127.0.0.1:{9400 + number}";

    /// <summary>The status of a page, or null while nobody listens.</summary>
    private HttpStatusCode? StatusOf(string path)
    {
        try
        {
            using HttpResponseMessage response = _http.GetAsync($"http://{MetricsAddress}{path}").GetAwaiter().GetResult();
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
