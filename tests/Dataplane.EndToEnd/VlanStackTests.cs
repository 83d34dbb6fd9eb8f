using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>Hosts behind single tags and tag pairs on one access port, each in a VPN of its own.</summary>
public sealed class VlanStackTests
{
    /// <summary>
    /// The tap keeps 802.1ad outer tags as they are; net_af_packet hands them on as 802.1Q. Both must be understood, and what
    /// goes back must be understood by the switch.
    /// </summary>
    [Theory]
    [Trait("Requirement", "EXT-02")]
    [Trait("Requirement", "EXT-03")]
    [InlineData("net_tap0,iface=trunk")]
    [InlineData("net_af_packet1,iface=access")]
    public void EachTagStackIsAnInterfaceOfItsOwn(string device)
    {
        using Testbed bed = new();
        NetworkNamespace forwarder = bed.AddNamespace("f", silent: true);
        NetworkNamespace vlans = bed.AddNamespace("switch", silent: true);
        Testbed.Link(forwarder, "core", bed.AddNamespace("u"), "eth0");
        if (device.StartsWith("net_af_packet", StringComparison.Ordinal))
        {
            Testbed.Link(forwarder, "access", vlans, "trunk");
        }

        Guest[] guests = [.. new[] { "single", "pair7", "pair8" }.Select((name, i) =>
        {
            Guest guest = new(bed.AddNamespace(name), "10.1.0.11/24", "fd00:10:1::11/64", $"10.1.0.{101 + i}");
            Testbed.Link(vlans, name, guest.Space, "eth0");
            guest.Configure();
            return guest;
        })];
        ForwarderProcess process = bed.Keep(new ForwarderProcess(bed, forwarder, "f", Configuration(device)));
        if (device.StartsWith("net_tap", StringComparison.Ordinal))
        {
            forwarder.Require("ip", "link", "set", "trunk", "netns", vlans.Name, "up");
        }

        vlans.Require(Path.Combine(Testbed.Repository, "scripts", "demo", "vlan_switch.py"),
            "--trunk", "trunk", "single=7", "pair7=200.7", "pair8=200.8");

        // Every VPN has a router address of its own: only the right interface answers for it.
        for (int i = 0; i < guests.Length; i++)
        {
            foreach (string address in new[] { $"10.1.0.{101 + i}", $"fd00:10:1::{101 + i}" })
            {
                PingResult ping = guests[i].Ping(address);
                Assert.True(ping.Received == 3, $"guest {i}: {ping.Text}\n{process.Log}");
            }

            Assert.Equal(0, guests[i].PingInVain($"10.1.0.{101 + ((i + 1) % guests.Length)}"));
        }
    }

    private static string Configuration(string device) => $$"""
        roles: [forwarder]
        eal: { memory-mib: 128, huge-pages: never, main-core: 0 }
        workers: { cores: [1], idle: { policy: sleep } }
        ports:
          - { name: core, role: core, device: "net_af_packet0,iface=core", addresses: [192.0.2.1/24] }
          - { name: access, role: access, device: "{{device}}" }
        infrastructure: { address: 192.0.2.1 }
        vrfs:
          - { name: single, router-addresses: [10.1.0.101, "fd00:10:1::101"] }
          - { name: pair7, router-addresses: [10.1.0.102, "fd00:10:1::102"] }
          - { name: pair8, router-addresses: [10.1.0.103, "fd00:10:1::103"] }
        interfaces:
          - { name: single, port: access, vlan: 7, vrf: single, label: 601, addresses: [10.1.0.11/32, "fd00:10:1::11/128"] }
          - { name: pair7, port: access, vlan: [200, 7], vrf: pair7, label: 602, addresses: [10.1.0.11/32, "fd00:10:1::11/128"] }
          - { name: pair8, port: access, vlan: [200, 8], vrf: pair8, label: 603, addresses: [10.1.0.11/32, "fd00:10:1::11/128"] }
        metrics: { listen: {{ForwarderProcess.MetricsAddress}} }
        """;
}
