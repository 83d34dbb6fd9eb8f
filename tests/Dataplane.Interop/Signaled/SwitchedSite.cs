using Dataplane.EndToEnd.EndSystem;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Xmpp;

namespace Dataplane.Interop.Signaled;

/// <summary>
/// An external forwarder t and three hosts that only tag, with an unmodified switch between them: a kernel bridge whose ports towards hosts are isolated
/// from each other. On two of the hosts runs slixmpp, one for each draft; both use VLAN 317, in different VPNs. On the third is our agent, for many
/// interfaces. Beyond an underlay of IPv6 alone, b with a forwarder and an agent. All sessions are mutual TLS; that of t with the gateway is listened to.
/// </summary>
public sealed class SwitchedSite : IDisposable
{
    public const string ForwarderT = "2001:db8:17::17";
    public const string ForwarderB = "2001:db8:22::22";
    public const string ServerName = "tor7.dc1.example.net";

    /// <summary>The system-ids of the hosts: the MACs of their cards.</summary>
    public const string System1 = "02aa10c0ff01";
    public const string System2 = "02aa10c0ff02";
    public const string System3 = "02aa10c0ff03";
    private const int TapPort = 5270;

    public SwitchedSite()
    {
        try
        {
            SignaledHost t = Fabric.AddHost("t", ForwarderT, "02aa10c00017", ServerName);
            SignaledHost b = Fabric.AddHost("b", ForwarderB, "02aa10c0000b");
            T = t.Space;
            Switch = Fabric.Bed.AddNamespace("lan", silent: true);
            Switch.Require("ip", "link", "add", "br0", "type", "bridge");
            Switch.Require("ip", "link", "set", "br0", "up");
            Testbed.Link(Switch, "tor", T, "access");
            Switch.Require("ip", "link", "set", "tor", "master", "br0");
            SignaledHost h1 = AddTaggingHost("h1", System1, t);
            SignaledHost h2 = AddTaggingHost("h2", System2, t);
            SignaledHost h3 = AddTaggingHost("h3", System3, t);
            (Host1, Host2, Host3) = (h1.Space, h2.Space, h3.Space);
            Red1 = AddTagged(Host1, "red1", "10.1.0.31");
            Blue1 = AddTagged(Host1, "blue1", "10.1.0.32");
            Blue2 = AddTagged(Host2, "blue2", "10.1.0.31");
            Tag(Host1, "red1=317", "blue1=318");
            Tag(Host2, "blue2=317");
            RedB = Fabric.AddGuest("red-b", "10.1.0.22/24", "fd00:10:1::22/64", b.Space, "red-b");
            RedC = Fabric.AddGuest("red-c", "10.1.0.23/24", "fd00:10:1::23/64", b.Space, "red-c");
            BlueB = Fabric.AddGuest("blue-b", "10.1.0.22/24", "fd00:10:1::22/64", b.Space, "blue-b");
            Testbed.Link(b.Space, "late", LateSpace = Fabric.Bed.AddNamespace("late"), "eth0");
            LateSpace.Require("ip", "link", "set", "eth0", "down");

            Underlay = Fabric.Bed.Keep(new UnderlayCapture(Fabric.Router, "to-t", Path.Combine(Fabric.Bed.ScratchDirectory, "underlay.pcap")));
            _ = Fabric.StartGateway("""
                vrfs:
                  - { name: red, import-targets: ["65000:1"], export-targets: ["65000:1"] }
                  - { name: blue, import-targets: ["65000:2"], export-targets: ["65000:2"] }
                  - { name: green, import-targets: ["65000:3"], export-targets: ["65000:3"] }
                end-systems:
                  - { name: 02aa10c00017, host-id: 10.255.0.17, vpns: [{ vpn: red, prefixes: [10.1.0.0/16] }, { vpn: blue, prefixes: [10.1.0.0/16] }] }
                  - { name: 02aa10c0000b, host-id: 10.255.0.11, vpns: [{ vpn: red, prefixes: [10.1.0.0/16] }, { vpn: blue, prefixes: [10.1.0.0/16] }, { vpn: green, prefixes: [10.1.0.0/16] }] }
                """);
            Tap = Fabric.Bed.Keep(new StanzaTap(Fabric, "t", TapPort));
            Tor = Fabric.Start(t, $$"""
                roles: [forwarder]
                {{Fabric.Forwarder(t, 1, ("access", "access"))}}
                {{Fabric.SignalingBesides(t, $$"""
                gateways: [{ name: {{SignaledFabric.GatewayName}}, host: {{t.Gateway}}, port: {{TapPort}}, direct-tls: true }]
                hosts:
                  name: {{ServerName}}
                  domains: [{{SignaledFabric.Domain}}]
                  listen: ["0.0.0.0:5222"]
                  members:
                    - { system-id: {{System1}}, port: access, vpns: [red, blue], prefixes: [10.1.0.0/24] }
                    - { system-id: {{System2}}, port: access, vpns: [blue], prefixes: [10.1.0.0/24] }
                    - { system-id: {{System3}}, port: access, vpns: [red], prefixes: [10.1.4.0/22] }
                """)}}
                """);
            B = Fabric.Start(b, $$"""
                roles: [agent, forwarder]
                logging: { level: debug }
                {{Fabric.Forwarder(b, 0, ("red-b", "local"), ("red-c", "local"), ("blue-b", "local"), ("late", "local"))}}
                {{Fabric.Signaling(b)}}
                """);
            _ = Fabric.Start(h3, $$"""
                roles: [agent]
                {{Fabric.SignalingBesides(h3, $"external-forwarders: [{{ name: {ServerName}, host: {h3.Gateway} }}]")}}
                agent: { first-vlan: 317 }
                state-directory: {{Fabric.StateOf("h3")}}
                """);
            AgentB = Fabric.Bed.Keep(new AgentClient(Fabric.SocketOf("b")));
            Agent3 = Fabric.Bed.Keep(new AgentClient(Fabric.SocketOf("h3")));
            Client1 = Connect(h1);
            Client2 = Connect(h2);
            Attach();
        }
        catch
        {
            Fabric.Dispose();
            throw;
        }
    }

