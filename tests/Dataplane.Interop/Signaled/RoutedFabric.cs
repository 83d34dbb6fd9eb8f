using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Signaled;

/// <summary>
/// A fabric with a stranger in it: a Linux PE with FRR speaks BGP with our gateway, which serves the host a (forwarder and agent), and with our whole PE w
/// (forwarder, gateway and agent in one process, and the external forwarder of the host h, where slixmpp runs). All XMPP is mutual TLS; BGP and
/// packets cross a kernel router.
/// </summary>
public sealed class RoutedFabric : IDisposable
{
    public const string ForwarderA = "198.51.100.11";
    public const string ForwarderW = "203.0.113.17";

    /// <summary>The infrastructure address of x, an end-system of w's own gateway; nothing is there.</summary>
    public const string AddressX = "203.0.113.90";
    public const string ServerName = "tor7.dc1.example.net";
    private const string JidX = $"02aa10c000aa@{SignaledFabric.Domain}";
    private const int PortX = 5224;
    private readonly SignaledHost _a;
    private readonly SignaledHost _w;
    private readonly SignaledHost _h;

    public RoutedFabric()
    {
        try
        {
            _a = Fabric.AddHost("a", ForwarderA, "02aa10c0000a");
            _w = Fabric.AddHost("w", ForwarderW, "02aa10c00017", ServerName);
            _h = Fabric.AddTaggedHost("h", "02aa10c0ffee", _w);
            Fabric.Certificates.AddEndSystem("x", JidX, AddressX);
            SignaledHost edge = Fabric.AddHost("pe", FrrProviderEdge.Address, "02aa10c000ff");
            Fabric.ConnectGateway("198.18.9.9");
            GuestA = Fabric.AddGuest("ga", "10.1.0.11/24", "fd00:10:1::11/64", _a.Space, "ga");
            GuestW = Fabric.AddGuest("gw1", "10.1.0.22/24", "fd00:10:1::22/64", _w.Space, "gw1");
            NetworkNamespace tagging = Fabric.Bed.AddNamespace("switch", silent: true);
            Testbed.Link(_w.Space, "access", tagging, "trunk");
            GuestH = Fabric.AddGuest("gh", "10.1.0.33/24", "fd00:10:1::33/64", tagging, "gh");
            tagging.Require(Path.Combine(Testbed.Repository, "scripts", "demo", "vlan_switch.py"), "--trunk", "trunk", "gh=317");

            Management = Fabric.Bed.Keep(new UnderlayCapture(Fabric.GatewaySpace, "any", Path.Combine(Fabric.Bed.ScratchDirectory, "gateway.pcap")));
            Underlay = Fabric.Bed.Keep(new UnderlayCapture(Fabric.Router, "to-pe", Path.Combine(Fabric.Bed.ScratchDirectory, "underlay.pcap")));
            Edge = Fabric.Bed.Keep(new FrrProviderEdge(Fabric, edge, [SignaledFabric.GatewayAddress, _w.Management], [ForwarderA, ForwarderW]));
            StartGateway();
            StartA();
            StartW();
        }
        catch
        {
            Fabric.Dispose();
            throw;
        }
    }

    public SignaledFabric Fabric { get; } = new();

    public Guest GuestA { get; }

    /// <summary>A workload on the whole PE itself.</summary>
    public Guest GuestW { get; }

    /// <summary>A workload behind the whole PE, on a host that tags.</summary>
    public Guest GuestH { get; }

    public ForwarderProcess Gateway { get; private set; } = null!;

    public ForwarderProcess A { get; private set; } = null!;

    public ForwarderProcess W { get; private set; } = null!;

    /// <summary>Everything that passes the gateway's machine.</summary>
    public UnderlayCapture Management { get; }

    /// <summary>Everything on the link to the stranger.</summary>
    public UnderlayCapture Underlay { get; }

    internal FrrProviderEdge Edge { get; }

    /// <summary>The address of w that the gateway's BGP session is with.</summary>
    public string ManagementOfW => _w.Management;

    public string Logs => $"{Fabric.Logs}\n--- pe\n{Edge.Account()}\n--- drops at a\n{Drops(A)}\n--- drops at w\n{Drops(W)}\n{(W.HasExited ? "" : Fabric.Show("w", "vrf", "red"))}";

