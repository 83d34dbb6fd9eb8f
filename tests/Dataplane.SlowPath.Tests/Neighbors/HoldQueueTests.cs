using Dataplane.Net;
using static Dataplane.SlowPath.Tests.Packets;

namespace Dataplane.SlowPath.Tests.Neighbors;

/// <summary>Bounds on packets that wait.</summary>
public sealed class HoldQueueTests
{
    [Fact]
    [Trait("Requirement", "SEC-14")]
    public void Beyond_the_bound_of_one_neighbour_newcomers_are_dropped()
    {
        var rig = new SlowPathRig(new SlowPathOptions { HeldPacketsPerNeighbor = 4 });
        for (ushort i = 1; i <= 4; i++)
            Assert.Equal(PuntDisposition.Held, PuntForTunnel(rig, 0, i).Disposition);
        Assert.Equal(SlowPathDropReason.HoldFull, PuntForTunnel(rig, 0, 5).Reason);

        _ = UnderlayArp(rig, ArpPacket.Reply, "02:00:00:00:00:44", "203.0.113.44");
        Assert.Equal([1, 2, 3, 4], rig.Topology.Injections.Select(injection => (int)Identification(injection.Packet)));
        rig.AssertLedger();
    }

    [Fact]
    [Trait("Requirement", "SEC-14")]
    public void The_bound_in_total_covers_interfaces_and_underlay_and_is_given_back()
    {
        var rig = new SlowPathRig(new SlowPathOptions { HeldPacketsPerNeighbor = 1 });
        for (int host = 1; host <= 15; host++)
            Assert.Equal(PuntDisposition.Held, PuntForNeighbor(rig, TestTopology.QinQ, $"10.1.0.{host}", 1).Disposition);
        Assert.Equal(PuntDisposition.Held, PuntForTunnel(rig, 0, 1).Disposition);
        Assert.Equal(SlowPathDropReason.HoldFull, PuntForNeighbor(rig, TestTopology.QinQ, "10.1.0.99", 1).Reason);
        Assert.Equal(16ul, rig.Counters.Held);

        rig.Run(9);
        Assert.Equal(0ul, rig.Counters.Held);
        Assert.Equal(16ul, rig.Counters.Drops(SlowPathDropReason.HoldTimeout));
        Assert.Equal(PuntDisposition.Held, PuntForNeighbor(rig, TestTopology.QinQ, "10.1.0.99", 1).Disposition);
        rig.AssertLedger();
    }
}
