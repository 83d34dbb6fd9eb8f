using Dataplane.Forwarding;
using Dataplane.Net;
using static Dataplane.SlowPath.Tests.Packets;

namespace Dataplane.SlowPath.Tests.Neighbors;

/// <summary>Resolution of guests on interfaces without a configured MAC.</summary>
public sealed class InterfaceNeighborsTests
{
    private const string Address = "198.51.100.26";

    private readonly SlowPathRig _rig = new();

    private (string, IpAddress) Key { get; } = ("interface 2", IpAddress.Parse(Address));

    [Fact]
    public void Packets_wait_and_leave_in_order_when_the_guest_answers()
    {
        for (ushort i = 1; i <= 3; i++)
            Assert.Equal(PuntDisposition.Held, PuntForNeighbor(_rig, TestTopology.Tap, Address, i).Disposition);
        _ = Assert.Single(_rig.TakeFrames());
        Assert.Equal(3ul, _rig.Counters.Held);

        var answer = GuestArp(_rig, TestTopology.Tap, ArpPacket.Reply, TapGuestMac, Address, "198.51.100.1");

        Assert.Equal(PuntDisposition.Consumed, answer.Disposition);
        Assert.Equal([1, 2, 3], _rig.Topology.Injections.Select(injection => (int)Identification(injection.Packet)));
        Assert.All(_rig.Topology.Injections, injection =>
        {
            Assert.Equal(PacketOrigin.Access, injection.View);
            Assert.Equal(TestTopology.Guest, injection.Interface);
            Assert.Equal(TestTopology.Blue, injection.Vrf);
        });
        Assert.Equal(MacAddress.Parse(TapGuestMac), _rig.Topology.Neighbors[Key]);
        Assert.Equal(0ul, _rig.Counters.Held);
        Assert.Equal(3ul, _rig.Counters.Forwarded);
        _rig.AssertLedger();
    }

    [Fact]
    [Trait("Requirement", "ARC-17")]
    public void A_packet_with_the_interfaces_label_is_delivered_untouched()
    {
        _ = PuntForNeighbor(_rig, TestTopology.Tap, Address, 7, interfaceLabel: true);
        _ = _rig.TakeFrames();

        _ = GuestArp(_rig, TestTopology.Tap, ArpPacket.Reply, TapGuestMac, Address, "198.51.100.1");

        Assert.Empty(_rig.TakeFrames());
        var delivery = Assert.Single(_rig.Topology.Injections);
        Assert.Null(delivery.View);
        Assert.Equal(TestTopology.Tap, delivery.Interface);
        Assert.Equal(Datagram(Address, 7), delivery.Packet);
    }

    [Fact]
    public void A_silent_guest_is_asked_three_times_then_left_alone_for_five_seconds()
    {
        _ = PuntForNeighbor(_rig, TestTopology.Tap, Address, 1);
        _rig.Run(2.9);
        Assert.Equal(3, _rig.TakeFrames().Count);
        Assert.Equal(1ul, _rig.Counters.Held);

        _rig.Run(0.2);
        Assert.Equal(0ul, _rig.Counters.Held);
        Assert.Equal(1ul, _rig.Counters.Drops(SlowPathDropReason.HoldTimeout));
        Assert.Equal(
            SlowPathDropReason.NeighborFailed, PuntForNeighbor(_rig, TestTopology.Tap, Address, 2).Reason);
        _rig.Run(4.7);
        Assert.Equal(
            SlowPathDropReason.NeighborFailed, PuntForNeighbor(_rig, TestTopology.Tap, Address, 3).Reason);
        Assert.Empty(_rig.TakeFrames());

        _rig.Run(0.3);
        Assert.Equal(PuntDisposition.Held, PuntForNeighbor(_rig, TestTopology.Tap, Address, 4).Disposition);
        _ = Assert.Single(_rig.TakeFrames());
        _rig.AssertLedger();
    }

    [Fact]
    public void A_resolved_guest_is_asked_again_by_unicast_and_forgotten_after_three_misses()
    {
        Resolve();
        _rig.Run(29.9);
        Assert.Empty(_rig.TakeFrames());

        _rig.Run(0.2);
        var probe = Assert.Single(_rig.TakeFrames());
        Assert.Equal(MacAddress.Parse(TapGuestMac), MacAddress.Read(probe.Frame));
        Assert.Contains(Key, _rig.Topology.Neighbors);

        _rig.Run(3);
        Assert.Equal(2, _rig.TakeFrames().Count);
        Assert.DoesNotContain(Key, _rig.Topology.Neighbors);
        Assert.Null(_rig.SlowPath.InterfaceNeighbors.StateOf(TestTopology.Tap, IpAddress.Parse(Address)));
        Assert.Null(_rig.SlowPath.TimeToNextTimer);
    }

