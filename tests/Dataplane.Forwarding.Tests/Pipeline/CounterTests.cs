using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>What is counted where: frames without FCS at ports, IP packets everywhere else.</summary>
[Trait("Requirement", "MGT-08")]
public sealed class CounterTests
{
    [Fact]
    public void A_packet_into_a_tunnel_counts_at_each_station_of_its_way()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp(TestNetwork.Vm1, "198.51.100.42", 100);
        byte[] frame = [.. TestNetwork.FromVm1(packet), .. new byte[20]];
        BurstResult result = network.Receive(network.Access, frame);
        DatapathCounters counters = network.Rig.Counters();
        AssertCount(1, frame.Length, counters.PortRx[network.Access.Value]);
        AssertCount(1, result.Outcomes[0].Frame.Length, counters.PortTx[network.Core.Value]);
        AssertCount(1, packet.Length, counters.InterfaceRx[network.VmOne.Value]);
        AssertCount(1, packet.Length, counters.VrfEncapsulated[network.Blue.Value]);
        AssertCount(1, packet.Length, counters.Tunnels[2]);
        Assert.Equal(1ul, counters.Received.Rx);
        Assert.Equal(1ul, counters.Received.Tx);
        Assert.All(counters.InterfaceTx, count => AssertCount(0, 0, count));
        Assert.All(counters.VrfLocal, count => AssertCount(0, 0, count));
        network.RequireCounters();
    }

    [Fact]
    public void A_packet_out_of_a_tunnel_counts_at_each_station_of_its_way()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1, 100);
        network.Receive(network.Core, TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInIp, true, TestNetwork.Vm1Label, packet)));
        network.Receive(network.Core, TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInIp, false, TestNetwork.BlueLabel, packet)));
        DatapathCounters counters = network.Rig.Counters();
        AssertCount(2, 2 * packet.Length, counters.VrfDecapsulated[network.Blue.Value]);
        AssertCount(1, packet.Length, counters.InterfaceLabels[network.VmOne.Value]);
        AssertCount(1, packet.Length, counters.AggregateLabels[network.Blue.Value]);
        AssertCount(2, 2 * packet.Length, counters.InterfaceTx[network.VmOne.Value]);
        AssertCount(2, 2 * (packet.Length + 18), counters.PortTx[network.Access.Value]);
        Assert.All(counters.VrfLocal, count => AssertCount(0, 0, count));
        Assert.All(counters.InterfaceRx, count => AssertCount(0, 0, count));
    }

    [Fact]
    [Trait("Requirement", "FWD-21")]
    public void A_packet_from_interface_to_interface_counts_as_local()
    {
        using var network = new TestNetwork();
        network.Route(network.Blue, TestNetwork.Vm2V6 + "/128", null, TestNetwork.Vm2Label);
        byte[] packet = Build.Udp(TestNetwork.Vm1V6, TestNetwork.Vm2V6, 33);
        network.Receive(network.Access, TestNetwork.FromVm1(packet));
        DatapathCounters counters = network.Rig.Counters();
        AssertCount(1, packet.Length, counters.VrfLocal[network.Blue.Value]);
        AssertCount(1, packet.Length, counters.InterfaceRx[network.VmOne.Value]);
        AssertCount(1, packet.Length, counters.InterfaceTx[network.VmTwo.Value]);
        Assert.All(counters.VrfEncapsulated, count => AssertCount(0, 0, count));
        Assert.All(counters.VrfDecapsulated, count => AssertCount(0, 0, count));
    }

    /// <summary>Bursts of everything, on all ports; the ledgers close and the sums are the model's.</summary>
    [Fact]
    public void A_burst_of_everything_adds_up()
    {
        using var network = new TestNetwork();
        byte[][] fromGuests =
        [
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4)),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1V6, "2001:db8:1::43", 700)),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "198.51.100.99")),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "198.51.100.1")),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm2, TestNetwork.Remote4)),
            new byte[5],
        ];
        for (int round = 0; round < 10; round++)
            network.Receive(network.Access, [.. Enumerable.Range(0, 64).Select(i => fromGuests[(i + round) % fromGuests.Length])]);
        network.RequireCounters();
        DatapathCounters counters = network.Rig.Counters();
        Assert.Equal(640ul, counters.Received.Rx);
        Assert.Equal(counters.Received.Rx, counters.Received.Tx + counters.Received.Punted + counters.Received.Dropped);
        Assert.Equal(counters.Received.Dropped, counters.Drops.Aggregate((a, b) => a + b));
        Assert.Equal(counters.Received.Punted, counters.Punts.Aggregate((a, b) => a + b));
        Assert.Equal(0ul, counters.Drops[(int)DropReason.None] + counters.Punts[(int)PuntReason.None]);
    }

    private static void AssertCount(long packets, long bytes, PacketCount actual) =>
        Assert.Equal((packets, bytes), ((long)actual.Packets, (long)actual.Bytes));
}
