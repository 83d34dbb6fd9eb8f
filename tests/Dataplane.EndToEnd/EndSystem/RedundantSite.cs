using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// Two external forwarders on one LAN, a bridge, with a host that only tags and has sessions with both. Beyond the underlay, a host with a forwarder
/// and an agent, and a gateway above all three; all sessions are mutual TLS. T1 is preferred in the election; nothing else tells the two apart. The forwarder
/// beyond is also the external one, and the only one, of another host that only tags. A workload that moves, vm, has a link to each of the three places.
/// </summary>
public sealed class RedundantSite : IDisposable
{
    public const string Forwarder1 = "198.51.100.17";
    public const string Forwarder2 = "198.18.0.18";
    public const string ForwarderB = "203.0.113.22";

    /// <summary>What the host calls the other external forwarder.</summary>
    public const string Server2 = "t2.dc1.example.net";
    public const string VmAddress = "10.1.0.60";

    /// <summary>The VLAN of the workload that stays, on the LAN.</summary>
    public const int Vlan = 317;

    /// <summary>The VLAN of the workload that moves, on the LAN and behind the single forwarder.</summary>
    public const int VmVlan = 318;
    private const string Server1 = "t1.dc1.example.net";
    private const string ServerB = "b.dc1.example.net";
    private const string SystemH = "02aa10c0ffee";
    private const string SystemK = "02aa10c0fade";
    private const string MacK = "02:00:00:00:0e:50";
    private readonly SignaledFabric _fabric = new();
    private readonly SignaledHost _t1;
    private readonly SignaledHost _h;

    public RedundantSite()
    {
        try
        {
            _t1 = _fabric.AddHost("t1", Forwarder1, "02aa10c00017", Server1);
            SignaledHost t2 = _fabric.AddHost("t2", Forwarder2, "02aa10c00018", Server2);
            SignaledHost b = _fabric.AddHost("b", ForwarderB, "02aa10c0000b", ServerB);
            SignaledHost k = _fabric.AddTaggedHost("k", SystemK, b);
            _h = _fabric.AddTaggedHost("h", SystemH, _t1);
            string second = _fabric.AddLink(_h, t2);
            Lan = _fabric.Bed.AddNamespace("lan", silent: true);
            NetworkNamespace tagging = _fabric.Bed.AddNamespace("switch", silent: true);
            NetworkNamespace single = _fabric.Bed.AddNamespace("single", silent: true);
            Lan.Require("ip", "link", "add", "br0", "type", "bridge");
            Lan.Require("ip", "link", "set", "br0", "up");
            foreach ((NetworkNamespace space, string name, string port) in new[] { (_t1.Space, "access", "t1"), (t2.Space, "access", "t2"), (tagging, "trunk", "host") })
            {
                Testbed.Link(Lan, port, space, name);
                Lan.Require("ip", "link", "set", port, "master", "br0");
            }

            Tagged = _fabric.AddGuest("gh", "10.1.0.11/24", "fd00:10:1::11/64", tagging, "gh");
            GuestB = _fabric.AddGuest("gb", "10.1.0.22/24", "fd00:10:1::22/64", b.Space, "gb");

            Vm = _fabric.Bed.AddNamespace("vm", silent: true);
            Testbed.Link(b.Space, "vm", Vm, "at-b");
            Testbed.Link(tagging, "vm", Vm, "at-lan");
            Testbed.Link(single, "vm", Vm, "at-single");
            Testbed.Link(b.Space, "access", single, "trunk");
            Tag(tagging, $"gh={Vlan}", $"vm={VmVlan}");
            Tag(single, $"vm={VmVlan}");
            PrepareVm();

            // A lost forwarder's routes stay for a minute, as everywhere, and meanwhile those of the other are preferred.
            Gateway = _fabric.StartGateway("""
                vrfs: [{ name: red, import-targets: ["65000:1"], export-targets: ["65000:1"] }]
                end-systems: [{ name: "02aa10c000*", vpns: [{ vpn: red, prefixes: [10.1.0.0/16, "fd00:10:1::/48"] }] }]
                """, xmpp: "  settle-time: 3\n  stale-time: 60\n  stale-local-preference: 50");
            StartT1();
            T2 = _fabric.Start(t2, Configuration(t2, Server2, second, core: 0, priority: 100, own: "192.168.7.2", own6: "fe80::2"));
            B = _fabric.Start(b, $"""
                roles: [agent, forwarder]
                {_fabric.Forwarder(b, 0, ("gb", "local"), ("vm", "local"), ("access", "access"))}
                {_fabric.Signaling(b, Hosts(ServerB, k.Gateway, SystemK, MacK))}
                """);
            _ = _fabric.Start(k, $"""
                roles: [agent]
                {_fabric.SignalingBesides(k, $"external-forwarders: [{{ name: {ServerB}, host: {k.Gateway} }}]")}
                state-directory: {_fabric.StateOf("k")}
                """);
            Host = _fabric.Start(_h, $$"""
                roles: [agent]
                logging: { level: debug }
                {{_fabric.SignalingBesides(_h, $"external-forwarders: [{{ name: {Server1}, host: {_h.Gateway} }}, {{ name: {Server2}, host: {second} }}]")}}
                agent: { first-vlan: 317, last-vlan: 400 }
                state-directory: {{_fabric.StateOf("h")}}
                """);
        }
        catch
        {
            _fabric.Dispose();
            throw;
        }
    }

