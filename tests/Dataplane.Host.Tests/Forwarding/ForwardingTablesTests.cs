using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Net;

namespace Dataplane.Host.Tests.Forwarding;

/// <summary>What a configuration becomes in the tables; how packets then fare is in the golden cases.</summary>
public sealed class ForwardingTablesTests
{
    private const string Yaml = """
        roles: [forwarder]
        ports:
          - { name: core0, role: core, mtu: 1600, addresses: [203.0.113.17/24] }
          - { name: acc0, role: access }
        underlay: { routes: [ { prefix: 192.0.2.0/24, via: 203.0.113.1 } ] }
        infrastructure: { address: 203.0.113.17 }
        encapsulation: { default: mpls-in-udp, ttl: 33 }
        tunnels:
          - { remote: 192.0.2.9, encapsulation: mpls-in-ip, mtu: 1400 }
        vrfs:
          - name: blue
            label: 3000
            routes:
              - { prefix: 198.51.100.40/32, next-hop: 203.0.113.44, label: 61200 }
              - { prefix: 198.51.100.41/32, next-hop: 8.8.8.8, label: 61201 }
              - { prefix: 198.51.100.25/32, next-hop: 203.0.113.17, label: 52013 }
              - { prefix: 198.51.100.26/32, next-hop: 203.0.113.17, label: 3000 }
              - prefix: 198.51.100.27/32
                next-hops:
                  - { remote: 203.0.113.17, label: 52013, weight: 3 }
                  - { remote: 203.0.113.44, label: 61200 }
                  - { remote: 8.8.8.8, label: 61201 }
                  - { remote: 203.0.113.17, label: 777 }
              - { prefix: 198.51.100.28/32, load-balance: per-packet, next-hops: [ { remote: 203.0.113.46, label: 17 }, { remote: 203.0.113.44, label: 17 } ] }
              - { prefix: 198.51.100.29/32, load-balance: per-packet, next-hops: [ { remote: 203.0.113.44, label: 17 }, { remote: 203.0.113.46, label: 17 } ] }
              - { prefix: 198.51.100.30/32, next-hops: [ { remote: 8.8.8.8, label: 17 } ] }
              - { prefix: 10.9.0.0/16, next-hops: [ { remote: 203.0.113.44, label: 17 }, { remote: 203.0.113.17, label: 3000, weight: 2 } ] }
        interfaces:
          - { name: vm1, port: acc0, vlan: 317, vrf: blue, label: 52013, addresses: [198.51.100.25/32, 198.51.100.26/32, 198.51.100.27/32] }
        """;

    [Fact]
    [Trait("Requirement", "FWD-10")]
    public void RoutesBecomeTunnelsDeliveriesOrNothing()
    {
        using ForwardingTables tables = Build();
        Assert.Equal(LeafKind.Tunnel, Lookup(tables, "198.51.100.40"));
        Assert.Equal(LeafKind.None, Lookup(tables, "198.51.100.41")); // no underlay route leads to its next hop
        Assert.Equal(LeafKind.Interface, Lookup(tables, "198.51.100.25"));
        Assert.Equal(LeafKind.CoreLookup, Lookup(tables, "198.51.100.26"));
        Assert.Equal(LeafKind.Router, Lookup(tables, "169.254.0.1"));
    }

    [Fact]
    [Trait("Requirement", "ARC-08")]
    public void FiltersOfTheConfigurationAreRulesOfTheirFamilies()
    {
        const string Filters = """
                filters:
                  - { match: dport =80, actions: [discard] }
                  - { match: "dst 2001:db8::/32; proto =6", actions: ["mark:8", "action:continue"] }
            """;
        DataplaneConfiguration with = ForwarderSample.Load(Yaml.Replace("    label: 3000\n", "    label: 3000\n" + Filters + "\n", StringComparison.Ordinal));
        using ForwardingTables tables = Build();
        Assert.Empty(tables.Datapath.ReadFilters(new VrfId(0), AddressFamily.Ipv4));
        tables.ChangeFilters(with);
        FilterReading reading = Assert.Single(tables.Datapath.ReadFilters(new VrfId(0), AddressFamily.Ipv4));
        Assert.Equal(("dport =80", 0.0), (reading.Rule.Name, reading.Rule.BytesPerSecond!.Value));
        Assert.Equal(["dst 2001:db8::/32; proto =6", "dport =80"],
            tables.Datapath.ReadFilters(new VrfId(0), AddressFamily.Ipv6).Select(static reading => reading.Rule.Name));
        tables.ChangeFilters(ForwarderSample.Load(Yaml));
        Assert.Empty(tables.Datapath.ReadFilters(new VrfId(0), AddressFamily.Ipv6));
    }

    [Fact]
    [Trait("Requirement", "FWD-06")]
    public void TunnelsTakeTheirOwnSettingsOrTheDefaults()
    {
        using ForwardingTables tables = Build();
        Assert.Equal(["192.0.2.9", "203.0.113.44", "8.8.8.8", "203.0.113.46"], tables.Remotes.Select(static remote => remote.Address.ToString()));
        Assert.Null(tables.Remotes[2].Tunnel);

        TunnelSettings own = tables.Datapath.Tunnels[0];
        Assert.Equal(Encapsulation.MplsInIp, own.Encapsulation);
        Assert.Equal(1400, own.PathMtu);
        Assert.Equal(IpAddress.Parse("203.0.113.1"), own.UnderlayNextHop);

        TunnelSettings implied = tables.Datapath.Tunnels[1];
        Assert.Equal(Encapsulation.MplsInUdp, implied.Encapsulation);
        Assert.Equal(1600, implied.PathMtu); // that of the core port
        Assert.Equal(33, implied.Ttl);
        Assert.Equal(IpAddress.Parse("203.0.113.44"), implied.UnderlayNextHop);
    }

