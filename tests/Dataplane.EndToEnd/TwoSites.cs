using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>
/// Two forwarders on different underlay subnets with a kernel router between them. Site A is a ToR box whose hosts come
/// through VLANs on a packet-socket port; site B serves its hosts locally, by taps and by packet sockets. The VPNs red and
/// blue use the same addresses; red crosses the IPv4 underlay, blue the IPv6 one. The underlay's MTU is 1500.
/// </summary>
public sealed class TwoSites : IDisposable
{
    public const string ForwarderA4 = "198.51.100.11";
    public const string ForwarderA6 = "2001:db8:1::11";
    public const string ForwarderB4 = "203.0.113.22";
    public const string ForwarderB6 = "2001:db8:2::22";
    public const string RouterB4 = "203.0.113.1";
    public const string RouterA6 = "2001:db8:1::1";

    public const string ConfigurationA = $$"""
        roles: [forwarder]
        eal: { memory-mib: 128, huge-pages: never, main-core: 0 }
        workers: { cores: [1], idle: { policy: sleep } }
        ports:
          - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: [{{ForwarderA4}}/24, "{{ForwarderA6}}/64"] }
          - { name: access, role: access, device: "net_af_packet1,iface=access" }
        underlay:
          routes:
            - { prefix: 0.0.0.0/0, via: 198.51.100.1 }
            - { prefix: "::/0", via: "{{RouterA6}}" }
        infrastructure: { address: {{ForwarderA4}}, address6: "{{ForwarderA6}}" }
        vrfs:
          - name: red
            router-addresses: [10.1.0.1, "fd00:10:1::1"]
            routes:
              - { prefix: 10.1.0.11/32, next-hop: {{ForwarderA4}}, label: 500 }
              - { prefix: 10.1.0.12/32, next-hop: {{ForwarderA4}}, label: 502 }
              - { prefix: "fd00:10:1::12/128", next-hop: {{ForwarderA4}}, label: 502 }
              - { prefix: 10.1.0.22/32, next-hop: {{ForwarderB4}}, label: 600 }
              - { prefix: "fd00:10:1::22/128", next-hop: {{ForwarderB4}}, label: 600 }
              - { prefix: 10.2.0.33/32, next-hop: {{ForwarderB4}}, label: 602 }
              - { prefix: "fd00:10:2::33/128", next-hop: {{ForwarderB4}}, label: 602 }
          - name: blue
            routes:
              - { prefix: 10.1.0.22/32, next-hop: "{{ForwarderB6}}", label: 601 }
              - { prefix: "fd00:10:1::22/128", next-hop: "{{ForwarderB6}}", label: 601 }
        interfaces:
          - { name: red-a, port: access, vlan: 317, vrf: red, label: 500, addresses: [10.1.0.11/32, "fd00:10:1::11/128"] }
          - { name: blue-a, port: access, vlan: 318, vrf: blue, label: 501, addresses: [10.1.0.11/32, "fd00:10:1::11/128"] }
          - { name: red-a2, port: access, vlan: 319, vrf: red, label: 502, addresses: [10.1.0.12/32, "fd00:10:1::12/128"] }
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """;

    public const string ConfigurationB = $$"""
        roles: [forwarder]
        eal: { memory-mib: 128, huge-pages: never, main-core: 1 }
        workers: { cores: [0], idle: { policy: sleep } }
        ports:
          - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: [{{ForwarderB4}}/24, "{{ForwarderB6}}/64"] }
          - { name: tap-red, role: local, device: "net_tap0,iface=red-b" }
          - { name: tap-blue, role: local, device: "net_tap1,iface=blue-b" }
          - { name: packet-red, role: local, device: "net_af_packet1,iface=red-b2" }
        underlay:
          routes:
            - { prefix: 0.0.0.0/0, via: {{RouterB4}} }
            - { prefix: "::/0", via: "2001:db8:2::1" }
        infrastructure: { address: {{ForwarderB4}}, address6: "{{ForwarderB6}}" }
        vrfs:
          - name: red
            router-addresses: [10.1.0.1, "fd00:10:1::1"]
            routes:
              - { prefix: 10.1.0.11/32, next-hop: {{ForwarderA4}}, label: 500 }
              - { prefix: "fd00:10:1::11/128", next-hop: {{ForwarderA4}}, label: 500 }
              - { prefix: 10.1.0.22/32, next-hop: {{ForwarderB4}}, label: 600 }
              - { prefix: "fd00:10:1::22/128", next-hop: {{ForwarderB4}}, label: 600 }
              - { prefix: 10.2.0.33/32, next-hop: {{ForwarderB4}}, label: 602 }
              - { prefix: "fd00:10:2::33/128", next-hop: {{ForwarderB4}}, label: 602 }
          - name: blue
            routes:
              - { prefix: 10.1.0.11/32, next-hop: "{{ForwarderA6}}", label: 501 }
              - { prefix: "fd00:10:1::11/128", next-hop: "{{ForwarderA6}}", label: 501 }
        interfaces:
          - { name: red-b, port: tap-red, vrf: red, label: 600, addresses: [10.1.0.22/32, "fd00:10:1::22/128"] }
          - { name: blue-b, port: tap-blue, vrf: blue, label: 601, addresses: [10.1.0.22/32, "fd00:10:1::22/128"] }
          - { name: red-b2, port: packet-red, vrf: red, label: 602, addresses: [10.2.0.33/32, "fd00:10:2::33/128"] }
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """;

