using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>An access port whose hosts another forwarder serves (EXT-10), and the way back.</summary>
public sealed class StandbyTests
{
    private const StandbyFamilies Both = StandbyFamilies.Ipv4 | StandbyFamilies.Ipv6;
    private static readonly byte[] s_portMac = [0x02, 0, 0, 0, 0, 0x21];

    [Theory]
    [InlineData(StandbyFamilies.None)]
    [InlineData(StandbyFamilies.Ipv4)]
    [InlineData(StandbyFamilies.Ipv6)]
    [InlineData(Both)]
    [Trait("Requirement", "EXT-10")]
    [Trait("Requirement", "MGT-08")]
    public void Frames_of_families_on_standby_are_dropped_by_a_reason_of_their_own(StandbyFamilies standby)
    {
        using var network = new TestNetwork();
        network.Datapath.SetStandby(network.Access, standby);
        int drops4 = (standby & StandbyFamilies.Ipv4) != 0 ? 1 : 0;
        int drops6 = (standby & StandbyFamilies.Ipv6) != 0 ? 1 : 0;
        byte[] arp = Build.Ethernet("ff:ff:ff:ff:ff:ff", TestNetwork.Host1, 0x0806, Build.ArpRequest(TestNetwork.Host1, TestNetwork.Vm1, "198.51.100.1"), (0x8100, 317));
        byte[] solicitation = TestNetwork.FromVm1(Build.Ipv6("::", "ff02::2", 58, [133, 0, 0, 0, 0, 0, 0, 0], 255), "33:33:00:00:00:02");
        foreach ((byte[] frame, int drops) in new[]
            { (TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4)), drops4), (arp, drops4),
              (TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1V6, TestNetwork.Remote6)), drops6), (solicitation, drops6) })
        {
            BurstResult result = network.Rig.Receive(network.Access, frame);
            Assert.Equal(drops, result.Drops.GetValueOrDefault(DropReason.Standby));
            Assert.Equal(drops, result.Count(Exit.Freed));
        }
        // Other ports go on; other reasons come first.
        Assert.Equal(1, network.Rig.Receive(network.Access2, Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Build.Udp("192.0.2.200", "192.0.2.40"), (0x88A8, 200), (0x8100, 7))).Count(Exit.Transmitted));
        Assert.Equal(1, network.Rig.Receive(network.Access, TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4), "02:00:00:00:00:99")).Drops[DropReason.NotForRouter]);
    }

    [Fact]
    [Trait("Requirement", "EXT-10")]
    [Trait("Requirement", "FWD-14")]
    public void What_comes_for_hosts_is_delivered_from_the_ports_own_mac_while_on_standby()
    {
        using var network = new TestNetwork();
        byte[] before = Deliver(network, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1));
        byte[] before6 = Deliver(network, Build.Udp(TestNetwork.Remote6, TestNetwork.Vm1V6));
        network.Datapath.SetStandby(network.Access, Both);
        byte[] standby = Deliver(network, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1));
        byte[] standby6 = Deliver(network, Build.Udp(TestNetwork.Remote6, TestNetwork.Vm1V6));
        Assert.Equal([.. before[..6], .. s_portMac, .. before[12..]], standby);
        Assert.Equal([.. before6[..6], .. s_portMac, .. before6[12..]], standby6);

        network.Datapath.SetStandby(network.Access, StandbyFamilies.Ipv6);
        Assert.Equal(before, Deliver(network, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1)));
        Assert.Equal(standby6, Deliver(network, Build.Udp(TestNetwork.Remote6, TestNetwork.Vm1V6)));

        network.Datapath.SetStandby(network.Access, StandbyFamilies.None);
        Assert.Equal(before, Deliver(network, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1)));
        Assert.Equal(before6, Deliver(network, Build.Udp(TestNetwork.Remote6, TestNetwork.Vm1V6)));
        network.Datapath.Reclaim();
        Assert.Equal(before, Deliver(network, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1)));
    }

    // Not by the model, which knows no standby.
    private static byte[] Deliver(TestNetwork network, byte[] inner) => Assert.Single(network.Rig.Receive(network.Core, TestNetwork.OnCore(
        TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, TestNetwork.Vm1Label, inner))).Outcomes).Frame;
}
