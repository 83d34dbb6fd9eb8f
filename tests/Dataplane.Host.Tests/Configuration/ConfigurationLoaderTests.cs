using System.Text;
using Dataplane.Host.Configuration;
using Dataplane.Net;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Tests.Configuration;

public sealed class ConfigurationLoaderTests
{
    private static DataplaneConfiguration Good(string yaml, ConfigurationPurpose purpose = ConfigurationPurpose.Run)
    {
        var result = ConfigurationLoader.Parse(yaml, "lab.yaml", purpose, FakeKernelView.Default);
        Assert.Empty(result.Diagnostics);
        return result.Configuration!;
    }

    [Fact]
    public void DefaultsAreThoseOfTheReference()
    {
        var c = Good(SampleFile.With("roles:"));
        Assert.Equal([Role.Forwarder], c.Roles);
        Assert.Equal((256, HugePages.Auto, 0, 512), (c.Eal.MemoryMib, c.Eal.HugePages, c.Eal.MainCore, c.Eal.MaxSimdBitwidth));
        Assert.Empty(c.Eal.ExtraArguments);
        Assert.Equal((WorkerRuntime.Isolated, 64), (c.Workers.Runtime, c.Workers.Burst));
        Assert.Equal([1], c.Workers.Cores);
        Assert.Equal(new IdleConfiguration { Policy = IdlePolicy.Sleep, SpinLoops = 2000, MaxSleepMicroseconds = 100 }, c.Workers.Idle);
        Assert.Equal(
            new FirstHopConfiguration
            {
                Mac = MacAddress.Parse("00:00:5e:00:01:01"),
                Mac6 = MacAddress.Parse("00:00:5e:00:02:01"),
                Address = Ipv4Address.Parse("169.254.0.1"),
                Address6 = Ipv6Address.Parse("fe80::1"),
            },
            c.FirstHop);
        Assert.Equal(
            new EncapsulationConfiguration { Default = EncapsulationType.MplsInGre, Ttl = 64, Class = new(0, 0), Udp6ZeroChecksum = false },
            c.Encapsulation);
        Assert.Equal(
            new LimitsConfiguration
            {
                Vrfs = 1024,
                Ports = 64,
                Interfaces = 4096,
                Tunnels = 4096,
                Routes = 1_048_576,
                PuntRate = 1000,
                IcmpRate = 100,
                HeldPackets = 64,
                MempoolMbufs = 16_384,
            },
            c.Limits);
        Assert.Equal(new MetricsConfiguration { Listen = new(Ipv4Address.Parse("127.0.0.1"), 9464), AllowRemote = false, PerClient = false }, c.Metrics);
        Assert.Equal(LogLevel.Information, c.Logging.Level);
        Assert.Equal((1500, 1), (c.Ports[0].Mtu, c.Ports[0].Queues));
        Assert.Null(c.Ports[0].Mac);
        Assert.Empty(c.Underlay.Routes);
        Assert.Empty(c.Tunnels);
    }

