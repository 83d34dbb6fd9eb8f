using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>What the slow path gives back to the pipeline.</summary>
public sealed unsafe class InjectionTests
{
    private static readonly byte[] ToRemote = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, ttl: 9);
    private static readonly byte[] ToVm2 = Build.Udp(TestNetwork.Vm1, TestNetwork.Vm2, ttl: 9);

    [Fact]
    public void A_frame_goes_out_as_it_is()
    {
        using var network = new TestNetwork();
        byte[] frame = Build.Ethernet(TestNetwork.Host1, Build.Virtual4, 0x0806, new byte[28], (0x8100, 317));
        BurstResult result = network.Rig.Inject((Tag(InjectKind.Frame, network, network.VmOne) with { Port = network.Access.Value }, frame));
        Assert.Equal(frame, result.Outcomes[0].Frame);
        Assert.Equal(11, result.Outcomes[0].Port);
        Assert.Equal(1ul, network.Rig.Counters().Injected.Tx);
        Assert.Equal(0ul, network.Rig.Counters().Received.Rx);
    }

    [Fact]
    [Trait("Requirement", "FWD-10")]
    public void The_views_differ_for_a_local_route_that_is_not_confirmed()
    {
        using var network = new TestNetwork();
        BurstResult result = network.Rig.Inject(
            (Tag(InjectKind.AccessView, network), ToVm2),
            (Tag(InjectKind.CoreView, network), ToVm2));
        Assert.Equal(Exit.Freed, result.Outcomes[0].Exit);
        Assert.Equal(1, result.Drops[DropReason.NoRoute]);
        Assert.Equal(Build.Ethernet(TestNetwork.Host2, Build.Virtual4, 0x0800, Build.AfterHop(ToVm2), (0x8100, 318)), result.Outcomes[1].Frame);
    }

    [Theory]
    [InlineData(InjectKind.AccessView, false)]
    [InlineData(InjectKind.AccessView, true)]
    [InlineData(InjectKind.CoreView, false)]
    [InlineData(InjectKind.CoreView, true)]
    public void TTL_is_lowered_unless_the_packet_is_our_own(InjectKind kind, bool keep)
    {
        using var network = new TestNetwork();
        BurstResult result = network.Rig.Inject((Tag(kind, network) with { KeepTtl = (byte)(keep ? 1 : 0) }, ToRemote));
        Assert.Equal(keep ? ToRemote : Build.AfterHop(ToRemote), result.Outcomes[0].Frame[^ToRemote.Length..]);
        byte[] last = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, ttl: 1);
        result = network.Rig.Inject((Tag(kind, network) with { KeepTtl = (byte)(keep ? 1 : 0) }, last));
        Assert.Equal(keep ? Exit.Transmitted : Exit.Punted, result.Outcomes[0].Exit);
    }

    [Fact]
    [Trait("Requirement", "QOS-05")]
    public void A_packet_of_an_interface_keeps_its_class_and_one_of_nobody_has_the_default()
    {
        using var network = new TestNetwork(defaultClass: new ForwardingClass(46, 5));
        BurstResult result = network.Rig.Inject(
            (Tag(InjectKind.AccessView, network, network.VmOne), ToRemote),
            (Tag(InjectKind.AccessView, network), ToRemote));
        Assert.Equal(10 << 2, result.Outcomes[0].Frame[15]);
        Assert.Equal(46 << 2, result.Outcomes[1].Frame[15]);
        Assert.Equal(1, result.Outcomes[0].Frame[40] >> 1 & 7);
        Assert.Equal(5, result.Outcomes[1].Frame[40] >> 1 & 7);
    }

    [Fact]
    public void Delivery_needs_no_route()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp("169.254.0.1", TestNetwork.Vm1, ttl: 64);
        byte[] linkLocal = Build.Udp("fe80::1", "fe80::25", ttl: 255);
        InjectTag own = Tag(InjectKind.Delivery, network, network.VmOne) with { KeepTtl = 1 };
        BurstResult result = network.Rig.Inject((own, packet), (own, linkLocal));
        Assert.Equal(Build.Ethernet(TestNetwork.Host1, Build.Virtual4, 0x0800, packet, (0x8100, 317)), result.Outcomes[0].Frame);
        Assert.Equal(Build.Ethernet(TestNetwork.Host1, Build.Virtual6, 0x86DD, linkLocal, (0x8100, 317)), result.Outcomes[1].Frame);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Delivery_never_lets_a_TTL_run_out_unseen(byte ttl)
    {
        using var network = new TestNetwork();
        BurstResult result = network.Rig.Inject(
            (Tag(InjectKind.Delivery, network, network.VmOne), Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1, ttl: ttl)),
            (Tag(InjectKind.Delivery, network, network.VmOne), Build.Udp(TestNetwork.Remote6, TestNetwork.Vm1V6, ttl: ttl)));
        Assert.Equal(2, result.Punts[PuntReason.TtlExpired]);
    }

    [Fact]
    public void Packets_that_are_none_are_dropped_and_counted_as_injected()
    {
        using var network = new TestNetwork();
        foreach (InjectKind kind in new[] { InjectKind.AccessView, InjectKind.CoreView, InjectKind.Delivery })
        {
            BurstResult result = network.Rig.Inject(
                (Tag(kind, network, network.VmOne), []),
                (Tag(kind, network, network.VmOne), [0x60]),
                (Tag(kind, network, network.VmOne), [0x45]),
                (Tag(kind, network, network.VmOne), ToRemote[..^1]),
                (Tag(kind, network, network.VmOne), Build.Udp("127.0.0.1", TestNetwork.Remote4)));
            Assert.Equal(4, result.Drops[DropReason.BadIpHeader]);
            Assert.Equal(1, result.Drops[DropReason.MartianSource]);
        }
        Assert.Equal(15ul, network.Rig.Counters().Injected.Dropped);
    }

    [Fact]
    public void A_packet_in_several_segments_is_refused()
    {
        using var network = new TestNetwork();
        network.Rig.Prepare = (_, buffer) => buffer->NbSegs = 2;
        Assert.Equal(1, network.Rig.Inject((Tag(InjectKind.AccessView, network), ToRemote)).Drops[DropReason.UnsupportedBuffer]);
    }

    /// <summary>A packet that was held comes back; if it must wait again, no budget stands in its way.</summary>
    [Fact]
    [Trait("Requirement", "SEC-14")]
    public void Injected_packets_do_not_use_the_guests_punt_budget()
    {
        using var network = new TestNetwork(puntRate: 1);
        network.Resolve(false);
        (InjectTag, byte[])[] packets = [.. Enumerable.Repeat((Tag(InjectKind.AccessView, network, network.VmOne), ToRemote), 20)];
        Assert.Equal(20, network.Rig.Inject(packets).Punts[PuntReason.UnderlayUnresolved]);
        Assert.Equal(1, network.Rig.Receive(network.Access, TestNetwork.FromVm1(ToRemote)).Punts[PuntReason.UnderlayUnresolved]);
    }

    [Fact]
    public void A_held_packet_can_go_round_until_its_tunnel_is_resolved()
    {
        using var network = new TestNetwork();
        network.Resolve(false);
        Outcome punted = network.Rig.Receive(network.Access, TestNetwork.FromVm1(ToRemote)).Outcomes[0];
        InjectTag again = Tag(InjectKind.AccessView, network, new InterfaceId(punted.Tag.Interface)) with { KeepTtl = punted.Tag.KeepTtl };
        network.Resolve();
        Outcome sent = network.Rig.Inject((again, punted.Packet.ToArray())).Outcomes[0];
        Outcome direct = network.Rig.Receive(network.Access, TestNetwork.FromVm1(ToRemote)).Outcomes[0];
        Assert.Equal(direct.Frame, sent.Frame);
    }

    private static InjectTag Tag(InjectKind kind, TestNetwork network, InterfaceId? of = null) =>
        new() { Kind = kind, Vrf = network.Blue.Value, Interface = of?.Value ?? uint.MaxValue };
}