    [Fact]
    public void An_answer_to_the_refresh_keeps_the_guest_and_takes_its_new_mac()
    {
        Resolve();
        _rig.Run(30.5);

        var answer = GuestArp(_rig, TestTopology.Tap, ArpPacket.Reply, "02:cc:00:00:00:99", Address, "198.51.100.1");

        Assert.Equal(PuntDisposition.Consumed, answer.Disposition);
        Assert.Equal(MacAddress.Parse("02:cc:00:00:00:99"), _rig.Topology.Neighbors[Key]);
        _ = _rig.TakeFrames();
        _rig.Run(29);
        Assert.Empty(_rig.TakeFrames());
        Assert.Contains(Key, _rig.Topology.Neighbors);
    }

    [Fact]
    [Trait("Requirement", "SEC-14")]
    [Trait("Requirement", "SEC-03")]
    public void A_gratuitous_reply_changes_nothing_while_no_question_is_open()
    {
        Resolve();
        var outcome = GuestArp(_rig, TestTopology.Tap, ArpPacket.Reply, "02:cc:00:00:00:99", Address, Address);
        Assert.Equal(SlowPathDropReason.Unsolicited, outcome.Reason);
        Assert.Equal(MacAddress.Parse(TapGuestMac), _rig.Topology.Neighbors[Key]);
    }

    [Theory]
    [InlineData(ArpPacket.Request, Address)] // gratuitous, as kernels announce
    [InlineData(ArpPacket.Reply, Address)]
    [InlineData(ArpPacket.Request, "198.51.100.1")] // it asks for its first hop
    [Trait("Requirement", "MOB-03")]
    [Trait("Requirement", "SEC-14")]
    public void A_guest_that_was_silent_and_speaks_is_asked_at_once(ushort operation, string target)
    {
        _ = PuntForNeighbor(_rig, TestTopology.Tap, Address, 1);
        _rig.Run(4);
        _ = _rig.TakeFrames();
        Assert.Equal(SlowPathDropReason.NeighborFailed, PuntForNeighbor(_rig, TestTopology.Tap, Address, 2).Reason);

        _ = GuestArp(_rig, TestTopology.Tap, operation, TapGuestMac, Address, target);

        Assert.Contains(_rig.TakeFrames(), static sent => MacAddress.Read(sent.Frame) == MacAddress.Broadcast);
        Assert.DoesNotContain(Key, _rig.Topology.Neighbors);
        Assert.Equal(PuntDisposition.Held, PuntForNeighbor(_rig, TestTopology.Tap, Address, 3).Disposition);
        Assert.Equal(PuntDisposition.Consumed, GuestArp(_rig, TestTopology.Tap, ArpPacket.Reply, TapGuestMac, Address, "198.51.100.1").Disposition);
        Assert.Equal(3, Identification(Assert.Single(_rig.Topology.Injections).Packet));
        _rig.AssertLedger();
    }

    [Fact]
    [Trait("Requirement", "MOB-02")]
    [Trait("Requirement", "SEC-14")]
    public void A_guest_that_announces_another_mac_is_asked_and_keeps_the_old_one_until_it_answers()
    {
        const string Other = "02:cc:00:00:00:99";
        Resolve();
        _ = _rig.TakeFrames();

        _ = GuestArp(_rig, TestTopology.Tap, ArpPacket.Request, Other, Address, Address);

        Assert.Equal(MacAddress.Broadcast, MacAddress.Read(Assert.Single(_rig.TakeFrames()).Frame));
        Assert.Equal(MacAddress.Parse(TapGuestMac), _rig.Topology.Neighbors[Key]);
        Assert.Equal(PuntDisposition.Consumed, GuestArp(_rig, TestTopology.Tap, ArpPacket.Reply, Other, Address, "198.51.100.1").Disposition);
        Assert.Equal(MacAddress.Parse(Other), _rig.Topology.Neighbors[Key]);

        // Told again, there is nothing to ask.
        _ = GuestArp(_rig, TestTopology.Tap, ArpPacket.Request, Other, Address, Address);
        Assert.Empty(_rig.TakeFrames());
        Assert.Null(_rig.SlowPath.InterfaceNeighbors.StateOf(TestTopology.Tap, IpAddress.Parse("198.51.100.27")));
    }

    [Fact]
    [Trait("Requirement", "MOB-03")]
    [Trait("Requirement", "SEC-14")]
    public void An_ipv6_guest_that_is_sought_and_announces_itself_is_asked_at_once()
    {
        _ = Vector.Named("guest asked by ND").HandleBy(_rig);
        _ = _rig.TakeFrames();

        var announced = Advertisement(
            _rig, PuntReason.Nd, TestTopology.QinQ, "2001:db8:2::5", "02:bb:00:00:00:05", NeighborAdvertisement.OverrideFlag);

        Assert.Equal(SlowPathDropReason.Unsolicited, announced.Reason);
        _ = Assert.Single(_rig.TakeFrames());
        Assert.Empty(_rig.Topology.Neighbors);
    }

