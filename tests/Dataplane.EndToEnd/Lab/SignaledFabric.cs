using System.Globalization;
using System.Text.Json;

namespace Dataplane.EndToEnd.Lab;

/// <summary>
/// What laboratories with signaling are made of: a kernel router between the underlay's subnets, machines that each have a subnet of their own, a gateway
/// that they reach by links of their own, and an authority that signs a certificate for everybody: all sessions are mutual TLS.
/// </summary>
public sealed class SignaledFabric : IDisposable
{
    public const string Domain = "dc1.example.net";
    public const string GatewayName = "sg.dc1.example.net";
    public const string GatewayAddress = "192.0.2.1";
    private readonly Dictionary<string, ForwarderProcess> _processes = [];
    private int _links;

    public SignaledFabric()
    {
        try
        {
            Router = Bed.AddNamespace("net", silent: true);
            Router.Sysctl("net.ipv4.ip_forward=1");
            GatewaySpace = Bed.AddNamespace("gw", silent: true);
            Certificates = new LabCertificates(Path.Combine(Bed.ScratchDirectory, "pki"));
            Certificates.AddServer(GatewayName);
        }
        catch
        {
            Bed.Dispose();
            throw;
        }
    }

    public Testbed Bed { get; } = new();

    public LabCertificates Certificates { get; }

    /// <summary>Between the underlay's subnets; it knows nothing but them.</summary>
    public NetworkNamespace Router { get; }

    public NetworkNamespace GatewaySpace { get; }

    /// <summary>What every program has said, for a failure's account.</summary>
    public string Logs => string.Join('\n', _processes.Select(static process => $"--- {process.Key}\n{process.Value.Log}"));

    /// <summary>The router's address in the subnet of another.</summary>
    public static string RouterOf(string address) => address[..(address.LastIndexOfAny(['.', ':']) + 1)] + "1";

    private static string PrefixOf(string address) => address + (address.Contains(':', StringComparison.Ordinal) ? "/64" : "/24");

    /// <summary>Adds a machine with a link to the underlay, one to the gateway, and a certificate.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="address">Its infrastructure address, of either family; the subnet is its own.</param>
    /// <param name="systemId">Its system-id.</param>
    /// <param name="serverName">What hosts call it when it is their external forwarder.</param>
    public SignaledHost AddHost(string name, string address, string systemId, string? serverName = null)
    {
        NetworkNamespace space = Bed.AddNamespace(name, silent: true);
        Testbed.Link(Router, $"to-{name}", space, "core");
        if (address.Contains(':', StringComparison.Ordinal))
        {
            Router.Sysctl("net.ipv6.conf.all.forwarding=1", $"net.ipv6.conf.to-{name}.disable_ipv6=0", $"net.ipv6.conf.to-{name}.accept_dad=0");
        }

        Router.Require("ip", "addr", "add", PrefixOf(RouterOf(address)), "dev", $"to-{name}");
        (string gateway, string own) = Join(GatewaySpace, $"to-{name}", space, "mgmt");
        space.Require("ip", "route", "add", "default", "via", gateway);
        Certificates.AddForwarder(name, $"{systemId}@{Domain}", serverName, address);
        return new SignaledHost(name, space, address, systemId, gateway, own);
    }

    /// <summary>Adds a machine that only tags: it has a link to its external forwarder for signaling, and a certificate.</summary>
    /// <returns>The machine, with the forwarder's address where others have the gateway's.</returns>
    public SignaledHost AddTaggedHost(string name, string systemId, SignaledHost forwarder)
    {
        NetworkNamespace space = Bed.AddNamespace(name, silent: true);
        (string above, string own) = Join(forwarder.Space, $"to-{name}", space, "mgmt");
        Certificates.AddEndSystem(name, $"{systemId}@{Domain}");
        return new SignaledHost(name, space, "", systemId, above, own);
    }

    /// <summary>Gives a machine that only tags a link to another external forwarder; at the machine it is called after the forwarder.</summary>
    /// <returns>The forwarder's address on it.</returns>
    public string AddLink(SignaledHost host, SignaledHost forwarder) => Join(forwarder.Space, $"to-{host.Name}", host.Space, forwarder.Name).Upper;

