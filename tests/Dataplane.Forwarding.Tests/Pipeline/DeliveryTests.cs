using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>Out to guests: headers, TTL, neighbours, aggregates.</summary>
public sealed class DeliveryTests
{
    [Fact]
    [Trait("Requirement", "FWD-14")]
    public void A_delivered_frame_has_the_virtual_MAC_and_the_tags_of_its_interface()
    {
        using var network = new TestNetwork();
        byte[] packet4 = Build.Udp("192.0.2.40", "192.0.2.200");
        byte[] packet6 = Build.Udp("2001:db8:3::40", "2001:db8:3::200");
        BurstResult result = network.Receive(network.Core,
            Labelled(TestNetwork.QinQLabel, packet4), Labelled(TestNetwork.QinQLabel, packet6));
        Assert.Equal(Build.Ethernet(TestNetwork.Host1, Build.Virtual4, 0x0800, packet4, (0x88A8, 200), (0x8100, 7)), result.Outcomes[0].Frame);
        Assert.Equal(Build.Ethernet(TestNetwork.Host1, Build.Virtual6, 0x86DD, packet6, (0x88A8, 200), (0x8100, 7)), result.Outcomes[1].Frame);
        Assert.All(result.Outcomes, outcome => Assert.Equal(12, outcome.Port));
    }

