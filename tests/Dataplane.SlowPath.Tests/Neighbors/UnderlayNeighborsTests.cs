using Dataplane.Forwarding;
using Dataplane.Net;
using static Dataplane.SlowPath.Tests.Packets;

namespace Dataplane.SlowPath.Tests.Neighbors;

/// <summary>Resolution of the next hops of tunnels.</summary>
public sealed class UnderlayNeighborsTests
{
    private const string NextHop = "203.0.113.44";
    private const string PeerMac = "02:00:00:00:00:44";

    private readonly SlowPathRig _rig = new();

    private IpAddress Address { get; } = IpAddress.Parse(NextHop);

    private (string, IpAddress) Key => ("port 0", Address);

    private UnderlayNeighbors Underlay => _rig.SlowPath.UnderlayNeighbors;

    [Fact]
    public void A_required_next_hop_is_asked_at_once_and_again_until_it_answers()
    {
        Underlay.Require(TestTopology.CorePort, Address);
        Underlay.Require(TestTopology.CorePort, Address);
        _ = Assert.Single(_rig.TakeFrames());

        _rig.Run(7.9);
        Assert.Equal(2, _rig.TakeFrames().Count);
        Assert.False(Underlay.IsResolved(TestTopology.CorePort, Address));
        _rig.Run(0.2);
        _ = Assert.Single(_rig.TakeFrames());

        Assert.Equal(PuntDisposition.Consumed, UnderlayArp(_rig, ArpPacket.Reply, PeerMac, NextHop).Disposition);
        Assert.True(Underlay.IsResolved(TestTopology.CorePort, Address));
        Assert.Equal(MacAddress.Parse(PeerMac), _rig.Topology.Neighbors[Key]);
    }

    [Fact]
    public void A_required_next_hop_that_falls_silent_is_withdrawn_and_asked_again()
    {
        Underlay.Require(TestTopology.CorePort, Address);
        _ = UnderlayArp(_rig, ArpPacket.Reply, PeerMac, NextHop);
        _ = _rig.TakeFrames();

        _rig.Run(33.1);

        Assert.DoesNotContain(Key, _rig.Topology.Neighbors);
        var frames = _rig.TakeFrames();
        Assert.Equal(4, frames.Count);
        Assert.All(frames[..3], frame => Assert.Equal(MacAddress.Parse(PeerMac), MacAddress.Read(frame.Frame)));
        Assert.True(MacAddress.Read(frames[3].Frame).IsBroadcast);
        Assert.Equal(NeighborState.Incomplete, Underlay.StateOf(TestTopology.CorePort, Address));
    }

    [Fact]
    public void Packets_wait_for_the_next_hop_and_leave_in_order()
    {
        for (ushort i = 1; i <= 3; i++)
            Assert.Equal(PuntDisposition.Held, PuntForTunnel(_rig, 0, i).Disposition);
        _ = UnderlayArp(_rig, ArpPacket.Reply, PeerMac, NextHop);
        Assert.Equal([1, 2, 3], _rig.Topology.Injections.Select(injection => (int)Identification(injection.Packet)));
        Assert.All(_rig.Topology.Injections, injection => Assert.Equal(TestTopology.Guest, injection.Interface));
        _rig.AssertLedger();
    }

    [Fact]
    public void Released_packets_that_the_datapath_refuses_are_counted_as_dropped()
    {
        _ = PuntForTunnel(_rig, 0, 1);
        _rig.Topology.HasRoom = false;
        _ = UnderlayArp(_rig, ArpPacket.Reply, PeerMac, NextHop);
        Assert.Equal(1ul, _rig.Counters.Drops(SlowPathDropReason.InjectFull));
        Assert.Equal(0ul, _rig.Counters.Forwarded);
        _rig.AssertLedger();
    }

    [Fact]
    public void A_static_neighbour_wins_over_what_is_learnt()
    {
        Underlay.AddStatic(TestTopology.CorePort, Address, MacAddress.Parse(PeerMac));
        Underlay.Require(TestTopology.CorePort, Address);

        var outcome = UnderlayArp(_rig, ArpPacket.Reply, "02:00:00:00:00:66", NextHop);

        Assert.Equal(SlowPathDropReason.Unsolicited, outcome.Reason);
        Assert.Equal(MacAddress.Parse(PeerMac), _rig.Topology.Neighbors[Key]);
        Assert.Empty(_rig.TakeFrames());
        Assert.Null(_rig.SlowPath.TimeToNextTimer);
    }

    [Fact]
    public void A_static_neighbour_releases_what_waits_for_it()
    {
        _ = PuntForTunnel(_rig, 0, 1);
        Underlay.AddStatic(TestTopology.CorePort, Address, MacAddress.Parse(PeerMac));
        _ = Assert.Single(_rig.Topology.Injections);
        _rig.Run(60);
        Assert.Contains(Key, _rig.Topology.Neighbors);
        _rig.AssertLedger();
    }

    [Fact]
    public void A_next_hop_that_moves_and_announces_it_is_followed()
    {
        Underlay.Require(TestTopology.CorePort, Address);
        _ = UnderlayArp(_rig, ArpPacket.Reply, PeerMac, NextHop);

        var outcome = UnderlayArp(_rig, ArpPacket.Request, "02:00:00:00:00:66", NextHop, NextHop);

        Assert.Equal(PuntDisposition.Consumed, outcome.Disposition);
        Assert.Equal(MacAddress.Parse("02:00:00:00:00:66"), _rig.Topology.Neighbors[Key]);
    }

    [Fact]
    public void An_ipv6_next_hop_is_resolved_and_confirmed_by_advertisements()
    {
        const string V6 = "2001:db8:f::1";
        Underlay.Require(TestTopology.CorePort, IpAddress.Parse(V6));
        _ = Advertisement(
            _rig, PuntReason.UnderlayNd, InterfaceId.None, V6, PeerMac, NeighborAdvertisement.SolicitedFlag);
        Assert.Equal(MacAddress.Parse(PeerMac), _rig.Topology.Neighbors[("port 0", IpAddress.Parse(V6))]);

        _rig.Run(30.5);
        Assert.Equal(NeighborState.Probing, Underlay.StateOf(TestTopology.CorePort, IpAddress.Parse(V6)));
        var confirmation = Advertisement(
            _rig, PuntReason.UnderlayNd, InterfaceId.None, V6, null, NeighborAdvertisement.SolicitedFlag);
        Assert.Equal(PuntDisposition.Consumed, confirmation.Disposition);
        Assert.Equal(NeighborState.Reachable, Underlay.StateOf(TestTopology.CorePort, IpAddress.Parse(V6)));
    }
}