    [Fact]
    [Trait("Requirement", "SEC-03")]
    public void Another_interface_cannot_answer_the_question()
    {
        _ = PuntForNeighbor(_rig, TestTopology.Tap, Address, 1);
        var outcome = GuestArp(
            _rig, TestTopology.QinQ, ArpPacket.Reply, "02:cc:00:00:00:99", Address, "198.51.100.1");
        Assert.Equal(SlowPathDropReason.ArpSpoofed, outcome.Reason);
        Assert.Empty(_rig.Topology.Neighbors);
        Assert.Equal(1ul, _rig.Counters.Held);
    }

    [Fact]
    public void An_ipv6_guest_is_resolved_by_its_advertisement()
    {
        var vector = Vector.Named("guest asked by ND");
        _ = vector.HandleBy(_rig);
        const uint Solicited = NeighborAdvertisement.SolicitedFlag | NeighborAdvertisement.OverrideFlag;

        var withoutMac = Advertisement(
            _rig, PuntReason.Nd, TestTopology.QinQ, "2001:db8:2::5", mac: null, Solicited);
        Assert.Equal(SlowPathDropReason.Unsolicited, withoutMac.Reason);
        var answer = Advertisement(
            _rig, PuntReason.Nd, TestTopology.QinQ, "2001:db8:2::5", "02:bb:00:00:00:05", Solicited);

        Assert.Equal(PuntDisposition.Consumed, answer.Disposition);
        var released = Assert.Single(_rig.Topology.Injections);
        Assert.Equal(PacketOrigin.Core, released.View);
        Assert.Equal(vector.FrameBytes()[vector.L3Offset..], released.Packet);
        Assert.Equal(
            MacAddress.Parse("02:bb:00:00:00:05"),
            _rig.Topology.Neighbors[("interface 1", IpAddress.Parse("2001:db8:2::5"))]);

        _rig.Run(30.5);
        var confirmation = Advertisement(
            _rig, PuntReason.Nd, TestTopology.QinQ, "2001:db8:2::5", mac: null, Solicited);
        Assert.Equal(PuntDisposition.Consumed, confirmation.Disposition);
        _rig.AssertLedger();
    }

    [Fact]
    public void A_punt_that_crossed_the_answer_is_sent_on_at_once()
    {
        Resolve();
        _rig.Topology.Neighbors.Clear();
        Assert.Equal(PuntDisposition.Forwarded, PuntForNeighbor(_rig, TestTopology.Tap, Address, 9).Disposition);
        Assert.Contains(Key, _rig.Topology.Neighbors);
    }

    [Fact]
    [Trait("Requirement", "SEC-14")]
    public void One_interface_can_fill_only_its_own_share_of_the_table()
    {
        var rig = new SlowPathRig(new SlowPathOptions { NeighborsPerInterface = 3 });
        for (int host = 2; host <= 4; host++)
            Assert.Equal(PuntDisposition.Held, PuntForNeighbor(rig, TestTopology.Tap, $"198.51.100.{host}", 1).Disposition);
        Assert.Equal(
            SlowPathDropReason.NeighborTableFull,
            PuntForNeighbor(rig, TestTopology.Tap, "198.51.100.5", 1).Reason);
        Assert.Equal(PuntDisposition.Held, PuntForNeighbor(rig, TestTopology.QinQ, "10.1.0.5", 1).Disposition);

        rig.Run(8.1);
        Assert.Equal(PuntDisposition.Held, PuntForNeighbor(rig, TestTopology.Tap, "198.51.100.5", 1).Disposition);
        rig.AssertLedger();
    }

    [Fact]
    public void An_interface_that_goes_away_ends_its_questions()
    {
        _ = PuntForNeighbor(_rig, TestTopology.Tap, Address, 1);
        _ = _rig.TakeFrames();
        _rig.Topology.RemoveInterface(TestTopology.Tap);
        _rig.Run(20);
        Assert.Empty(_rig.TakeFrames());
        Assert.Equal(1ul, _rig.Counters.Drops(SlowPathDropReason.HoldTimeout));
        Assert.Null(_rig.SlowPath.TimeToNextTimer);
    }

    private void Resolve()
    {
        _ = PuntForNeighbor(_rig, TestTopology.Tap, Address, 1);
        _ = GuestArp(_rig, TestTopology.Tap, ArpPacket.Reply, TapGuestMac, Address, "198.51.100.1");
        _ = _rig.TakeFrames();
    }
}
