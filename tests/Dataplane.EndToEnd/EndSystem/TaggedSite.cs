using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// An external forwarder with a host behind it that cannot forward itself, only tag: an agent without a forwarder runs there. Beyond the underlay, a host
/// with a forwarder and an agent. A gateway above both forwarders; nothing of VPNs is typed at either.
/// </summary>
public sealed class TaggedSite : IDisposable
{
    public const string ForwarderT = "198.51.100.17";
    public const string ForwarderB = "203.0.113.22";
    public const string SystemT = "02aa10c00017";
    public const string SystemB = "02aa10c0000b";
    public const string SystemH = "02aa10c0ffee";
    private readonly Testbed _bed = new();
    private readonly NetworkNamespace _switch;

    public TaggedSite()
    {
        try
        {
            NetworkNamespace router = _bed.AddNamespace("net", silent: true);
            router.Sysctl("net.ipv4.ip_forward=1");
            NetworkNamespace t = _bed.AddNamespace("t", silent: true);
            NetworkNamespace b = _bed.AddNamespace("b", silent: true);
            NetworkNamespace gateway = _bed.AddNamespace("gw", silent: true);
            NetworkNamespace host = _bed.AddNamespace("h", silent: true);
            _switch = _bed.AddNamespace("switch", silent: true);
            Testbed.Link(router, "to-t", t, "core");
            Testbed.Link(router, "to-b", b, "core");
            router.Require("ip", "addr", "add", "198.51.100.1/24", "dev", "to-t");
            router.Require("ip", "addr", "add", "203.0.113.1/24", "dev", "to-b");
            Join(gateway, "to-t", "192.0.2.1", t, "above", "192.0.2.2");
            Join(gateway, "to-b", "192.0.2.5", b, "above", "192.0.2.6");
            Join(t, "below", "192.0.2.9", host, "above", "192.0.2.10");

            Tagged = new Guest(_bed.AddNamespace("gh"), "10.1.0.11/24", "fd00:10:1::11/64");
            Testbed.Link(t, "access", _switch, "trunk");
            Testbed.Link(_switch, "gh", Tagged.Space, "eth0");
            Tagged.Configure();
            GuestB = new Guest(_bed.AddNamespace("gb"), "10.1.0.22/24", "fd00:10:1::22/64");
            Testbed.Link(b, "gb", GuestB.Space, "eth0");
            GuestB.Configure();

            Gateway = _bed.Keep(new ForwarderProcess(_bed, gateway, "gw", $$"""
                roles: [gateway]
                bgp: { as: 65000, router-id: 192.0.2.1, listen: [{ address: 192.0.2.1 }] }
                xmpp: { name: sg.dc1.example.net, domains: [dc1.example.net], allow-plaintext: true, settle-time: 3, listen: [{ address: 0.0.0.0 }] }
                vrfs: [{ name: red, import-targets: ["65000:1"], export-targets: ["65000:1"] }]
                end-systems:
                  - { name: "{{SystemT}}", infrastructure: [{{ForwarderT}}], vpns: [{ vpn: red, prefixes: [10.1.0.0/16] }] }
                  - { name: "{{SystemB}}", infrastructure: [{{ForwarderB}}], vpns: [{ vpn: red, prefixes: [10.1.0.0/16] }] }
                management: { socket: {{SocketOf("gw")}} }
                metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
                """));
            T = _bed.Keep(new ForwarderProcess(_bed, t, "t", $$"""
                roles: [forwarder]
                eal: { memory-mib: 128, huge-pages: never, main-core: 0 }
                workers: { cores: [1], idle: { policy: sleep } }
                ports:
                  - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: [{{ForwarderT}}/24] }
                  - { name: access, role: access, device: "net_af_packet1,iface=access" }
                underlay: { routes: [{ prefix: 0.0.0.0/0, via: 198.51.100.1 }] }
                infrastructure: { address: {{ForwarderT}} }
                signaling:
                  address: {{SystemT}}@dc1.example.net
                  gateways: [{ name: sg.dc1.example.net, host: 192.0.2.1 }]
                  allow-plaintext: true
                  hosts:
                    name: tor7.dc1.example.net
                    domains: [dc1.example.net]
                    listen: ["192.0.2.9:5222"]
                    stale-time: 5
                    members: [{ system-id: {{SystemH}}, port: access, mac: "{{Tagged.MacAddress}}", vpns: [red], prefixes: [10.1.0.0/24] }]
                management: { socket: {{SocketOf("t")}} }
                metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
                """));
            B = _bed.Keep(new ForwarderProcess(_bed, b, "b", $$"""
                roles: [agent, forwarder]
                eal: { memory-mib: 128, huge-pages: never, main-core: 1 }
                workers: { cores: [0], idle: { policy: sleep } }
                ports:
                  - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: [{{ForwarderB}}/24] }
                  - { name: gb, role: local, device: "net_af_packet1,iface=gb" }
                underlay: { routes: [{ prefix: 0.0.0.0/0, via: 203.0.113.1 }] }
                infrastructure: { address: {{ForwarderB}} }
                signaling:
                  address: {{SystemB}}@dc1.example.net
                  gateways: [{ name: sg.dc1.example.net, host: 192.0.2.5 }]
                  allow-plaintext: true
                state-directory: {{Path.Combine(_bed.ScratchDirectory, "state-b")}}
                management: { socket: {{SocketOf("b")}} }
                metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
                """));
            Host = _bed.Keep(new ForwarderProcess(_bed, host, "h", $$"""
                roles: [agent]
                signaling:
                  address: {{SystemH}}@dc1.example.net
                  external-forwarders: [{ name: tor7.dc1.example.net, host: 192.0.2.9 }]
                  allow-plaintext: true
                agent: { first-vlan: 317, last-vlan: 400 }
                state-directory: {{Path.Combine(_bed.ScratchDirectory, "state-h")}}
                management: { socket: {{SocketOf("h")}} }
                metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
                """));
        }
        catch
        {
            _bed.Dispose();
            throw;
        }
    }