    /// <summary>Gives the gateway a link to the router, for peers that are in the underlay only; those of the links for signaling are reached through it.</summary>
    public void ConnectGateway(string address)
    {
        Testbed.Link(Router, "to-gw", GatewaySpace, "core");
        Router.Require("ip", "addr", "add", RouterOf(address) + "/24", "dev", "to-gw");
        GatewaySpace.Require("ip", "addr", "add", address + "/24", "dev", "core");
        GatewaySpace.Require("ip", "route", "add", "default", "via", RouterOf(address));
        GatewaySpace.Sysctl("net.ipv4.ip_forward=1");
        Router.Require("ip", "route", "add", "192.0.2.0/24", "via", address);
    }

    /// <summary>Adds a workload with a link of its own to a machine, where that link has the name <paramref name="port"/>.</summary>
    public Guest AddGuest(string name, string address4, string address6, NetworkNamespace host, string port)
    {
        var guest = new Guest(Bed.AddNamespace(name), address4, address6);
        Testbed.Link(host, port, guest.Space, "eth0");
        guest.Configure();
        return guest;
    }

    /// <summary>Starts the gateway, again after it was killed.</summary>
    /// <param name="rest">Its VRFs and end-systems.</param>
    /// <param name="bgp">Further keys of <c>bgp</c>, two spaces in.</param>
    /// <param name="xmpp">Further keys of <c>xmpp</c>, two spaces in.</param>
    public ForwarderProcess StartGateway(string rest, string bgp = "", string xmpp = "") => Start("gw", GatewaySpace, $$"""
        roles: [gateway]
        state-directory: {{StateOf("gw")}}
        bgp:
          as: 65000
          router-id: {{GatewayAddress}}
          listen: [{ address: {{GatewayAddress}} }]
        {{bgp}}
        xmpp:
          name: {{GatewayName}}
          domains: [{{Domain}}]
          listen: [{ address: 0.0.0.0 }, { address: 0.0.0.0, port: 5223, direct-tls: true }]
          certificate: {{Certificates.CertificateOf(GatewayName)}}
          key: {{Certificates.KeyOf(GatewayName)}}
          authorities: {{Certificates.Authority}}
        {{xmpp}}
        {{rest}}
        """);

    /// <summary>Starts the program on a machine, again after it was killed or ended.</summary>
    public ForwarderProcess Start(SignaledHost host, string configuration) => Start(host.Name, host.Space, configuration);

    /// <summary>Changes a line of a running program's configuration and has it read it again; waits until it is in force.</summary>
    public void Reload(ForwarderProcess process, string before, string after)
    {
        string configuration = File.ReadAllText(process.ConfigurationPath);
        if (!configuration.Contains(before, StringComparison.Ordinal))
            throw new ArgumentException($"the configuration does not say: {before}", nameof(before));
        File.WriteAllText(process.ConfigurationPath, configuration.Replace(before, after, StringComparison.Ordinal));
        Command.Require("kill", "-HUP", $"{process.Process.Id}");
        Wait.Until($"the reload\n{Logs}", () => process.Log.Contains("is in force", StringComparison.Ordinal));
    }

    /// <summary>What every forwarder's configuration says but its roles: cores, the port <c>core</c> and others, the way to the underlay.</summary>
    /// <param name="host">Whose.</param>
    /// <param name="core">The worker's.</param>
    /// <param name="ports">Names and roles, with further keys behind them, of further ports, each the packet socket of the interface of its name.</param>
    public string Forwarder(SignaledHost host, int core, params (string Name, string Role)[] ports) => $$"""
        eal: { memory-mib: 128, huge-pages: never, main-core: {{1 - core}} }
        workers: { cores: [{{core}}], idle: { policy: sleep } }
        ports:
          - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: ["{{PrefixOf(host.Address)}}"] }
        {{string.Join('\n', ports.Select(static (port, at) => $"  - {{ name: {port.Name}, role: {port.Role}, device: \"net_af_packet{at + 1},iface={port.Name}\" }}"))}}
        underlay: { routes: [{ prefix: "{{(host.IsIpv6 ? "::/0" : "0.0.0.0/0")}}", via: "{{host.Router}}" }] }
        infrastructure: { {{(host.IsIpv6 ? "address6" : "address")}}: "{{host.Address}}" }
        state-directory: {{StateOf(host.Name)}}
        """;

