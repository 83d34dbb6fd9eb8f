using Dataplane.Forwarding;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Gateway;
using Dataplane.Host.Tests.Forwarding;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Vpn;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dataplane.Host.Tests.Gateway;

/// <summary>A gateway and the datapath of the forwarder in the same process; the test is the thread that writes the datapath.</summary>
public sealed class ForwarderLinkTests
{
    private const string Yaml = """
        roles: [forwarder, gateway]
        ports:
          - { name: core0, role: core, addresses: [203.0.113.17/24] }
          - { name: acc0, role: access }
        underlay: { routes: [ { prefix: 192.0.2.0/24, via: 203.0.113.1 } ] }
        infrastructure: { address: 203.0.113.17 }
        tunnels: [{ remote: 203.0.113.44, encapsulation: mpls-in-udp }]
        bgp: { as: 65000, router-id: 203.0.113.17, listen: [] }
        vrfs:
          - name: red
          - name: blue
            import-targets: ["65000:1"]
            export-targets: ["65000:1"]
            routes:
              - { prefix: 198.51.100.40/32, next-hop: 203.0.113.44, label: 61200 }
              - { prefix: 198.51.100.41/32, next-hop: 192.0.2.45, label: 61201 }
              - { prefix: 198.51.100.42/32, next-hop: 8.8.8.8, label: 61202 }
        interfaces:
          - { name: vm1, port: acc0, vlan: 317, vrf: blue, label: 52013, addresses: [198.51.100.25/32] }
        """;

    private static readonly VrfId Blue = new(1);

    [Fact]
    [Trait("Requirement", "FWD-10")]
    public async Task RoutesOfVrfsGoIntoTheDatapathAndOutOfIt()
    {
        DataplaneConfiguration configuration = ForwarderSample.Load(Yaml);
        using ForwardingTables tables = ForwardingTables.Build(
            configuration, 1_000_000_000, [new PortBinding(0, new MacAddress(1)), new PortBinding(1, new MacAddress(2))], suppliesRoutes: false);
        Assert.Equal(LeafKind.None, Lookup(tables, "198.51.100.40"));
        var link = new ForwarderLink(configuration);
        var required = new List<string>();
        Func<int> install = link.InstallInto(tables, (port, address) => required.Add($"{port.Value}: {address}"));
        await using GatewayRuntime gateway = await GatewayRuntime.StartAsync(configuration, NullLogger.Instance, follower: link);
        await SettleAsync(gateway, install);

        // Static routes by tunnels, those of the configuration and others as they are needed; our own address confirmed.
        Assert.Equal(LeafKind.Tunnel, Lookup(tables, "198.51.100.40"));
        Assert.Equal(LeafKind.Tunnel, Lookup(tables, "198.51.100.41"));
        Assert.Equal(LeafKind.None, Lookup(tables, "198.51.100.42")); // no underlay route leads to its next hop
        Assert.Equal(LeafKind.Interface, Lookup(tables, "198.51.100.25"));
        Assert.Empty(required); // both tunnels are those that the tables were built with

        // What comes by BGP, here put into the VRF: its next hop has no tunnel yet, and none any more when the route goes.
        VrfIndex index = await gateway.Loop.InvokeAsync(() => gateway.Vrfs.TryFind("blue", out VrfIndex found) ? found : throw new InvalidOperationException());
        var learnt = new VrfLocalRoute
        {
            Prefix = IpPrefix.Parse("198.51.100.64/26"),
            Label = new Label20(99),
            NextHop = IpAddress.Parse("192.0.2.46"),
            Publisher = PublisherId.FirstFree,
        };
        int before = tables.Datapath.TunnelCount;
        await gateway.Loop.InvokeAsync(() => gateway.Vrfs.SetLocal(index, learnt));
        await SettleAsync(gateway, install);
        Assert.Equal(LeafKind.Tunnel, Lookup(tables, "198.51.100.99"));
        Assert.Equal(before + 1, tables.Datapath.TunnelCount);
        Assert.Equal(["0: 203.0.113.1"], required);
        await gateway.Loop.InvokeAsync(() => gateway.Vrfs.RemoveLocal(index, learnt.Prefix, learnt.Publisher));
        await SettleAsync(gateway, install);
        Assert.Equal(LeafKind.None, Lookup(tables, "198.51.100.99"));
        Assert.Equal(before, tables.Datapath.TunnelCount);
    }

    [Fact]
    [Trait("Requirement", "SIG-05")]
    public async Task MembershipOnDemandFollowsInterfaces()
    {
        DataplaneConfiguration configuration = ForwarderSample.Load(Yaml.Replace(
            "  - name: red", "  - { name: red, import-targets: [\"65000:2\"], member: on-demand }", StringComparison.Ordinal).Replace(
            "import-targets: [\"65000:1\"]", "import-targets: [\"65000:1\"]\n    member: on-demand", StringComparison.Ordinal));
        await using GatewayRuntime gateway = await GatewayRuntime.StartAsync(configuration, NullLogger.Instance);
        bool[] wanted = await gateway.Loop.InvokeAsync(() => new[] { "65000:1", "65000:2" }
            .Select(target => gateway.Vrfs.Membership.Contains(ExtendedCommunity.ParseRouteTarget(target))).ToArray());
        Assert.Equal([true, false], wanted);
    }

    private static LeafKind Lookup(ForwardingTables tables, string address) =>
        tables.Datapath.Lookup(Blue, IpAddress.Parse(address), coreView: false).Kind;

    /// <summary>Waits until the routing base has settled, and installs what came of it.</summary>
    private static async Task SettleAsync(GatewayRuntime gateway, Func<int> install)
    {
        while (!await gateway.Loop.InvokeAsync(() => gateway.Routes.IsSettled))
        {
            await Task.Yield();
        }

        while (install() > 0)
        {
        }
    }
}