    private readonly Testbed _bed = new();

    public TwoSites()
    {
        try
        {
            Router = _bed.AddNamespace("net");
            Router.Sysctl("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
            NetworkNamespace a = _bed.AddNamespace("a", silent: true);
            NetworkNamespace b = _bed.AddNamespace("b", silent: true);
            NetworkNamespace vlans = Switch = _bed.AddNamespace("switch", silent: true);
            JoinUnderlay(Router, "to-a", "198.51.100.1/24", $"{RouterA6}/64", a);
            JoinUnderlay(Router, "to-b", $"{RouterB4}/24", "2001:db8:2::1/64", b);

            RedA = AddGuest("red-a", "10.1.0.11/24", "fd00:10:1::11/64", "10.1.0.1");
            BlueA = AddGuest("blue-a", "10.1.0.11/24", "fd00:10:1::11/64", "10.1.0.1");
            RedA2 = AddGuest("red-a2", "10.1.0.12/32", "fd00:10:1::12/128", "169.254.0.1");
            RedB = AddGuest("red-b", "10.1.0.22/24", "fd00:10:1::22/64", "10.1.0.200");
            BlueB = AddGuest("blue-b", "10.1.0.22/24", "fd00:10:1::22/64", "10.1.0.1");
            RedB2 = AddGuest("red-b2", "10.2.0.33/24", "fd00:10:2::33/64", "10.2.0.1");

            Testbed.Link(a, "access", vlans, "trunk");
            foreach ((Guest guest, string port) in new[] { (RedA, "red-a"), (BlueA, "blue-a"), (RedA2, "red-a2") })
            {
                Testbed.Link(vlans, port, guest.Space, "eth0");
                guest.Configure();
            }

            vlans.Require(Path.Combine(Testbed.Repository, "scripts", "demo", "vlan_switch.py"),
                "--trunk", "trunk", "red-a=317", "blue-a=318", "red-a2=319");
            Testbed.Link(b, "red-b2", RedB2.Space, "eth0");
            RedB2.Configure();

            A = _bed.Keep(new ForwarderProcess(_bed, a, "a", ConfigurationA));
            B = _bed.Keep(new ForwarderProcess(_bed, b, "b", ConfigurationB));
            RedB.TakeTap(b, "red-b");
            BlueB.TakeTap(b, "blue-b");
        }
        catch
        {
            _bed.Dispose();
            throw;
        }
    }

    public string ScratchDirectory => _bed.ScratchDirectory;

    public ForwarderProcess A { get; }

    public ForwarderProcess B { get; }

    /// <summary>The underlay router; its interfaces are to-a and to-b.</summary>
    public NetworkNamespace Router { get; }

    /// <summary>The switch between site A's hosts and its forwarder; its uplink is called trunk.</summary>
    public NetworkNamespace Switch { get; }

    public Guest RedA { get; }

    /// <summary>At the same addresses as <see cref="RedA"/>, in another VPN.</summary>
    public Guest BlueA { get; }

    /// <summary>On the same forwarder and in the same subnet as <see cref="RedA"/>, point-to-point model.</summary>
    public Guest RedA2 { get; }

    /// <summary>In the subnet of <see cref="RedA"/>, behind the other forwarder; its gateway is an address nobody has.</summary>
    public Guest RedB { get; }

    /// <summary>At the same addresses as <see cref="RedB"/>, in another VPN.</summary>
    public Guest BlueB { get; }

    /// <summary>In another subnet.</summary>
    public Guest RedB2 { get; }

    public Guest GuestNamed(string name) => name switch
    {
        "red-a" => RedA,
        "blue-a" => BlueA,
        "red-a2" => RedA2,
        "red-b" => RedB,
        "blue-b" => BlueB,
        "red-b2" => RedB2,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such guest"),
    };

    public void Dispose() => _bed.Dispose();

    private static void JoinUnderlay(NetworkNamespace router, string link, string address4, string address6, NetworkNamespace forwarder)
    {
        Testbed.Link(router, link, forwarder, "core");
        router.Require("ip", "addr", "add", address4, "dev", link);
        router.Require("ip", "addr", "add", address6, "dev", link, "nodad");
    }

    private Guest AddGuest(string name, string address4, string address6, string gateway4) =>
        new(_bed.AddNamespace(name), address4, address6, gateway4);
}

/// <summary>All test classes that share one pair of running forwarders.</summary>
[CollectionDefinition(Name)]
public sealed class TwoSitesCollection : ICollectionFixture<TwoSites>
{
    public const string Name = "two sites";
}