    /// <summary>Starts the gateway, again after it was killed. What lost end-systems published it keeps for a minute, as it does by default.</summary>
    public void StartGateway() => Gateway = Fabric.StartGateway($$"""
        logging: { level: debug }
        vrfs: [{ name: red, import-targets: ["65000:1"], export-targets: ["65000:1"], member: on-demand }]
        end-systems: [{ name: "02aa10c0000*", vpns: [{ vpn: red, prefixes: [10.1.0.0/16] }] }]
        """,
        bgp: $$"""
          graceful-restart: { restart-time: 120, session-deferral: 5 }
          peers:
            - { address: {{FrrProviderEdge.Address}}, local-address: {{SignaledFabric.GatewayAddress}}, as: 65000, authentication: none, connect-retry: 1, graceful-restart: full, families: [vpn-ipv4] }
            - { address: {{_w.Management}}, local-address: {{_w.Gateway}}, as: 65000, authentication: none, connect-retry: 1, graceful-restart: full, families: [vpn-ipv4] }
        """,
        xmpp: "  stale-time: 60\n  settle-time: 20");

    public void StartA() => A = Fabric.Start(_a, $$"""
        roles: [agent, forwarder]
        logging: { level: debug }
        {{Fabric.Forwarder(_a, 1, ("ga", "local"))}}
        {{Fabric.Signaling(_a)}}
        """);

    public void StartW() => W = Fabric.Start(_w, $$"""
        roles: [agent, forwarder, gateway]
        logging: { level: debug }
        {{Fabric.Forwarder(_w, 0, ("access", "access"), ("gw1", "local"))}}
        bgp:
          as: 65000
          router-id: {{ForwarderW}}
          listen: [{ address: {{_w.Management}} }]
          peers:
            - { address: {{FrrProviderEdge.Address}}, local-address: {{_w.Management}}, as: 65000, authentication: none, connect-retry: 1, families: [vpn-ipv4] }
            - { address: {{_w.Gateway}}, local-address: {{_w.Management}}, as: 65000, authentication: none, connect-retry: 1, families: [vpn-ipv4] }
        vrfs: [{ name: red, import-targets: ["65000:1"], export-targets: ["65000:1"] }]
        xmpp:
          name: {{ServerName}}
          domains: [{{SignaledFabric.Domain}}]
          listen: [{ address: {{_h.Gateway}}, port: {{PortX}} }]
          certificate: {{Fabric.Certificates.CertificateOf("w")}}
          key: {{Fabric.Certificates.KeyOf("w")}}
          authorities: {{Fabric.Certificates.Authority}}
          stale-time: 3
        end-systems: [{ name: 02aa10c000aa, vpns: [{ vpn: red, prefixes: [10.1.0.0/16] }] }]
        {{Fabric.SignalingBesides(_w, $$"""
        hosts:
          name: {{ServerName}}
          domains: [{{SignaledFabric.Domain}}]
          listen: ["{{_h.Gateway}}:5222"]
          stale-time: 5
          members: [{ system-id: {{_h.SystemId}}, port: access, mac: "{{GuestH.MacAddress}}", vpns: [red], prefixes: [10.1.0.0/24] }]
        """)}}
        """);

    /// <summary>The host h, a stranger's XMPP client.</summary>
    internal Xmpp.SlixmppEndSystem ConnectH() => Fabric.Bed.Keep(
        new Xmpp.SlixmppEndSystem(_h.Space, Fabric.Certificates, _h.Gateway, 5222, _h.Jid, _h.Name, ServerName)).UntilStarted();

    /// <summary>An end-system of w's own gateway, a stranger's XMPP client.</summary>
    internal Xmpp.SlixmppEndSystem ConnectX() => Fabric.Bed.Keep(
        new Xmpp.SlixmppEndSystem(_h.Space, Fabric.Certificates, _h.Gateway, PortX, JidX, "x", ServerName)).UntilStarted();

    private static string Drops(ForwarderProcess forwarder) => forwarder.HasExited ? "it has ended" : string.Join('\n', forwarder.Get("/metrics").Split('\n')
        .Where(static line => line.StartsWith("dataplane_dropped", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal)));

    public void Dispose() => Fabric.Dispose();
}
