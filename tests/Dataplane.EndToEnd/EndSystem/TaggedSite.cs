using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// An external forwarder with a host behind it that cannot forward itself, only tag: an agent without a forwarder runs there. Beyond the underlay, a host
/// with a forwarder and an agent. The underlay is IPv6 alone, and packets cross it in UDP with a label. A gateway above both forwarders; nothing of VPNs is
/// typed at either, and all sessions are mutual TLS.
/// </summary>
public sealed class TaggedSite : IDisposable
{
    public const string ForwarderT = "2001:db8:17::17";
    public const string ForwarderB = "2001:db8:22::22";
    public const string SystemH = "02aa10c0ffee";
    private const string Encapsulation = "encapsulation: { default: mpls-in-udp }";
    private const string ServerName = "tor7.dc1.example.net";
    private readonly SignaledFabric _fabric = new();
    private readonly NetworkNamespace _switch;

    public TaggedSite()
    {
        try
        {
            SignaledHost t = _fabric.AddHost("t", ForwarderT, "02aa10c00017", ServerName);
            SignaledHost b = _fabric.AddHost("b", ForwarderB, "02aa10c0000b");
            SignaledHost h = _fabric.AddTaggedHost("h", SystemH, t);
            _switch = _fabric.Bed.AddNamespace("switch", silent: true);
            Testbed.Link(t.Space, "access", _switch, "trunk");
            Tagged = _fabric.AddGuest("gh", "10.1.0.11/24", "fd00:10:1::11/64", _switch, "gh");
            GuestB = _fabric.AddGuest("gb", "10.1.0.22/24", "fd00:10:1::22/64", b.Space, "gb");

            Underlay = _fabric.Bed.Keep(new UnderlayCapture(_fabric.Router, "to-t", Path.Combine(_fabric.Bed.ScratchDirectory, "underlay.pcap")));
            Gateway = _fabric.StartGateway("""
                vrfs: [{ name: red, import-targets: ["65000:1"], export-targets: ["65000:1"] }]
                end-systems:
                  - { name: 02aa10c00017, host-id: 10.255.0.17, vpns: [{ vpn: red, prefixes: [10.1.0.0/16] }] }
                  - { name: 02aa10c0000b, host-id: 10.255.0.22, vpns: [{ vpn: red, prefixes: [10.1.0.0/16] }] }
                """, xmpp: "  settle-time: 3");
            T = _fabric.Start(t, $$"""
                roles: [forwarder]
                {{_fabric.Forwarder(t, 1, ("access", "access"))}}
                {{Encapsulation}}
                {{_fabric.Signaling(t, $$"""
                hosts:
                  name: {{ServerName}}
                  domains: [{{SignaledFabric.Domain}}]
                  listen: ["{{h.Gateway}}:5222"]
                  stale-time: 5
                  members: [{ system-id: {{SystemH}}, port: access, mac: "{{Tagged.MacAddress}}", vpns: [red], prefixes: [10.1.0.0/24] }]
                """)}}
                """);
            B = _fabric.Start(b, $"""
                roles: [agent, forwarder]
                {_fabric.Forwarder(b, 0, ("gb", "local"))}
                {Encapsulation}
                {_fabric.Signaling(b)}
                """);
            Host = _fabric.Start(h, $$"""
                roles: [agent]
                {{_fabric.SignalingBesides(h, $"external-forwarders: [{{ name: {ServerName}, host: {h.Gateway} }}]")}}
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

    /// <summary>The external forwarder.</summary>
    public ForwarderProcess T { get; }

    public ForwarderProcess B { get; }

    /// <summary>The agent of the host behind the external forwarder.</summary>
    public ForwarderProcess Host { get; }

    public Guest Tagged { get; }

    public Guest GuestB { get; }

    /// <summary>What passes between the router and the external forwarder.</summary>
    public UnderlayCapture Underlay { get; }

    public string Logs => _fabric.Logs;

    /// <summary>Has the switch between host and forwarder give the workload's frames a VLAN.</summary>
    public void Tag(int vlan) => _switch.Require(Path.Combine(Testbed.Repository, "scripts", "demo", "vlan_switch.py"), "--trunk", "trunk", $"gh={vlan}");

    public JsonElement Agent(string host, params string[] arguments) => _fabric.Agent(host, arguments);

    public string[] Routes(string host) => _fabric.Routes(host);

    public void Dispose() => _fabric.Dispose();
}
