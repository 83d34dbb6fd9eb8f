using Dataplane.Forwarding.Control;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>Full queues and used-up budgets.</summary>
[Trait("Requirement", "MGT-08")]
public sealed class LimitTests
{
    private const ulong Second = 1_000_000;

    private static readonly byte[] Forwarded = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4));
    private static readonly byte[] Arp = Build.Ethernet(
        "ff:ff:ff:ff:ff:ff", TestNetwork.Host1, 0x0806, Build.ArpRequest(TestNetwork.Host1, TestNetwork.Vm1, "198.51.100.1"), (0x8100, 317));
    private static readonly byte[] Arp2 = Build.Ethernet(
        "ff:ff:ff:ff:ff:ff", TestNetwork.Host2, 0x0806, Build.ArpRequest(TestNetwork.Host2, TestNetwork.Vm2, "198.51.100.1"), (0x8100, 318));
    private static readonly byte[] CoreArp = Build.Ethernet(
        "ff:ff:ff:ff:ff:ff", TestNetwork.NeighborMac, 0x0806, Build.ArpRequest(TestNetwork.NeighborMac, "203.0.113.1", TestNetwork.Us4));

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(9u)]
    [InlineData(10u)]
    public void Frames_that_a_port_does_not_take_are_dropped_and_the_first_ones_go(uint room)
    {
        using var network = new TestNetwork();
        network.Rig.Dpdk.SetRoom(10, room);
        BurstResult result = network.Rig.Receive(network.Access, [.. Enumerable.Repeat(Forwarded, 10)]);
        Assert.Equal((int)room, result.Count(Exit.Transmitted));
        Assert.Equal(10 - (int)room, result.Drops.GetValueOrDefault(DropReason.TxFull));
        Assert.All(result.Outcomes[..(int)room], outcome => Assert.Equal(Exit.Transmitted, outcome.Exit));
        DatapathCounters counters = network.Rig.Counters();
        Assert.Equal(room, counters.PortTx[network.Core.Value].Packets);
        Assert.Equal(room * (ulong)(Forwarded.Length - 4 + 28), counters.PortTx[network.Core.Value].Bytes);
    }

    [Fact]
    public void A_full_port_does_not_hold_up_another()
    {
        using var network = new TestNetwork();
        network.Route(network.Blue, TestNetwork.Vm2 + "/32", null, TestNetwork.Vm2Label);
        network.Rig.Dpdk.SetRoom(10, 0);
        byte[] local = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Vm2));
        BurstResult result = network.Rig.Receive(network.Access, Forwarded, local, Forwarded, local);
        Assert.Equal([Exit.Freed, Exit.Transmitted, Exit.Freed, Exit.Transmitted], result.Outcomes.Select(outcome => outcome.Exit));
    }

    [Fact]
    public void What_the_punt_ring_does_not_take_is_dropped()
    {
        using var network = new TestNetwork(puntCapacity: 3);
        BurstResult result = network.Rig.Receive(network.Access, Arp, Arp2, Forwarded, Arp, Arp2, Arp);
        Assert.Equal(3, result.Punts[PuntReason.Arp]);
        Assert.Equal(2, result.Drops[DropReason.PuntFull]);
        Assert.Equal([Exit.Punted, Exit.Punted, Exit.Transmitted, Exit.Punted, Exit.Freed, Exit.Freed], result.Outcomes.Select(outcome => outcome.Exit));
    }

    [Fact]
    [Trait("Requirement", "SEC-14")]
    public void One_guest_cannot_use_up_the_punts_of_another()
    {
        using var network = new TestNetwork(puntRate: 4);
        BurstResult flood = network.Rig.Receive(network.Access, [.. Enumerable.Repeat(Arp, 60), Arp2, Arp2, Arp2, Arp2]);
        Assert.Equal(8, flood.Punts[PuntReason.Arp]);
        Assert.Equal(56, flood.Drops[DropReason.PuntRateLimited]);
        Assert.All(flood.Outcomes[^4..], outcome => Assert.Equal(Exit.Punted, outcome.Exit));
        Assert.Equal(56ul, network.Rig.Counters().InterfaceDrops[network.VmOne.Value]);
        Assert.Equal(0ul, network.Rig.Counters().InterfaceDrops[network.VmTwo.Value]);
        Assert.Equal(4, network.Rig.Receive(network.Core, CoreArp, CoreArp, CoreArp, CoreArp, CoreArp).Punts[PuntReason.UnderlayArp]);
        Assert.Equal(1, network.Rig.Receive(network.Core2, CoreArp).Punts[PuntReason.UnderlayArp]);
    }

    [Fact]
    [Trait("Requirement", "SEC-14")]
    public void A_used_up_budget_refills_with_time_and_never_beyond_one_second()
    {
        using var network = new TestNetwork(puntRate: 10);
        Assert.Equal(10, Punted(network, 20));
        Assert.Equal(0, Punted(network, 20));
        network.Rig.Now += Second / 10 - 1;
        Assert.Equal(0, Punted(network, 20));
        network.Rig.Now += 1;
        Assert.Equal(1, Punted(network, 20));
        network.Rig.Now += Second / 2;
        Assert.Equal(5, Punted(network, 20));
        network.Rig.Now += 100 * Second;
        Assert.Equal(10, Punted(network, 20));
        Assert.Equal(0, Punted(network, 20));
    }

    /// <summary>However the bursts fall, no more than the rate gets through in the long run, and no less.</summary>
    [Theory]
    [InlineData(3u)]
    [InlineData(7u)]
    [InlineData(1000u)]
    [Trait("Requirement", "SEC-14")]
    public void The_punt_rate_holds_in_the_long_run(uint rate)
    {
        using var network = new TestNetwork(puntRate: rate);
        var random = new Random(3);
        ulong start = network.Rig.Now;
        ulong punted = 0;
        // Bursts ask for more than a pause can refill, and pauses are shorter than the second that a budget holds.
        int longest = (int)Math.Min(Second / 2, 20 * Second / rate);
        while (network.Rig.Now - start < 20 * Second)
        {
            punted += (ulong)Punted(network, 40);
            network.Rig.Now += (ulong)random.Next(1, longest);
        }
        punted += (ulong)Punted(network, 40);
        double allowed = rate + rate * (network.Rig.Now - start) / (double)Second;
        Assert.InRange(punted, (ulong)(allowed * 0.97) - 2, (ulong)(allowed * 1.001) + 1);
    }

    /// <summary>A replayed capture may begin at zero, and its clock may stand still or step back.</summary>
    [Theory]
    [InlineData(0ul, 0ul)]
    [InlineData(0ul, 1ul)]
    [InlineData(5000ul, 4000ul)]
    [Trait("Requirement", "SEC-14")]
    public void The_budget_holds_when_the_clock_is_zero_or_steps_back(ulong first, ulong second)
    {
        using var network = new TestNetwork(puntRate: 2);
        network.Rig.Now = first;
        Assert.Equal(2, Punted(network, 5));
        network.Rig.Now = second;
        Assert.Equal(0, Punted(network, 5));
    }

    /// <summary>Every kind of punt of a guest takes from the one budget.</summary>
    [Fact]
    [Trait("Requirement", "SEC-14")]
    public void All_punts_of_an_interface_share_its_budget()
    {
        using var network = new TestNetwork(puntRate: 3);
        BurstResult result = network.Rig.Receive(network.Access,
            Arp,
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, ttl: 1)),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "198.51.100.1")),
            TestNetwork.FromVm1(Build.Ipv6("fe80::25", "fe80::1", 58, [135, 0, 0, 0], 255)),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, 1450)));
        Assert.Equal(3, result.Punts.Values.Sum());
        Assert.Equal(2, result.Drops[DropReason.PuntRateLimited]);
    }

    private static int Punted(TestNetwork network, int arps) =>
        network.Rig.Receive(network.Access, [.. Enumerable.Repeat(Arp, arps)]).Punts.GetValueOrDefault(PuntReason.Arp);
}