    public SignaledFabric Fabric { get; } = new();

    /// <summary>The external forwarder.</summary>
    public ForwarderProcess Tor { get; }

    public ForwarderProcess B { get; }

    /// <summary>The agent of b.</summary>
    public AgentClient AgentB { get; }

    /// <summary>The agent of the third host.</summary>
    public AgentClient Agent3 { get; }

    /// <summary>Between hosts and forwarder: its ports are tor, h1, h2 and h3.</summary>
    public NetworkNamespace Switch { get; }

    /// <summary>The external forwarder's namespace: its interface towards hosts is called access.</summary>
    public NetworkNamespace T { get; }

    /// <summary>The first host; its card is called nic, and so are the others'.</summary>
    public NetworkNamespace Host1 { get; }

    public NetworkNamespace Host2 { get; }

    public NetworkNamespace Host3 { get; }

    /// <summary>On the first host, VLAN 317.</summary>
    public Guest Red1 { get; }

    /// <summary>On the first host, VLAN 318.</summary>
    public Guest Blue1 { get; }

    /// <summary>On the second host, VLAN 317, with the address of <see cref="Red1"/>.</summary>
    public Guest Blue2 { get; }

    /// <summary>At b; both VPNs have somebody with this address.</summary>
    public Guest RedB { get; }

    public Guest RedC { get; }

    public Guest BlueB { get; }

    /// <summary>A workload at b that does not run yet: its interface is down and without addresses.</summary>
    public NetworkNamespace LateSpace { get; }

    /// <summary>What passes between the router and t.</summary>
    public UnderlayCapture Underlay { get; }

    /// <summary>What t says to the gateway.</summary>
    public StanzaTap Tap { get; }

    /// <summary>slixmpp on the first host, which speaks as the later draft has it.</summary>
    internal SlixmppEndSystem Client1 { get; }