    public ForwarderProcess Gateway { get; }

    /// <summary>The external forwarder.</summary>
    public ForwarderProcess T { get; }

    public ForwarderProcess B { get; }

    /// <summary>The agent of the host behind the external forwarder.</summary>
    public ForwarderProcess Host { get; }

    public Guest Tagged { get; }

    public Guest GuestB { get; }

    public string Logs => $"{T.Log}\n--- B\n{B.Log}\n--- host\n{Host.Log}\n--- gateway\n{Gateway.Log}";

    /// <summary>Has the switch between host and forwarder give the workload's frames a VLAN.</summary>
    public void Tag(int vlan) => _switch.Require(Path.Combine(Testbed.Repository, "scripts", "demo", "vlan_switch.py"), "--trunk", "trunk", $"gh={vlan}");

    public JsonElement Agent(string host, params string[] arguments)
    {
        CommandResult result = Command.Run(["dotnet", ForwarderProcess.Program, "agent", .. arguments, "--socket", SocketOf(host), "--json"]);
        return result.ExitCode == 0 ? JsonDocument.Parse(result.Output).RootElement
            : throw new InvalidOperationException($"agent {string.Join(' ', arguments)}: {result.All}\n{Logs}");
    }

    public string[] Routes(string host) =>
    [
        .. Agent(host, "routes", "red").GetProperty("routes").EnumerateArray().SelectMany(static route => route.GetProperty("nextHops").EnumerateArray()
            .Select(hop => $"{route.GetProperty("prefix").GetString()} {hop.GetProperty("address").GetString()}")),
    ];

    public void Dispose() => _bed.Dispose();

    private static void Join(NetworkNamespace left, string leftName, string leftAddress, NetworkNamespace right, string rightName, string rightAddress)
    {
        Testbed.Link(left, leftName, right, rightName);
        left.Require("ip", "addr", "add", leftAddress + "/30", "dev", leftName);
        right.Require("ip", "addr", "add", rightAddress + "/30", "dev", rightName);
    }

    private string SocketOf(string host) => Path.Combine(_bed.ScratchDirectory, host + ".sock");
}