    public ForwarderProcess Gateway { get; }

    /// <summary>The preferred external forwarder; another process after <see cref="StartT1"/>.</summary>
    public ForwarderProcess T1 { get; private set; } = null!;

    public ForwarderProcess T2 { get; }

    public ForwarderProcess B { get; }

    /// <summary>The agent of the host on the LAN; its log says what it sends to whom.</summary>
    public ForwarderProcess Host { get; }

    /// <summary>The bridge, with ports t1, t2 and host.</summary>
    public NetworkNamespace Lan { get; }

    public Guest Tagged { get; }

    public Guest GuestB { get; }

    /// <summary>The namespace of the workload that moves: at-b is its link to the forwarder beyond, at-lan the one behind the two, at-single the one behind the single one.</summary>
    public NetworkNamespace Vm { get; }

    public string ScratchDirectory => _fabric.Bed.ScratchDirectory;

    public string Logs => _fabric.Logs;

    /// <summary>Starts the preferred forwarder, again after it ended.</summary>
    public void StartT1() => T1 = _fabric.Start(_t1, Configuration(_t1, Server1, _h.Gateway, core: 1, priority: 200, own: "192.168.7.1", own6: "fe80::a"));

    /// <summary>Has the workload that moves go on at one of its links.</summary>
    public void SwitchVm(string link)
    {
        foreach (string other in new[] { "at-b", "at-lan", "at-single" })
        {
            if (other != link)
                Vm.Require("ip", "link", "set", other, "down");
        }

        Vm.Require("ip", "link", "set", link, "up");
        Vm.Require("ip", "route", "replace", "default", "via", "169.254.0.1", "dev", link, "onlink", "src", VmAddress);
    }

    public JsonElement Agent(string host, params string[] arguments) => _fabric.Agent(host, arguments);

    public JsonElement[] Elections(string forwarder) => [.. _fabric.Show(forwarder, "vrrp").GetProperty("elections").EnumerateArray()];

    /// <summary>The states of a forwarder's elections, IPv4 first: "master master".</summary>
    public string StatesOf(string forwarder) => string.Join(' ', Elections(forwarder).Select(static election => election.GetProperty("state").GetString()));

    public string[] Routes(string host) => _fabric.Routes(host);

    public void Dispose() => _fabric.Dispose();

    private static void Tag(NetworkNamespace space, params string[] ports) =>
        space.Require([Path.Combine(Testbed.Repository, "scripts", "demo", "vlan_switch.py"), "--trunk", "trunk", .. ports]);

    // Behind an external forwarder a workload's frames have the MAC of its host's card, which is another one at each place.
    private void PrepareVm()
    {
        Vm.Require("ip", "addr", "add", VmAddress + "/32", "dev", "lo");
        foreach ((string link, string mac) in new[] { ("at-b", "02:00:00:00:00:50"), ("at-lan", Tagged.MacAddress), ("at-single", MacK) })
        {
            Vm.Require("ip", "link", "set", link, "down");
            Vm.Require("ip", "link", "set", link, "address", mac);
        }
    }

    private static string Hosts(string server, string listen, string system, string mac) => $$"""
        hosts:
          name: {{server}}
          domains: [{{SignaledFabric.Domain}}]
          listen: ["{{listen}}:5222"]
          members: [{ system-id: {{system}}, port: access, mac: "{{mac}}", vpns: [red], prefixes: [10.1.0.0/24, "fd00:10:1::/64"] }]
        """;

    private string Configuration(SignaledHost host, string server, string listen, int core, int priority, string own, string own6)
    {
        string election = $$"""vrrp: { priority: {{priority}}, interval: 30, preempt-delay: 5, address: {{own}}, address6: "{{own6}}" }""";
        return $"""
            roles: [forwarder]
            {_fabric.Forwarder(host, core, ("access", $"access, {election}"))}
            {_fabric.Signaling(host, Hosts(server, listen, SystemH, Tagged.MacAddress))}
            """;
    }
}