    /// <summary>slixmpp on the second host, which speaks as the older draft has it.</summary>
    internal SlixmppEndSystem Client2 { get; }

    public string Logs => Fabric.Logs;

    /// <summary>The MAC of a host's card.</summary>
    public static string MacOf(string system) => string.Join(':', Enumerable.Range(0, 6).Select(at => system.Substring(2 * at, 2)));

    /// <summary>What the switch has learnt, in order: "02:aa:10:c0:ff:01 h1".</summary>
    public string[] Learnt() =>
    [
        .. Switch.Require("bridge", "fdb", "show", "br", "br0").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => !line.Contains("permanent", StringComparison.Ordinal))
            .Select(static line => line.Split(' ')).Select(static words => $"{words[0]} {words[2]}").Order(StringComparer.Ordinal),
    ];

    public void Until(string what, Func<bool> condition)
    {
        try
        {
            Wait.Until(what, condition, TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{Logs}");
        }
    }

    public void Dispose() => Fabric.Dispose();

    private static void Tag(NetworkNamespace host, params string[] ports) =>
        host.Require([Path.Combine(Testbed.Repository, "scripts", "demo", "vlan_switch.py"), "--trunk", "nic", "--own-mac", .. ports]);

    private SignaledHost AddTaggingHost(string name, string system, SignaledHost forwarder)
    {
        SignaledHost host = Fabric.AddTaggedHost(name, system, forwarder);
        Testbed.Link(Switch, name, host.Space, "nic");
        host.Space.Require("ip", "link", "set", "nic", "address", MacOf(system));
        Switch.Require("ip", "link", "set", name, "master", "br0");
        Switch.Require("bridge", "link", "set", "dev", name, "isolated", "on");
        return host;
    }

    // What leaves a host has the MAC of its card, whichever interface it is from.
    private Guest AddTagged(NetworkNamespace host, string name, string address)
    {
        var guest = new Guest(Fabric.Bed.AddNamespace(name), address + "/24", "fd00:10:1::31/64");
        Testbed.Link(host, name, guest.Space, "eth0");
        guest.Space.Require("ip", "link", "set", "eth0", "address", host.Require("cat", "/sys/class/net/nic/address").Trim());
        guest.Configure();
        return guest;
    }

    private SlixmppEndSystem Connect(SignaledHost host) => Fabric.Bed.Keep(
        new SlixmppEndSystem(host.Space, Fabric.Certificates, host.Gateway, 5222, host.Jid, host.Name, ServerName, tellsStanzas: true)).UntilStarted();

    private void Attach()
    {
        Done(Client1.Ask("subscribe", ("vpn", "red"), ("vlan", 317)));
        Done(Client1.Ask("subscribe", ("vpn", "blue"), ("vlan", 318)));
        Done(Client2.Ask("subscribe", ("vpn", "blue"), ("vlan", 317)));
        Done(Client1.Publish06("red", "10.1.0.31/32", "192.0.2.99", 16, 4));
        Done(Client1.Publish06("blue", "10.1.0.32/32", "192.0.2.99", 16, 4));
        Done(Client2.Publish("blue", "10.1.0.31/32", "192.0.2.99", 16, 4));
        foreach ((Guest guest, string vpn, string port) in new[] { (RedB, "red", "red-b"), (RedC, "red", "red-c"), (BlueB, "blue", "blue-b") })
            _ = AgentB.Attach(port, new { vpn, port, mac = guest.MacAddress, addresses = new[] { guest.Address4 } });
        Until("routes at b", () => AgentB.Routes("red").Contains($"10.1.0.31/32 {ForwarderT}")
            && new[] { $"10.1.0.31/32 {ForwarderT}", $"10.1.0.32/32 {ForwarderT}" }.All(AgentB.Routes("blue").Contains));
        Until("routes at t", () => new[] { "red", "blue" }.All(vpn => Fabric.Routes("t", vpn).Contains($"10.1.0.22/32 {ForwarderB}")));
    }

    private static void Done(string? condition)
    {
        if (condition is not null)
            throw new InvalidOperationException($"refused: {condition}");
    }
}