    /// <summary>A prefix longer than what an interface has may be that of a VRF here and elsewhere.</summary>
    [Fact]
    [Trait("Requirement", "FWD-20")]
    public void AVrfOfOurOwnIsOneOfSeveralNextHops()
    {
        using ForwardingTables tables = Build();
        Leaf shared = tables.Datapath.Lookup(new VrfId(0), IpAddress.Parse("10.9.0.1"), coreView: false);
        Assert.Equal(
            [
                GroupMember.Remote(new TunnelId(1), new Label20(17)),
                GroupMember.Lookup(new VrfId(0), IpAddress.Parse("203.0.113.17"), new Label20(3000), 2),
            ],
            tables.Datapath.Group(new GroupId(shared.Index)).Members);
    }

    /// <summary>Next hops that lead nowhere, and own ones that do not have the prefix, are left out.</summary>
    [Fact]
    [Trait("Requirement", "FWD-20")]
    public void SeveralNextHopsBecomeAGroupThatRoutesShare()
    {
        using ForwardingTables tables = Build();
        Leaf mixed = tables.Datapath.Lookup(new VrfId(0), IpAddress.Parse("198.51.100.27"), coreView: false);
        Assert.Equal(LeafKind.Group, mixed.Kind);
        GroupSettings group = tables.Datapath.Group(new GroupId(mixed.Index));
        Assert.Equal(LoadBalance.PerFlow, group.LoadBalance);
        Assert.Equal(
            [
                GroupMember.Local(new InterfaceId(0), IpAddress.Parse("203.0.113.17"), new Label20(52013), 3),
                GroupMember.Remote(new TunnelId(1), new Label20(61200)),
            ],
            group.Members);

        Leaf one = tables.Datapath.Lookup(new VrfId(0), IpAddress.Parse("198.51.100.28"), coreView: false);
        Leaf other = tables.Datapath.Lookup(new VrfId(0), IpAddress.Parse("198.51.100.29"), coreView: false);
        Assert.Equal((LeafKind.Group, one.Index), (other.Kind, other.Index));
        Assert.Equal(LoadBalance.PerPacket, tables.Datapath.Group(new GroupId(one.Index)).LoadBalance);
        Assert.Equal(3, tables.Datapath.GroupCount);
        Assert.Equal(LeafKind.None, Lookup(tables, "198.51.100.30"));
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public void InterfacesComeAndGo()
    {
        using ForwardingTables tables = Build();
        var ports = new DatapathPorts(tables, null!);
        LiveInterface vm1 = tables.Interfaces.Single();
        Assert.Equal("198.51.100.25/32", ports.FindInterface(vm1.Id)!.Addresses[0].ToString());

        // Another MTU is the same interface; another VLAN is another, and routes with several next hops still lead to the first.
        DataplaneConfiguration changed = Changed("label: 52013, addresses: [198", "mtu: 1400, label: 52013, addresses: [198");
        Assert.Empty(tables.ChangeInterfaces(changed));
        Assert.Equal(vm1.Id, tables.Interfaces.Single().Id);
        Assert.Equal(1400, ports.FindInterface(vm1.Id)!.Mtu);
        changed = Changed("vlan: 317", "vlan: 318");
        Assert.Equal(["interface vm1 is still a next hop of routes with several"], tables.ChangeInterfaces(changed));
        Assert.Equal(vm1.Id, tables.Interfaces.Single().Id);
        Assert.Equal(LeafKind.Interface, Lookup(tables, "198.51.100.25"));

        Assert.True(tables.Datapath.RemoveRoute(new VrfId(0), IpPrefix.Parse("198.51.100.27/32")));
        Assert.Empty(tables.ChangeInterfaces(changed));
        Assert.Null(ports.FindInterface(vm1.Id));
        Assert.Equal(318, ports.FindInterface(tables.Interfaces.Single().Id)!.Tags.Outer);
        Assert.Equal(LeafKind.Interface, Lookup(tables, "198.51.100.25"));

        Assert.Empty(tables.ChangeInterfaces(changed with { Interfaces = [] }));
        Assert.Empty(tables.Interfaces);
        Assert.Equal(LeafKind.None, Lookup(tables, "198.51.100.25"));
        Assert.Empty(tables.ChangeInterfaces(ForwarderSample.Load(Yaml)));
        Assert.Equal(LeafKind.Interface, Lookup(tables, "198.51.100.25"));
        Assert.Empty(tables.ChangeInterfaces(ForwarderSample.Load(Yaml)));
    }

    private static DataplaneConfiguration Changed(string from, string to) => ForwarderSample.Load(Yaml.Replace(from, to, StringComparison.Ordinal));

    private static LeafKind Lookup(ForwardingTables tables, string address) =>
        tables.Datapath.Lookup(new VrfId(0), IpAddress.Parse(address), coreView: false).Kind;

    private static ForwardingTables Build() => ForwardingTables.Build(
        ForwarderSample.Load(Yaml), 1_000_000_000, [new PortBinding(0, new MacAddress(1)), new PortBinding(1, new MacAddress(2))]);
}