    [Fact]
    public void EveryKeyArrivesInTheModel()
    {
        var c = Good("""
            roles: [forwarder]
            eal: { memory-mib: 512, huge-pages: never, main-core: 3, max-simd-bitwidth: 256, extra-arguments: ["--log-level", "8"] }
            workers:
              runtime: in-process
              cores: [1, 2]
              burst: 32
              idle: { policy: spin, spin-loops: 0, max-sleep-us: 5 }
            ports:
              - name: core0
                role: core
                device: "0000:03:00.0,txq_inline=0"
                mac: "02:00:00:00:00:11"
                mtu: 9000
                queues: 2
                addresses: [203.0.113.17/24, "2001:db8:f::17/64"]
                neighbors:
                  - { address: 203.0.113.44, mac: "02:00:00:00:00:44" }
              - { name: acc0, role: access, device: "net_af_packet0,iface=a0", mtu: 1600 }
            underlay:
              routes:
                - { prefix: 0.0.0.0/0, via: 203.0.113.1 }
            infrastructure: { address: 203.0.113.17, address6: 2001:db8:f::17 }
            first-hop: { mac: "02:00:00:00:00:01", mac6: "02-00-00-00-00-02", address: 10.0.0.1, address6: fe80::2 }
            encapsulation: { default: mpls-in-ip, ttl: 255, dscp: 46, traffic-class: 5, udp6-zero-checksum: true }
            tunnels:
              - { remote: 192.0.2.44, encapsulation: mpls-in-udp, mtu: 1400 }
              - { remote: 192.0.2.45 }
            vrfs:
              - name: blue
                label: 3000
                router-addresses: [198.51.100.1, "2001:db8:1::1/128"]
                accept-from: [203.0.113.50]
                routes:
                  - { prefix: 198.51.100.25, next-hop: 203.0.113.17, label: 52013 }
                  - { prefix: "::/0", next-hop: 192.0.2.44, label: 1048575 }
                  - { prefix: 10.9.0.0/16, next-hop: 203.0.113.17, label: 3000 }
            interfaces:
              - name: vm1
                port: acc0
                vlan: [100, 200]
                mac: "02:aa:10:c0:ff:ee"
                vrf: blue
                label: 52013
                addresses: [198.51.100.25/32, "2001:db8:1::/64"]
                mtu: 1500
                class: { dscp: 10, traffic-class: 1 }
              - { name: vm2, port: acc0, vrf: blue, label: 16, addresses: [198.51.100.26], class: { dscp: 0 } }
              - { name: vm3, port: acc0, vlan: 4094, vrf: blue, label: 17, addresses: [198.51.100.27] }
            limits: { vrfs: 1, ports: 2, interfaces: 3, tunnels: 3, routes: 9, punt-rate: 5, icmp-rate: 6, held-packets: 7, mempool-mbufs: 1024 }
            metrics: { listen: "[::1]:0" }
            logging: { level: debug }
            """);

        Assert.Equal((512, HugePages.Never, 3, 256), (c.Eal.MemoryMib, c.Eal.HugePages, c.Eal.MainCore, c.Eal.MaxSimdBitwidth));
        Assert.Equal(["--log-level", "8"], c.Eal.ExtraArguments);
        Assert.Equal((WorkerRuntime.InProcess, 32), (c.Workers.Runtime, c.Workers.Burst));
        Assert.Equal([1, 2], c.Workers.Cores);
        Assert.Equal(new IdleConfiguration { Policy = IdlePolicy.Spin, SpinLoops = 0, MaxSleepMicroseconds = 5 }, c.Workers.Idle);

        var core = c.Ports[0];
        Assert.Equal(("core0", PortRole.Core, 9000, 2), (core.Name, core.Role, core.Mtu, core.Queues));
        Assert.True(core.Device!.IsPci);
        Assert.Equal("0000:03:00.0", core.Device.Name);
        Assert.Equal("0000:03:00.0,txq_inline=0", core.Device.Text);
        Assert.Equal(MacAddress.Parse("02:00:00:00:00:11"), core.Mac);
        Assert.Equal(
            [
                new PortAddress(IpAddress.Parse("203.0.113.17"), IpPrefix.Parse("203.0.113.0/24")),
                new PortAddress(IpAddress.Parse("2001:db8:f::17"), IpPrefix.Parse("2001:db8:f::/64")),
            ],
            core.Addresses);
        Assert.Equal([new StaticNeighbor { Address = IpAddress.Parse("203.0.113.44"), Mac = MacAddress.Parse("02:00:00:00:00:44") }], core.Neighbors);
        Assert.Equal(["a0"], c.Ports[1].Device!.KernelInterfaces);
        Assert.False(c.Ports[1].Device!.IsPci);

        Assert.Equal([new UnderlayRoute { Prefix = IpPrefix.Parse("0.0.0.0/0"), Via = IpAddress.Parse("203.0.113.1") }], c.Underlay.Routes);
        Assert.Equal((Ipv4Address.Parse("203.0.113.17"), Ipv6Address.Parse("2001:db8:f::17")), (c.Infrastructure.Address, c.Infrastructure.Address6));
        Assert.Equal((MacAddress.Parse("02:00:00:00:00:01"), MacAddress.Parse("02:00:00:00:00:02")), (c.FirstHop.Mac, c.FirstHop.Mac6));
        Assert.Equal((Ipv4Address.Parse("10.0.0.1"), Ipv6Address.Parse("fe80::2")), (c.FirstHop.Address, c.FirstHop.Address6));
        Assert.Equal(
            new EncapsulationConfiguration { Default = EncapsulationType.MplsInIp, Ttl = 255, Class = new(46, 5), Udp6ZeroChecksum = true },
            c.Encapsulation);
        Assert.Equal(
            [
                new TunnelConfiguration { Remote = IpAddress.Parse("192.0.2.44"), Encapsulation = EncapsulationType.MplsInUdp, Mtu = 1400 },
                new TunnelConfiguration { Remote = IpAddress.Parse("192.0.2.45"), Encapsulation = EncapsulationType.MplsInIp, Mtu = null },
            ],
            c.Tunnels);

        var blue = Assert.Single(c.Vrfs);
        Assert.Equal(("blue", new Label20(3000)), (blue.Name, blue.Label));
        Assert.Equal([IpAddress.Parse("198.51.100.1"), IpAddress.Parse("2001:db8:1::1")], blue.RouterAddresses);
        Assert.Equal([IpAddress.Parse("203.0.113.50")], blue.AcceptFrom);
        Assert.Equal(
            new VrfRoute { Prefix = IpPrefix.Parse("198.51.100.25/32"), NextHop = IpAddress.Parse("203.0.113.17"), Label = new(52013) },
            blue.Routes[0]);

        var vm1 = c.Interfaces[0];
        Assert.Equal(("vm1", "acc0", "blue", 1500), (vm1.Name, vm1.Port, vm1.Vrf, vm1.Mtu));
        Assert.Equal((VlanTags.Pair(100, 200), new Label20(52013)), (vm1.Vlan, vm1.Label));
        Assert.Equal(MacAddress.Parse("02:aa:10:c0:ff:ee"), vm1.Mac);
        Assert.Equal([IpPrefix.Parse("198.51.100.25/32"), IpPrefix.Parse("2001:db8:1::/64")], vm1.Addresses);
        Assert.Equal(new ForwardingClass(10, 1), vm1.Class);

        // Left out: the port's MTU, no tag, and what the class does not say comes from the defaults of tunnels.
        Assert.Equal((1600, VlanTags.None, new ForwardingClass(0, 5)), (c.Interfaces[1].Mtu, c.Interfaces[1].Vlan, c.Interfaces[1].Class));
        Assert.Equal((1600, VlanTags.Single(4094), new ForwardingClass(46, 5)), (c.Interfaces[2].Mtu, c.Interfaces[2].Vlan, c.Interfaces[2].Class));
        Assert.Equal((1, 3, 3, 9), (c.Limits.Vrfs, c.Limits.Interfaces, c.Limits.Tunnels, c.Limits.Routes));
        Assert.Equal((5, 6, 7, 1024), (c.Limits.PuntRate, c.Limits.IcmpRate, c.Limits.HeldPackets, c.Limits.MempoolMbufs));
        Assert.Equal("[::1]:0", c.Metrics.Listen.ToString());
        Assert.Equal(LogLevel.Debug, c.Logging.Level);
    }