    /// <summary>FWD-21, ARC-10: one hop per VPN: the ingress lowers the TTL, an interface label leaves it alone.</summary>
    [Fact]
    [Trait("Requirement", "ARC-10")]
    [Trait("Requirement", "ARC-17")]
    [Trait("Requirement", "FWD-21")]
    public void TTL_goes_down_once_on_every_way()
    {
        using var network = new TestNetwork();
        network.Route(network.Blue, TestNetwork.Vm2 + "/32", null, TestNetwork.Vm2Label);
        byte[] packet = Build.Udp(TestNetwork.Vm1, TestNetwork.Vm2, ttl: 9);
        Assert.Equal(8, network.Receive(network.Access, TestNetwork.FromVm1(packet)).Outcomes[0].Frame[18 + 8]);
        byte[] byLabel = Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1, ttl: 9);
        Assert.Equal(9, network.Receive(network.Core, Labelled(TestNetwork.Vm1Label, byLabel)).Outcomes[0].Frame[18 + 8]);
        Assert.Equal(8, network.Receive(network.Core, Labelled(TestNetwork.BlueLabel, byLabel)).Outcomes[0].Frame[18 + 8]);
        byte[] v6 = Build.Udp(TestNetwork.Remote6, TestNetwork.Vm1V6, ttl: 1);
        Assert.Equal(1, network.Receive(network.Core, Labelled(TestNetwork.Vm1Label, v6)).Outcomes[0].Frame[18 + 7]);
    }

    [Fact]
    [Trait("Requirement", "FWD-16")]
    public void Without_a_configured_MAC_the_neighbours_is_used_once_it_is_known()
    {
        using var network = new TestNetwork();
        byte[] frame4 = Labelled(TestNetwork.GuestLabel, Build.Udp("192.0.2.40", "192.0.2.70"));
        byte[] frame6 = Labelled(TestNetwork.GuestLabel, Build.Udp("2001:db8:3::40", "2001:db8:3:1::70"));
        Assert.Equal(2, network.Receive(network.Core, frame4, frame6).Punts[PuntReason.NeighborUnresolved]);
        network.SetNeighbor(network.Guests, "192.0.2.70", "02:00:00:00:00:70");
        network.SetNeighbor(network.Guests, "2001:db8:3:1::70", "02:00:00:00:06:70");
        BurstResult result = network.Receive(network.Core, frame4, frame6);
        Assert.Equal("020000000070", Convert.ToHexString(result.Outcomes[0].Frame.AsSpan(0, 6)));
        Assert.Equal("020000000670", Convert.ToHexString(result.Outcomes[1].Frame.AsSpan(0, 6)));
        network.SetNeighbor(network.Guests, "192.0.2.70", "02:00:00:00:00:71");
        Assert.Equal("020000000071", Convert.ToHexString(network.Receive(network.Core, frame4).Outcomes[0].Frame.AsSpan(0, 6)));
        network.SetNeighbor(network.Guests, "192.0.2.70", null);
        Assert.Equal(1, network.Receive(network.Core, frame4).Punts[PuntReason.NeighborUnresolved]);
        Assert.Equal(1, network.Receive(network.Core, frame6).Count(Exit.Transmitted));
    }

    [Fact]
    [Trait("Requirement", "INT-06")]
    [Trait("Requirement", "FWD-19")]
    public void An_aggregate_label_looks_up_and_may_lead_out_again_by_tunnel()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp("198.51.100.200", "198.51.100.43", ttl: 7);
        BurstResult result = network.Receive(network.Core, Labelled(TestNetwork.BlueLabel, packet));
        Assert.Equal(Exit.Transmitted, result.Outcomes[0].Exit);
        byte[] frame = result.Outcomes[0].Frame;
        Assert.Equal(packet.Length, frame.Length - 14 - 40 - 8 - 4);
        Assert.Equal(Build.AfterHop(packet), frame[^packet.Length..]);
        network.RequireCounters();
    }

    /// <summary>Explicit null above the VPN label tells the class and nothing else; at most two are taken off.</summary>
    [Theory]
    [InlineData(new uint[] { 0 }, true)]
    [InlineData(new uint[] { 2 }, true)]
    [InlineData(new uint[] { 0, 2 }, true)]
    [InlineData(new uint[] { 2, 0, 2 }, false)]
    [InlineData(new uint[] { 1 }, false)]
    [InlineData(new uint[] { 3 }, false)]
    [Trait("Requirement", "QOS-02")]
    public void Explicit_null_labels_are_popped(uint[] above, bool taken)
    {
        using var network = new TestNetwork();
        byte[] stack = Build.Label(TestNetwork.Vm1Label, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1));
        foreach (uint label in above)
            stack = Build.Label(label, stack, bottom: false);
        BurstResult result = network.Receive(network.Core,
            TestNetwork.OnCore(TestNetwork.Outer(Encapsulation.MplsInGre, "203.0.113.40", TestNetwork.Us4, stack)));
        Assert.Equal(taken ? Exit.Transmitted : Exit.Freed, result.Outcomes[0].Exit);
        Assert.Equal(taken ? 0 : 1, result.Drops.GetValueOrDefault(DropReason.LabelStack));
    }

    /// <summary>RFC 6935: a sender may leave the UDP checksum out over IPv6 where both sides say so.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "FWD-07")]
    public void A_zero_UDP_checksum_over_IPv6_is_accepted_only_when_configured(bool accept)
    {
        using var network = new TestNetwork(acceptZeroUdp6: accept);
        byte[] outer = TestNetwork.Tunnelled(Encapsulation.MplsInUdp, true, TestNetwork.Vm1Label, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1));
        outer[46] = outer[47] = 0;
        BurstResult result = network.Receive(network.Core, TestNetwork.OnCore(outer));
        Assert.Equal(accept ? Exit.Transmitted : Exit.Freed, result.Outcomes[0].Exit);
    }

    [Fact]
    [Trait("Requirement", "FWD-06")]
    public void A_GRE_checksum_that_is_right_is_accepted()
    {
        using var network = new TestNetwork();
        for (int bytes = 0; bytes < 200; bytes++)
        {
            byte[] stack = Build.Label(TestNetwork.Vm1Label, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1, bytes));
            BurstResult result = network.Receive(network.Core, TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 47, Build.Gre(stack, checksum: true))));
            Assert.Equal(Exit.Transmitted, result.Outcomes[0].Exit);
        }
    }

    /// <summary>Tunnel packets are taken on any core port; its MAC must be the port's own.</summary>
    [Fact]
    public void The_second_core_port_takes_tunnels_too()
    {
        using var network = new TestNetwork();
        byte[] outer = TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, TestNetwork.Vm1Label, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1));
        Assert.Equal(1, network.Receive(network.Core2, TestNetwork.OnCore(outer)).Drops[DropReason.NotForRouter]);
        byte[] frame = Build.Ethernet(TestNetwork.Core2Mac, TestNetwork.NeighborMac, 0x0800, outer);
        Assert.Equal(Exit.Transmitted, network.Receive(network.Core2, frame).Outcomes[0].Exit);
    }

    private static byte[] Labelled(uint label, byte[] inner) =>
        TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, label, inner));
}