    /// <summary>The section <c>signaling</c> of a machine with the gateway above it.</summary>
    /// <param name="host">Whose.</param>
    /// <param name="keys">Further keys of it.</param>
    public string Signaling(SignaledHost host, params IEnumerable<string> keys) =>
        SignalingBesides(host, [$"gateways: [{{ name: {GatewayName}, host: {host.Gateway} }}]", .. keys]);

    /// <summary>The section <c>signaling</c> of a machine whose servers, if any, are among the keys.</summary>
    public string SignalingBesides(SignaledHost host, params IEnumerable<string> keys)
    {
        IEnumerable<string> all =
        [
            $"address: {host.Jid}", $"certificate: {Certificates.CertificateOf(host.Name)}", $"key: {Certificates.KeyOf(host.Name)}",
            $"authorities: {Certificates.Authority}", .. keys,
        ];
        return "signaling:\n" + string.Concat(all.Select(static key => $"  {key.ReplaceLineEndings("\n  ")}\n"));
    }

    /// <summary>Runs <c>dataplane agent …</c> against the program on a machine; its answer as it came.</summary>
    public JsonElement Agent(string name, params string[] arguments)
    {
        CommandResult result = TryAgent(name, [.. arguments, "--json"]);
        return result.ExitCode == 0 ? JsonDocument.Parse(result.Output).RootElement
            : throw new InvalidOperationException($"agent {string.Join(' ', arguments)}: {result.All}\n{Logs}");
    }

    public CommandResult TryAgent(string name, params string[] arguments) => Ask(name, ["agent", .. arguments]);

    /// <summary>Runs <c>dataplane show …</c> against the program on a machine, or the gateway, which is called gw.</summary>
    public JsonElement Show(string name, params string[] arguments)
    {
        CommandResult result = Ask(name, ["show", .. arguments, "--json"]);
        return result.ExitCode == 0 ? JsonDocument.Parse(result.Output).RootElement
            : throw new InvalidOperationException($"show {string.Join(' ', arguments)}: {result.All}\n{Logs}");
    }

    /// <summary>The routes of a VPN as a machine knows them: "10.1.0.11/32 localhost".</summary>
    public string[] Routes(string name, string vpn = "red") =>
    [
        .. Agent(name, "routes", vpn).GetProperty("routes").EnumerateArray().SelectMany(static route => route.GetProperty("nextHops").EnumerateArray()
            .Select(hop => $"{route.GetProperty("prefix").GetString()} {hop.GetProperty("address").GetString()}")),
    ];

    public void WaitForRoutes(string name, params string[] routes) => Wait.Until(
        $"{string.Join(", ", routes)} at {name}; there are {string.Join(", ", Routes(name))}\n{Logs}", () => Routes(name).SequenceEqual(routes), TimeSpan.FromSeconds(60));

    /// <summary>Three echo requests that must be answered.</summary>
    public void Reaches(Guest from, string address) => from.RequireReach(address, () => Logs);

    public string SocketOf(string name) => Path.Combine(Bed.ScratchDirectory, name + ".sock");

    public string StateOf(string name) => Path.Combine(Bed.ScratchDirectory, "state-" + name);

    public void Dispose() => Bed.Dispose();

    private CommandResult Ask(string name, IEnumerable<string> words) => CommandLine.Run([.. words, "--socket", SocketOf(name)]);

    private ForwarderProcess Start(string name, NetworkNamespace space, string configuration) => _processes[name] = Bed.Keep(new ForwarderProcess(Bed, space, name, $$"""
        {{configuration}}
        management: { socket: {{SocketOf(name)}} }
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """));

    /// <summary>Joins two namespaces by a link for signaling; returns the addresses of its ends.</summary>
    private (string Upper, string Lower) Join(NetworkNamespace upper, string upperName, NetworkNamespace lower, string lowerName)
    {
        int first = 4 * _links++;
        string Address(int number) => string.Create(CultureInfo.InvariantCulture, $"192.0.2.{first + number}");
        Testbed.Link(upper, upperName, lower, lowerName);
        upper.Require("ip", "addr", "add", Address(1) + "/30", "dev", upperName);
        lower.Require("ip", "addr", "add", Address(2) + "/30", "dev", lowerName);
        return (Address(1), Address(2));
    }
}
