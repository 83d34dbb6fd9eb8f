using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>(port, MAC, VLAN) to interface to VRF, and the variants of it.</summary>
public sealed class ClassificationTests
{
    private const string Guest = "02:00:00:00:77:01";

    [Fact]
    [Trait("Requirement", "EXT-02")]
    [Trait("Requirement", "EXT-03")]
    public void The_same_tag_from_two_hosts_is_two_tenants()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4);
        BurstResult result = network.Receive(network.Access,
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, packet, (0x8100, 317)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host2, 0x0800, packet, (0x8100, 317)));
        Assert.Equal(61200u, LabelOf(result.Outcomes[0].Frame));
        Assert.Equal(61300u, LabelOf(result.Outcomes[1].Frame));
        network.RequireCounters();
    }

    [Theory]
    [InlineData(TestNetwork.Host2, 318, true)]
    [InlineData(TestNetwork.Host1, 318, false)]
    [InlineData("02:aa:10:c0:ff:99", 317, false)]
    [InlineData(TestNetwork.Host1, 316, false)]
    [InlineData(TestNetwork.Host1, 0, false)]
    [InlineData(TestNetwork.Host1, 4095, false)]
    [Trait("Requirement", "EXT-02")]
    public void The_right_tag_from_the_wrong_MAC_is_nobodys(string mac, int vlan, bool known)
    {
        using var network = new TestNetwork();
        BurstResult result = network.Receive(network.Access,
            Build.Ethernet(Build.Virtual4, mac, 0x0800, Build.Udp(TestNetwork.Vm2, TestNetwork.Remote4), (0x8100, (ushort)vlan)));
        Assert.Equal(known ? Exit.Transmitted : Exit.Freed, result.Outcomes[0].Exit);
        Assert.Equal(known ? 0 : 1, result.Drops.GetValueOrDefault(DropReason.Unclassified));
    }

    /// <summary>AMB-28: bridged guests send their own MAC; port and VLAN alone then name the interface.</summary>
    [Theory]
    [InlineData("02:00:00:00:00:01")]
    [InlineData("fe:ff:ff:ff:ff:ff")]
    [Trait("Requirement", "AMB-28")]
    public void Without_a_MAC_the_port_and_the_VLAN_are_enough(string mac)
    {
        using var network = new TestNetwork();
        BurstResult result = network.Receive(network.Access2,
            Build.Ethernet(Build.Virtual4, mac, 0x0800, Build.Udp("192.0.2.77", "192.0.2.40"), (0x8100, 100)));
        Assert.Equal(Exit.Transmitted, result.Outcomes[0].Exit);
        Assert.Equal(1ul, network.Rig.Counters().InterfaceRx[network.Guests.Value].Packets);
    }

    [Fact]
    [Trait("Requirement", "EXT-03")]
    public void The_same_VLAN_on_another_port_is_another_interface()
    {
        using var network = new TestNetwork();
        byte[] frame = Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4), (0x8100, 317));
        Assert.Equal(1, network.Receive(network.Access2, frame).Drops[DropReason.Unclassified]);
        Assert.Equal(Exit.Transmitted, network.Receive(network.Access, frame).Outcomes[0].Exit);
    }

    [Theory]
    [InlineData(0x88A8, 0x8100)]
    [InlineData(0x8100, 0x8100)]
    [InlineData(0x88A8, 0x88A8)]
    [Trait("Requirement", "AMB-28")]
    public void A_pair_of_tags_is_recognised_whatever_its_TPIDs_and_priorities(int outerTpid, int innerTpid)
    {
        using var network = new TestNetwork();
        BurstResult result = network.Receive(network.Access2,
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Build.Udp("192.0.2.200", "192.0.2.40"),
                ((ushort)outerTpid, 0xE000 | 200), ((ushort)innerTpid, 0x7000 | 7)));
        Assert.Equal(Exit.Transmitted, result.Outcomes[0].Exit);
        Assert.Equal(1ul, network.Rig.Counters().InterfaceRx[network.QinQ.Value].Packets);
    }

    [Fact]
    public void One_tag_of_a_pair_is_not_the_pair()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp("192.0.2.200", "192.0.2.40");
        BurstResult result = network.Receive(network.Access2,
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, packet, (0x88A8, 200)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, packet, (0x88A8, 200), (0x8100, 8)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, packet, (0x88A8, 7), (0x8100, 200)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host2, 0x0800, packet, (0x88A8, 200), (0x8100, 7)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, packet, (0x8100, 100), (0x8100, 7)));
        Assert.Equal(5, result.Drops[DropReason.Unclassified]);
    }

    /// <summary>One outer tag shared by a plain interface, by several pairs, and by MACs.</summary>
    [Fact]
    [Trait("Requirement", "EXT-02")]
    public void Interfaces_that_share_an_outer_tag_are_told_apart()
    {
        using var network = new TestNetwork();
        InterfaceId pair8 = network.AddInterface(network.Access2, network.Green, null, 200, 8, null, ["192.0.2.201/32"]);
        InterfaceId alone = network.AddInterface(network.Access2, network.Green, TestNetwork.Host2, 200, null, null, ["192.0.2.202/32"]);
        InterfaceId other = network.AddInterface(network.Access2, network.Green, Guest, 200, null, null, ["192.0.2.203/32"]);
        BurstResult result = network.Receive(network.Access2,
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Build.Udp("192.0.2.200", "192.0.2.40"), (0x88A8, 200), (0x8100, 7)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Build.Udp("192.0.2.201", "192.0.2.40"), (0x88A8, 200), (0x8100, 8)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host2, 0x0800, Build.Udp("192.0.2.202", "192.0.2.40"), (0x8100, 200)),
            Build.Ethernet(Build.Virtual4, Guest, 0x0800, Build.Udp("192.0.2.203", "192.0.2.40"), (0x8100, 200)),
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Build.Udp("192.0.2.203", "192.0.2.40"), (0x8100, 200)));
        Assert.Equal(4, result.Count(Exit.Transmitted));
        Assert.Equal(1, result.Drops[DropReason.Unclassified]);
        Assert.All(new[] { network.QinQ, pair8, alone, other },
            id => Assert.Equal(1ul, network.Rig.Counters().InterfaceRx[id.Value].Packets));
    }

    [Fact]
    public void A_priority_tag_is_no_VLAN()
    {
        using var network = new TestNetwork();
        InterfaceId untagged = network.AddInterface(network.Access2, network.Blue, Guest, null, null, null, ["198.51.100.60/32"]);
        byte[] packet = Build.Udp("198.51.100.60", TestNetwork.Remote4);
        BurstResult result = network.Receive(network.Access2,
            Build.Ethernet(Build.Virtual4, Guest, 0x0800, packet),
            Build.Ethernet(Build.Virtual4, Guest, 0x0800, packet, (0x8100, 0xA000)));
        Assert.Equal(2, result.Count(Exit.Transmitted));
        Assert.Equal(2ul, network.Rig.Counters().InterfaceRx[untagged.Value].Packets);
        Assert.Equal(result.Outcomes[0].Frame, result.Outcomes[1].Frame);
    }

    /// <summary>FWD-03: behind a tap or vhost port there is one interface, whatever MAC it uses.</summary>
    [Theory]
    [InlineData("02:00:00:00:03:10")]
    [InlineData("02:de:ad:be:ef:00")]
    [Trait("Requirement", "FWD-03")]
    public void On_a_local_port_layer_two_does_not_matter(string mac)
    {
        using var network = new TestNetwork();
        BurstResult result = network.Receive(network.Local, Build.Ethernet(Build.Virtual4, mac, 0x0800, Build.Udp("192.0.2.10", "192.0.2.40")));
        Assert.Equal(Exit.Transmitted, result.Outcomes[0].Exit);
        Assert.Equal(1ul, network.Rig.Counters().InterfaceRx[network.LocalVm.Value].Packets);
    }

    [Theory]
    [InlineData(Build.Virtual4)]
    [InlineData(Build.Virtual6)]
    [Trait("Requirement", "FWD-14")]
    [Trait("Requirement", "AMB-26")]
    public void Frames_to_either_virtual_MAC_are_taken(string destination)
    {
        using var network = new TestNetwork();
        foreach (byte[] packet in new[] { Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4), Build.Udp(TestNetwork.Vm1V6, TestNetwork.Remote6) })
            Assert.Equal(Exit.Transmitted, network.Receive(network.Access, TestNetwork.FromVm1(packet, destination)).Outcomes[0].Exit);
    }

    private static uint LabelOf(byte[] greFrame) => (uint)(greFrame[38] << 12 | greFrame[39] << 4 | greFrame[40] >> 4);
}
