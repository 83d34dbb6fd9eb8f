using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// Three hosts with a forwarder and an agent each, a, b and c, on underlay subnets of their own with a kernel router between them; two signaling gateways that
/// speak BGP with each other: a and c are with the first, b is with the second. Sessions with the gateways are mutual TLS. Workloads move between them: vm with
/// a kernel of its own and a link to each, and any number behind the access ports many of a and b. On b and c are guests that never move; a has nothing
/// in the VPN but what moves to it.
/// </summary>
public sealed class MobilitySites : IDisposable
{
    public const string AddressA = "198.51.100.11";
    public const string AddressB = "203.0.113.22";
    public const string AddressC = "198.18.0.33";
    public const string VmAddress = "10.1.0.50";
    public const string VmAddress6 = "fd00:10:1::50";
    private const string Domain = "dc1.example.net";
    private const string Gateways = "sg." + Domain;
    private readonly Testbed _bed = new();
    private readonly LabCertificates _certificates;
    private readonly string _logLevel;
    private readonly int? _repairTime;
    private int _version = 6;

    public MobilitySites()
        : this("debug", repairTime: null)
    {
    }

    /// <summary>Starts it.</summary>
    /// <param name="logLevel">How much all programs say.</param>
    /// <param name="repairTime">How many seconds every host keeps what is behind a move; null: as tests need it, b shortly and the others long.</param>
    internal MobilitySites(string logLevel, int? repairTime)
    {
        (_logLevel, _repairTime) = (logLevel, repairTime);
        try
        {
            _certificates = new LabCertificates(Path.Combine(_bed.ScratchDirectory, "pki"));
            _certificates.AddServer(Gateways);
            NetworkNamespace router = _bed.AddNamespace("net", silent: true);
            router.Sysctl("net.ipv4.ip_forward=1");
            FirstGatewaySpace = _bed.AddNamespace("gw1", silent: true);
            SecondGatewaySpace = _bed.AddNamespace("gw2", silent: true);
            Join(FirstGatewaySpace, "peer", "192.0.2.13", SecondGatewaySpace, "peer", "192.0.2.14");
            NetworkNamespace a = AddHost("a", router, "198.51.100.1", FirstGatewaySpace, "192.0.2.1", "192.0.2.2");
            NetworkNamespace b = AddHost("b", router, "203.0.113.1", SecondGatewaySpace, "192.0.2.5", "192.0.2.6");
            NetworkNamespace c = AddHost("c", router, "198.18.0.1", FirstGatewaySpace, "192.0.2.9", "192.0.2.10");

            Vm = _bed.AddNamespace("vm", silent: true);
            ManyA = _bed.AddNamespace("many-a", silent: true);
            ManyB = _bed.AddNamespace("many-b", silent: true);
            Testbed.Link(a, "vm", Vm, "at-a");
            Testbed.Link(b, "vm", Vm, "at-b");
            Testbed.Link(c, "vm", Vm, "at-c");
            Testbed.Link(a, "many", ManyA, "eth0");
            Testbed.Link(b, "many", ManyB, "eth0");
            GuestB = AddGuest("gb", "10.1.0.22/24", "fd00:10:1::22/64", b);
            GuestC = AddGuest("gc", "10.1.0.33/24", "fd00:10:1::33/64", c);

            FirstGateway = StartGateway(FirstGatewaySpace, "gw1", "192.0.2.13", "192.0.2.14");
            SecondGateway = StartGateway(SecondGatewaySpace, "gw2", "192.0.2.14", "192.0.2.13");
            A = StartHost(a, "a", 0, 1, AddressA, "198.51.100.1", "192.0.2.1", many: true, guest: false);
            B = StartHost(b, "b", 1, 0, AddressB, "203.0.113.1", "192.0.2.5", many: true, guest: true, repairTime: 2);
            C = StartHost(c, "c", 0, 1, AddressC, "198.18.0.1", "192.0.2.9", many: false, guest: true);
            AgentA = _bed.Keep(new AgentClient(SocketOf("a")));
            AgentB = _bed.Keep(new AgentClient(SocketOf("b")));
            AgentC = _bed.Keep(new AgentClient(SocketOf("c")));
            ManageFirst = _bed.Keep(new AgentClient(SocketOf("gw1")));
            ManageSecond = _bed.Keep(new AgentClient(SocketOf("gw2")));

            _ = AgentB.Attach("gb", new { vpn = "red", port = "gb", addresses = new[] { GuestB.Address4, GuestB.Address6 } });
            _ = AgentC.Attach("gc", new { vpn = "red", port = "gc", addresses = new[] { GuestC.Address4, GuestC.Address6 } });
            foreach (string prefix in new[] { $"{GuestB.Address4}/32", $"{GuestB.Address6}/128" })
                WaitForRoute(AgentC, $"{prefix} {AddressB}");
            foreach (string prefix in new[] { $"{GuestC.Address4}/32", $"{GuestC.Address6}/128" })
                WaitForRoute(AgentB, $"{prefix} {AddressC}");
        }
        catch
        {
            _bed.Dispose();
            throw;
        }
    }