    [Fact]
    public void AllErrorsAreReportedInFileOrder()
    {
        var result = ConfigurationLoader.Parse(
            """
            roles: [router]
            workers: { burst: 1, cpus: [1] }
            ports:
              - { name: core0, role: core, device: eth1, mtu: big, addresses: [203.0.113.17/24] }
            infrastructure: { address: 203.0.113.18 }
            vrfs:
              - { name: blue, label: 3000, label: 3001 }
              - { name: red, label: 3000 }
            """, "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default);
        Assert.Null(result.Configuration);
        Assert.Equal(
            ["1:9", "2:19", "2:22", "4:40", "4:51", "5:28", "7:32", "8:25"],
            result.Errors.Select(static d => $"{d.Line}:{d.Column}"));
    }

    [Fact]
    public void ReplayNeedsNoDeviceAndAsksNothingOfTheMachine()
    {
        var yaml = SampleFile.With("workers: { cores: [0, 99] }")
            .Replace("device: \"net_af_packet0,iface=c0\"", "mac: \"02:00:00:00:00:11\"", StringComparison.Ordinal)
            .Replace("net_af_packet1,iface=a0", "net_af_packet1,iface=eth0", StringComparison.Ordinal);
        Assert.Null(Good(yaml, ConfigurationPurpose.Replay).Ports[0].Device);

        var run = ConfigurationLoader.Parse(yaml, "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default);
        Assert.Equal(2, run.Errors.Count());
        Assert.Equal(2, run.Warnings.Count());
    }

    [Fact]
    public void OneCoreMayBeSharedByMainThreadAndWorkerWhenThereIsNoOther()
    {
        var result = ConfigurationLoader.Parse(
            SampleFile.With("workers: { cores: [0] }"), "lab.yaml", ConfigurationPurpose.Run, new FakeKernelView { ProcessorCount = 1 });
        Assert.Empty(result.Diagnostics);
    }

    [Theory]
    [InlineData("untagged beside tags", "{ name: x, port: acc0, vrf: red, label: 16, addresses: [10.0.0.1/32] }")]
    [InlineData("QinQ beside its outer tag", "{ name: x, port: acc0, vlan: [317, 1], vrf: red, label: 16, addresses: [10.0.0.1/32] }")]
    [InlineData("same address in another VRF", "{ name: x, port: acc0, vlan: 1, vrf: red, label: 16, addresses: [198.51.100.25/32] }")]
    [InlineData("default route as source", "{ name: x, port: acc0, vlan: 1, vrf: red, label: 16, addresses: [0.0.0.0/0, \"::/0\"] }")]
    public void TheseAreNoErrors(string what, string item) => Assert.True(
        Good(SampleFile.With() + $"  - {item}\n").Interfaces.Count == 3, what);

    [Fact]
    [Trait("Requirement", "EXT-02")]
    public void SameVlanWithDifferentMacAddressesIsTwoInterfaces() => Good(SampleFile.With() + """
          - { name: x, port: acc0, vlan: 5, mac: "02:00:00:00:00:01", vrf: red, label: 16, addresses: [10.0.0.1/32] }
          - { name: y, port: acc0, vlan: 5, mac: "02:00:00:00:00:02", vrf: red, label: 17, addresses: [10.0.0.2/32] }

        """);

    [Fact]
    public void UnreadableFilesAreDiagnosticsToo()
    {
        var missing = ConfigurationLoader.Load("/nonexistent/dataplane.yaml");
        Assert.Equal("/nonexistent/dataplane.yaml: error: there is no such file", Assert.Single(missing.Diagnostics).ToString());
        var directory = ConfigurationLoader.Load(Path.GetTempPath());
        Assert.Contains("cannot be read", Assert.Single(directory.Diagnostics).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesAreUtf8WithOrWithoutMark()
    {
        var yaml = SampleFile.With();
        var plain = Encoding.UTF8.GetBytes(yaml);
        Assert.NotNull(ConfigurationLoader.Parse([.. Encoding.UTF8.Preamble, .. plain], "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default).Configuration);

        var at = yaml.IndexOf("acc0", StringComparison.Ordinal);
        plain[at] = 0xE9; // é in Latin-1
        var finding = Assert.Single(ConfigurationLoader.Parse(plain, "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default).Diagnostics);
        Assert.Equal((7, 13), (finding.Line, finding.Column));
        Assert.Contains("not UTF-8", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WindowsLineEndsCountAsOne()
    {
        var yaml = SampleFile.With("logging: { level: loud }").Replace("\n", "\r\n", StringComparison.Ordinal);
        var finding = Assert.Single(ConfigurationLoader.Parse(yaml, "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default).Diagnostics);
        Assert.Equal((18 + 1, 19), (finding.Line, finding.Column));
    }
}
