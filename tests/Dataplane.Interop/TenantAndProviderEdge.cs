using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop;

/// <summary>
/// Tenants' hosts behind our forwarder, one real Linux PE, one underlay link between the two, recorded. The PE's VPN is
/// reached by three VPNs of ours: in GRE over IPv4, in GRE over IPv6, and in MPLS-in-IP.
/// </summary>
public sealed class TenantAndProviderEdge : IDisposable
{
    public const string Forwarder4 = "192.0.2.1";
    public const string Forwarder6 = "2001:db8:f::1";
    public const int Label4 = 500;
    public const int Label6 = 501;
    public const int LabelInIp = 502;

    private static readonly string Configuration = $$"""
        roles: [forwarder]
        eal: { memory-mib: 128, huge-pages: never, main-core: 0 }
        workers: { cores: [1], idle: { policy: sleep } }
        ports:
          - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: [{{Forwarder4}}/24, "{{Forwarder6}}/64"] }
          - { name: packet, role: local, device: "net_af_packet1,iface=tenant" }
          - { name: tap, role: local, device: "net_tap0,iface=tenant6" }
          - { name: packet2, role: local, device: "net_af_packet2,iface=tenant-in-ip" }
        infrastructure: { address: {{Forwarder4}}, address6: "{{Forwarder6}}" }
        tunnels:
          - { remote: {{LinuxProviderEdge.UnderlayInIp}}, encapsulation: mpls-in-ip }
        vrfs:
          - name: red
            router-addresses: [192.168.1.254, "fd00:1::ffff"]
            routes:
              - { prefix: 192.168.2.0/24, next-hop: {{LinuxProviderEdge.Underlay4}}, label: {{LinuxProviderEdge.Label}} }
              - { prefix: "fd00:2::/64", next-hop: {{LinuxProviderEdge.Underlay4}}, label: {{LinuxProviderEdge.Label}} }
          - name: red-over-ipv6
            routes:
              - { prefix: 192.168.2.0/24, next-hop: "{{LinuxProviderEdge.Underlay6}}", label: {{LinuxProviderEdge.Label}} }
              - { prefix: "fd00:2::/64", next-hop: "{{LinuxProviderEdge.Underlay6}}", label: {{LinuxProviderEdge.Label}} }
          - name: red-in-ip
            routes:
              - { prefix: 192.168.2.0/24, next-hop: {{LinuxProviderEdge.UnderlayInIp}}, label: {{LinuxProviderEdge.Label}} }
              - { prefix: "fd00:2::/64", next-hop: {{LinuxProviderEdge.UnderlayInIp}}, label: {{LinuxProviderEdge.Label}} }
        interfaces:
          - { name: tenant, port: packet, vrf: red, label: {{Label4}}, addresses: [192.168.1.1/32, "fd00:1::1/128"] }
          - { name: tenant6, port: tap, vrf: red-over-ipv6, label: {{Label6}}, addresses: [192.168.3.1/32, "fd00:3::1/128"] }
          - { name: tenant-in-ip, port: packet2, vrf: red-in-ip, label: {{LabelInIp}}, addresses: [192.168.4.1/32, "fd00:4::1/128"] }
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """;

    // ip6gre would put a destination option in front of GRE unless told not to.
    private const string Routing = $"""
        ip link add gre4 type gre local {LinuxProviderEdge.Underlay4} remote {Forwarder4} ttl 64; ip link set gre4 up
        ip link add gre6 type ip6gre local {LinuxProviderEdge.Underlay6} remote {Forwarder6} encaplimit none; ip link set gre6 up
        ip link add inip type ipip mode mplsip local {LinuxProviderEdge.UnderlayInIp} remote {Forwarder4} ttl 64; ip link set inip up
        sysctl -qw net.mpls.conf.gre4.input=1 net.mpls.conf.gre6.input=1 net.mpls.conf.inip.input=1
        ip route add vrf vrf-red 192.168.1.1/32 encap mpls 500 dev gre4
        ip -6 route add vrf vrf-red fd00:1::1/128 encap mpls 500 dev gre4
        ip route add vrf vrf-red 192.168.3.1/32 encap mpls 501 dev gre6
        ip -6 route add vrf vrf-red fd00:3::1/128 encap mpls 501 dev gre6
        ip route add vrf vrf-red 192.168.4.1/32 encap mpls 502 dev inip
        ip -6 route add vrf vrf-red fd00:4::1/128 encap mpls 502 dev inip
        """;

    private readonly Testbed _bed = new();

    public TenantAndProviderEdge()
    {
        try
        {
            NetworkNamespace forwarder = _bed.AddNamespace("f", silent: true);
            NetworkNamespace edge = _bed.AddNamespace("pe", silent: true);
            Tenant = new Guest(_bed.AddNamespace("t"), "192.168.1.1/24", "fd00:1::1/64", "192.168.1.254");
            Tenant6 = new Guest(_bed.AddNamespace("t6"), "192.168.3.1/32", "fd00:3::1/128");
            TenantInIp = new Guest(_bed.AddNamespace("t-ip"), "192.168.4.1/32", "fd00:4::1/128");
            Testbed.Link(forwarder, "core", edge, "pe0");
            Testbed.Link(forwarder, "tenant", Tenant.Space, "eth0");
            Tenant.Configure();
            Testbed.Link(forwarder, "tenant-in-ip", TenantInIp.Space, "eth0");
            TenantInIp.Configure();
            Capture = _bed.Keep(new UnderlayCapture(edge, "pe0", Path.Combine(_bed.ScratchDirectory, "underlay.pcap")));
            ProviderEdge = _bed.Keep(new LinuxProviderEdge(_bed, edge, "pe0", Routing));
            Forwarder = _bed.Keep(new ForwarderProcess(_bed, forwarder, "forwarder", Configuration));
            Tenant6.TakeTap(forwarder, "tenant6");
        }
        catch
        {
            _bed.Dispose();
            throw;
        }
    }

    public ForwarderProcess Forwarder { get; }

    public LinuxProviderEdge ProviderEdge { get; }

    public UnderlayCapture Capture { get; }

    /// <summary>In the VPN that crosses the underlay in GRE over IPv4.</summary>
    public Guest Tenant { get; }

    /// <summary>In the VPN that crosses the underlay in GRE over IPv6.</summary>
    public Guest Tenant6 { get; }

    /// <summary>In the VPN that crosses the underlay in plain MPLS-in-IP.</summary>
    public Guest TenantInIp { get; }

    public void Dispose() => _bed.Dispose();
}