    public ForwarderProcess A { get; }

    public ForwarderProcess B { get; }

    public ForwarderProcess C { get; }

    public ForwarderProcess FirstGateway { get; }

    public ForwarderProcess SecondGateway { get; }

    public AgentClient AgentA { get; }

    public AgentClient AgentB { get; }

    public AgentClient AgentC { get; }

    /// <summary>The management of the first gateway.</summary>
    public AgentClient ManageFirst { get; }

    /// <summary>The management of the second gateway.</summary>
    public AgentClient ManageSecond { get; }

    public Guest GuestB { get; }

    public Guest GuestC { get; }

    /// <summary>The workload's namespace, with a link to each host: at-a, at-b and at-c.</summary>
    public NetworkNamespace Vm { get; }

    /// <summary>What is behind the access port of a: one link, eth0.</summary>
    public NetworkNamespace ManyA { get; }

    /// <summary>What is behind the access port of b: one link, eth0.</summary>
    public NetworkNamespace ManyB { get; }

    /// <summary>The namespace of the first gateway, with links to-a and to-c.</summary>
    public NetworkNamespace FirstGatewaySpace { get; }

    /// <summary>The namespace of the second gateway, with a link to-b.</summary>
    public NetworkNamespace SecondGatewaySpace { get; }

    public string Logs => string.Join("\n--- ", A.Log, B.Log, C.Log, FirstGateway.Log, SecondGateway.Log);

    /// <summary>What the forwarders dropped, and what the workload's kernel knows, for people.</summary>
    public string Drops => Vm.Run("sh", "-c", "ip addr; ip route; ip -6 route; ip neigh; ip -s link").All + string.Join('\n', new[] { ("a", A), ("b", B), ("c", C) }.Select(static one =>
    {
        Exposition metrics = one.Item2.Metrics();
        return $"{one.Item1}: " + string.Join(", ", new[] { "dataplane_dropped_packets_total", "dataplane_punted_packets_total", "dataplane_slow_path_dropped_packets_total" }.SelectMany(name => metrics.LabelsOf(name, "reason")
            .Select(reason => (Reason: reason, Count: metrics.Sum(name, ("reason", reason)))).Where(static entry => entry.Count != 0).Select(static entry => $"{entry.Reason} {entry.Count}")));
    }));

    /// <summary>The workload's addresses, one of each family.</summary>
    public static IReadOnlyList<string> VmAddresses { get; } = [VmAddress, VmAddress6];

    /// <summary>The route of the workload's address of a family to a host: "10.1.0.50/32 198.51.100.11".</summary>
    public static string RouteOf(string vmAddress, string host) => $"{vmAddress}/{(vmAddress == VmAddress6 ? 128 : 32)} {host}";

    /// <summary>Waits until a host knows the workload, with both of its addresses, at another or, for "localhost", itself.</summary>
    public void WaitForVm(AgentClient at, string host)
    {
        foreach (string address in VmAddresses)
            WaitForRoute(at, RouteOf(address, host));
    }

    /// <summary>Requires that a guest reaches the workload at both of its addresses.</summary>
    public void RequireReached(Guest from)
    {
        foreach (string address in VmAddresses)
            from.RequireReach(address, () => $"{Drops}\n{Logs}");
    }

    public void WaitForRoute(AgentClient at, string route) =>
        Wait.Until($"{route}\n{Logs}", () => at.Get("/v1/agent").GetProperty("vpns").GetArrayLength() != 0 && at.Routes("red").Contains(route), TimeSpan.FromMinutes(2));

    /// <summary>A version of the workload's place, higher than those before: the hosts remember.</summary>
    public int NextVersion() => ++_version;

    /// <summary>Where the workload is, as a host is told.</summary>
    public static object Place(int version) => new { vpn = "red", port = "vm", addresses = VmAddresses, version };

    /// <summary>
    /// Gives the workload its IPv4 address and its MAC, the same on each link. Its IPv6 address is where the workload runs: the kernel speaks as a neighbour only
    /// for addresses of the link itself. A machine that moves finds its link as it was, and does not look for duplicates again.
    /// </summary>
    public void PrepareVm()
    {
        Vm.Require("ip", "addr", "replace", VmAddress + "/32", "dev", "lo");
        foreach (string link in new[] { "at-a", "at-b", "at-c" })
        {
            Vm.Require("ip", "link", "set", link, "down");
            Vm.Require("ip", "link", "set", link, "address", "02:00:00:00:00:50");
            Vm.Sysctl($"net.ipv6.conf.{link}.disable_ipv6=0", $"net.ipv6.conf.{link}.accept_dad=0", $"net.ipv6.conf.{link}.router_solicitations=0");
        }
    }

    /// <summary>Has the workload stop on one of its links and go on on the other, as a live migration does in its last moment.</summary>
    public void SwitchVm(string from, string to)
    {
        string batch = _bed.WriteFile($"to-{to}", $"""
            link set {from} down
            link set {to} up
            route replace default via 169.254.0.1 dev {to} onlink src {VmAddress}
            address replace {VmAddress6}/128 dev {to} nodad
            route replace ::/0 via fe80::1 dev {to} onlink src {VmAddress6}

            """);
        Vm.Require("ip", "-batch", batch);
    }

