using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

public sealed class EncapsulationTests
{
    [Fact]
    [Trait("Requirement", "FWD-04")]
    [Trait("Requirement", "FWD-06")]
    public void A_guests_packet_leaves_in_a_tunnel_with_the_label_of_its_route()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4);
        BurstResult result = network.Rig.Receive(network.Access, TestNetwork.FromVm1(packet));
        Outcome outcome = Assert.Single(result.Outcomes);
        Assert.Equal(Exit.Transmitted, outcome.Exit);
        byte[] expected = Build.Ethernet(TestNetwork.NeighborMac, TestNetwork.CoreMac, 0x0800,
            Build.Ipv4(TestNetwork.Us4, "203.0.113.40", 47,
                Build.Gre(Build.Label(61200, Build.AfterHop(packet), trafficClass: 1)), tos: 40, flagsAndOffset: 0x4000));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(outcome.Frame));
    }

    [Fact]
    [Trait("Requirement", "FWD-05")]
    public void A_tunnelled_packet_is_delivered_to_the_interface_of_its_label()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1);
        BurstResult result = network.Rig.Receive(network.Core,
            TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, TestNetwork.Vm1Label, packet)));
        Outcome outcome = Assert.Single(result.Outcomes);
        Assert.Equal(Exit.Transmitted, outcome.Exit);
        byte[] expected = Build.Ethernet(TestNetwork.Host1, Build.Virtual4, 0x0800, packet, (0x8100, 317));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(outcome.Frame));
    }
}
