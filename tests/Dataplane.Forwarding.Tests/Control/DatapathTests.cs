using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>What the control side refuses, and what it keeps.</summary>
public sealed class DatapathTests
{
    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(1u << 20)]
    public void Reserved_labels_and_wider_ones_are_refused(uint label)
    {
        using var network = new TestNetwork();
        Assert.Throws<ArgumentException>(() => network.Datapath.AddVrf(new Label20(label), []));
        Assert.Throws<ArgumentException>(() => Add(network, 900, label));
    }

    [Theory]
    [InlineData(TestNetwork.Vm1Label)]
    [InlineData(TestNetwork.BlueLabel)]
    [Trait("Requirement", "FWD-08")]
    public void A_label_belongs_to_one(uint label)
    {
        using var network = new TestNetwork();
        Assert.Throws<ArgumentException>(() => network.Datapath.AddVrf(new Label20(label), []));
        Assert.Throws<ArgumentException>(() => Add(network, 900, label));
    }

    [Fact]
    [Trait("Requirement", "EXT-03")]
    public void Two_interfaces_with_the_same_port_MAC_and_VLAN_are_refused()
    {
        using var network = new TestNetwork();
        Assert.Throws<ArgumentException>(() => Add(network, 317, 900));
    }

    [Fact]
    public void A_prefix_belongs_to_one_interface_of_a_VRF()
    {
        using var network = new TestNetwork();
        Assert.Throws<ArgumentException>(() => network.AddInterface(network.Access, network.Blue, TestNetwork.Host1, 900, null, null, [TestNetwork.Vm2 + "/32"]));
    }

    [Fact]
    public void Full_tables_say_so()
    {
        using var network = new TestNetwork();
        DatapathOptions options = network.Datapath.Options;
        Assert.Contains("interface", Assert.Throws<InvalidOperationException>(() =>
        {
            for (ushort vlan = 1000; vlan < 1000 + options.Interfaces; vlan++)
                Add(network, vlan, null);
        }).Message, StringComparison.Ordinal);
        Assert.Contains("VRF", Assert.Throws<InvalidOperationException>(() =>
        {
            for (int i = 0; i < options.Vrfs; i++)
                network.AddVrf(null);
        }).Message, StringComparison.Ordinal);
        Assert.Contains("tunnel", Assert.Throws<InvalidOperationException>(() =>
        {
            for (int i = 0; i < options.Tunnels; i++)
                network.AddTunnel(Encapsulation.MplsInGre, $"203.0.114.{i + 1}");
        }).Message, StringComparison.Ordinal);
        Assert.Contains("port", Assert.Throws<InvalidOperationException>(() =>
        {
            for (ushort i = 0; i < options.Ports; i++)
                network.AddPort(PortRole.Access, (ushort)(i + 20), "02:00:00:00:01:00");
        }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tunnel_needs_an_infrastructure_address_of_its_family()
    {
        using var rig = new ForwardingRig(new DatapathOptions { ClockHz = 1, TunnelEnd4 = Ipv4Address.Parse("203.0.113.1") });
        PortId port = rig.Datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = default });
        var tunnel = new TunnelSettings { Port = port, Remote = IpAddress.Parse("2001:db8::1"), UnderlayNextHop = IpAddress.Parse("2001:db8::1") };
        Assert.Throws<ArgumentException>(() => rig.Datapath.AddTunnel(tunnel));
    }

    [Theory]
    [InlineData(Encapsulation.MplsInGre, AddressFamily.Ipv4, 28)]
    [InlineData(Encapsulation.MplsInGre, AddressFamily.Ipv6, 48)]
    [InlineData(Encapsulation.MplsInUdp, AddressFamily.Ipv4, 32)]
    [InlineData(Encapsulation.MplsInUdp, AddressFamily.Ipv6, 52)]
    [InlineData(Encapsulation.MplsInIp, AddressFamily.Ipv4, 24)]
    [InlineData(Encapsulation.MplsInIp, AddressFamily.Ipv6, 44)]
    [Trait("Requirement", "FWD-23")]
    public void Overheads_are_the_sums_of_their_headers(Encapsulation encapsulation, AddressFamily outer, int bytes) =>
        Assert.Equal(bytes, Datapath.Overhead(encapsulation, outer));

    /// <summary>Classes go onto the wire as DSCP shifted by two and TC at bits 11 to 9 of the label entry.</summary>
    [Fact]
    [Trait("Requirement", "QOS-05")]
    public void Classes_keep_to_their_bits()
    {
        for (byte dscp = 0; dscp < 64; dscp++)
            Assert.Equal(dscp << 2, new ForwardingClass(dscp, 0).Tos);
        for (byte tc = 0; tc < 8; tc++)
            Assert.Equal(tc << 9, new ForwardingClass(0, tc).TcBits);
    }

    private static void Add(TestNetwork network, ushort vlan, uint? label) =>
        network.AddInterface(network.Access, network.Blue, TestNetwork.Host1, vlan, null, label, []);
}