    public void Dispose() => _bed.Dispose();

    private static void Join(NetworkNamespace left, string leftName, string leftAddress, NetworkNamespace right, string rightName, string rightAddress)
    {
        Testbed.Link(left, leftName, right, rightName);
        left.Require("ip", "addr", "add", leftAddress + "/30", "dev", leftName);
        right.Require("ip", "addr", "add", rightAddress + "/30", "dev", rightName);
    }

    private NetworkNamespace AddHost(string name, NetworkNamespace router, string routerAddress, NetworkNamespace gateway, string above, string below)
    {
        NetworkNamespace host = _bed.AddNamespace(name, silent: true);
        Testbed.Link(router, "to-" + name, host, "core");
        router.Require("ip", "addr", "add", routerAddress + "/24", "dev", "to-" + name);
        Join(gateway, "to-" + name, above, host, "mgmt", below);
        return host;
    }

    private Guest AddGuest(string name, string address4, string address6, NetworkNamespace host)
    {
        var guest = new Guest(_bed.AddNamespace(name), address4, address6);
        Testbed.Link(host, name, guest.Space, "eth0");
        guest.Configure();
        return guest;
    }

    private string SocketOf(string name) => Path.Combine(_bed.ScratchDirectory, name + ".sock");

    private ForwarderProcess StartGateway(NetworkNamespace space, string name, string own, string peer) => _bed.Keep(new ForwarderProcess(_bed, space, name, $$"""
        roles: [gateway]
        logging: { level: {{_logLevel}} }
        bgp:
          as: 65000
          router-id: {{own}}
          listen: [{ address: {{own}} }]
          peers: [{ address: {{peer}}, as: 65000, password: moves, connect-retry: 1, families: [vpn-ipv4, vpn-ipv6, rt-constraint] }]
        xmpp:
          name: {{Gateways}}
          domains: [{{Domain}}]
          certificate: {{_certificates.CertificateOf(Gateways)}}
          key: {{_certificates.KeyOf(Gateways)}}
          authorities: {{_certificates.Authority}}
          settle-time: 1
          stale-time: 60
          listen: [{ address: 0.0.0.0 }]
        vrfs:
          - { name: red, import-targets: ["65000:1"], export-targets: ["65000:1"] }
        end-systems:
          - { name: "02aa10c0000a", infrastructure: [{{AddressA}}], vpns: [{ vpn: red, prefixes: [10.1.0.0/16, "fd00:10:1::/48"] }] }
          - { name: "02aa10c0000b", infrastructure: [{{AddressB}}], vpns: [{ vpn: red, prefixes: [10.1.0.0/16, "fd00:10:1::/48"] }] }
          - { name: "02aa10c0000c", infrastructure: [{{AddressC}}], vpns: [{ vpn: red, prefixes: [10.1.0.0/16, "fd00:10:1::/48"] }] }
        management: { socket: {{SocketOf(name)}} }
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """));

    private ForwarderProcess StartHost(
        NetworkNamespace space, string name, int main, int core, string address, string router, string gateway, bool many, bool guest, int repairTime = 120)
    {
        List<string> ports =
        [
            $$"""{ name: core, role: core, device: "net_af_packet0,iface=core", addresses: [{{address}}/24] }""",
            """{ name: vm, role: local, device: "net_af_packet1,iface=vm" }""",
        ];
        if (many)
        {
            ports.Add("""{ name: many, role: access, device: "net_af_packet2,iface=many" }""");
        }

        if (guest)
        {
            ports.Add($$"""{ name: g{{name}}, role: local, device: "net_af_packet3,iface=g{{name}}" }""");
        }

        string jid = $"02aa10c0000{name}@{Domain}";
        _certificates.AddEndSystem(name, jid, address);
        return _bed.Keep(new ForwarderProcess(_bed, space, name, $$"""
            roles: [agent, forwarder]
            logging: { level: {{_logLevel}} }
            eal: { memory-mib: 128, huge-pages: never, main-core: {{main}} }
            workers: { cores: [{{core}}], idle: { policy: sleep } }
            ports:
            {{string.Concat(ports.Select(static port => $"  - {port}\n"))}}
            underlay: { routes: [{ prefix: 0.0.0.0/0, via: {{router}} }] }
            infrastructure: { address: {{address}} }
            signaling:
              address: {{jid}}
              gateways: [{ name: {{Gateways}}, host: {{gateway}} }]
              certificate: {{_certificates.CertificateOf(name)}}
              key: {{_certificates.KeyOf(name)}}
              authorities: {{_certificates.Authority}}
              repair-time: {{_repairTime ?? repairTime}}
              ping-interval: 600
            state-directory: {{Path.Combine(_bed.ScratchDirectory, "state-" + name)}}
            management: { socket: {{SocketOf(name)}} }
            metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
            """));
    }
}
