using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// Two hosts with a forwarder and an agent each, on different underlay subnets with a kernel router between them, and a signaling gateway that they reach
/// by links of their own. No route and no interface is typed. A workload, vm, has a link to either host.
/// </summary>
public sealed class SignaledSites : IDisposable
{
    public const string ForwarderA = "198.51.100.11";
    public const string ForwarderB = "203.0.113.22";
    public const string SystemA = "02aa10c0000a";
    public const string SystemB = "02aa10c0000b";
    private readonly Testbed _bed = new();
    private readonly NetworkNamespace _gatewaySpace;

    public SignaledSites()
    {
        try
        {
            NetworkNamespace router = _bed.AddNamespace("net", silent: true);
            router.Sysctl("net.ipv4.ip_forward=1");
            NetworkNamespace a = _bed.AddNamespace("a", silent: true);
            NetworkNamespace b = _bed.AddNamespace("b", silent: true);
            _gatewaySpace = _bed.AddNamespace("gw", silent: true);
            Testbed.Link(router, "to-a", a, "core");
            Testbed.Link(router, "to-b", b, "core");
            router.Require("ip", "addr", "add", "198.51.100.1/24", "dev", "to-a");
            router.Require("ip", "addr", "add", "203.0.113.1/24", "dev", "to-b");
            foreach ((NetworkNamespace host, string link, string left, string right) in new[] { (a, "to-a", "192.0.2.1", "192.0.2.2"), (b, "to-b", "192.0.2.5", "192.0.2.6") })
            {
                Testbed.Link(_gatewaySpace, link, host, "mgmt");
                _gatewaySpace.Require("ip", "addr", "add", left + "/30", "dev", link);
                host.Require("ip", "addr", "add", right + "/30", "dev", "mgmt");
            }

            GuestA = AddGuest("ga", "10.1.0.11/24", "fd00:10:1::11/64", a, "ga");
            GuestB = AddGuest("gb", "10.1.0.22/24", "fd00:10:1::22/64", b, "gb");
            VmSpace = _bed.AddNamespace("vm");
            Testbed.Link(a, "vm", VmSpace, "at-a");
            Testbed.Link(b, "vm", VmSpace, "at-b");

            StartGateway();
            A = _bed.Keep(new ForwarderProcess(_bed, a, "a", Configuration("a", 0, 1, ForwarderA, "198.51.100.1", SystemA, "192.0.2.1")));
            B = _bed.Keep(new ForwarderProcess(_bed, b, "b", Configuration("b", 1, 0, ForwarderB, "203.0.113.1", SystemB, "192.0.2.5")));
        }
        catch
        {
            _bed.Dispose();
            throw;
        }
    }

    public ForwarderProcess Gateway { get; private set; } = null!;

    public ForwarderProcess A { get; }

    public ForwarderProcess B { get; }

    public Guest GuestA { get; }

    public Guest GuestB { get; }

    /// <summary>The workload's namespace, with a link to either host: at-a and at-b.</summary>
    public NetworkNamespace VmSpace { get; }

    public string Logs => $"{A.Log}\n--- B\n{B.Log}\n--- gateway\n{Gateway.Log}";

    /// <summary>Starts the gateway, again after it was killed; what it listens for is said by its configuration.</summary>
    public void StartGateway() => Gateway = _bed.Keep(new ForwarderProcess(_bed, _gatewaySpace, "gw", $$"""
        roles: [gateway]
        bgp: { as: 65000, router-id: 192.0.2.1, listen: [{ address: 192.0.2.1 }] }
        xmpp:
          name: sg.dc1.example.net
          domains: [dc1.example.net]
          allow-plaintext: true
          settle-time: 3
          listen: [{ address: 0.0.0.0 }]
        vrfs:
          - { name: red, import-targets: ["65000:1"], export-targets: ["65000:1"] }
        end-systems:
          - { name: "{{SystemA}}", infrastructure: [{{ForwarderA}}], vpns: [{ vpn: red, prefixes: [10.1.0.0/16, "fd00:10:1::/48"] }] }
          - { name: "{{SystemB}}", infrastructure: [{{ForwarderB}}], vpns: [{ vpn: red, prefixes: [10.1.0.0/16, "fd00:10:1::/48"] }] }
        management: { socket: {{SocketOf("gw")}} }
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """));

    /// <summary>Runs <c>dataplane agent …</c> against a host's agent; its answer as it came.</summary>
    public JsonElement Agent(string host, params string[] arguments)
    {
        CommandResult result = TryAgent(host, [.. arguments, "--json"]);
        return result.ExitCode == 0 ? JsonDocument.Parse(result.Output).RootElement
            : throw new InvalidOperationException($"agent {string.Join(' ', arguments)}: {result.All}\n{Logs}");
    }

    public CommandResult TryAgent(string host, params string[] arguments) =>
        Command.Run(["dotnet", ForwarderProcess.Program, "agent", .. arguments, "--socket", SocketOf(host)]);

    /// <summary>The routes of red as a host knows them: "10.1.0.11/32 localhost".</summary>
    public string[] Routes(string host) =>
    [
        .. Agent(host, "routes", "red").GetProperty("routes").EnumerateArray().SelectMany(static route => route.GetProperty("nextHops").EnumerateArray()
            .Select(hop => $"{route.GetProperty("prefix").GetString()} {hop.GetProperty("address").GetString()}")),
    ];

    public void WaitForRoutes(string host, params string[] routes) => Wait.Until(
        $"{string.Join(", ", routes)} at {host}; there are {string.Join(", ", Routes(host))}\n{Logs}", () => Routes(host).SequenceEqual(routes), TimeSpan.FromSeconds(60));

    /// <summary>Gives the workload its address and routes on one of its links and takes them from the other.</summary>
    public void PlaceVm(string link, string other)
    {
        _ = VmSpace.Run("ip", "addr", "flush", "dev", other);
        VmSpace.Require("ip", "addr", "add", "10.1.0.50/32", "dev", link);
        VmSpace.Require("ip", "route", "replace", "169.254.0.1", "dev", link);
        VmSpace.Require("ip", "route", "replace", "default", "via", "169.254.0.1", "dev", link, "src", "10.1.0.50");
    }

    public void Dispose() => _bed.Dispose();

    private string SocketOf(string host) => Path.Combine(_bed.ScratchDirectory, host + ".sock");

    private string Configuration(string name, int main, int core, string address, string router, string systemId, string gateway) => $$"""
        roles: [agent, forwarder]
        eal: { memory-mib: 128, huge-pages: never, main-core: {{main}} }
        workers: { cores: [{{core}}], idle: { policy: sleep } }
        ports:
          - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: [{{address}}/24] }
          - { name: g{{name}}, role: local, device: "net_af_packet1,iface=g{{name}}" }
          - { name: vm, role: local, device: "net_af_packet2,iface=vm" }
        underlay: { routes: [{ prefix: 0.0.0.0/0, via: {{router}} }] }
        infrastructure: { address: {{address}} }
        signaling:
          address: {{systemId}}@dc1.example.net
          gateways: [{ name: sg.dc1.example.net, host: {{gateway}} }]
          allow-plaintext: true
          ping-interval: 1
          ping-misses: 3
        state-directory: {{Path.Combine(_bed.ScratchDirectory, "state-" + name)}}
        management: { socket: {{SocketOf(name)}} }
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """;

    private Guest AddGuest(string name, string address4, string address6, NetworkNamespace host, string port)
    {
        var guest = new Guest(_bed.AddNamespace(name), address4, address6);
        Testbed.Link(host, port, guest.Space, "eth0");
        guest.Configure();
        return guest;
    }
}
