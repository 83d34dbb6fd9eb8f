using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>Buffers as devices may hand them over.</summary>
public sealed unsafe class BufferTests
{
    [Fact]
    public void A_packet_in_several_segments_is_refused()
    {
        using var network = new TestNetwork();
        byte[] forwarded = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4));
        network.Rig.Prepare = (index, buffer) =>
        {
            if (index != 1)
                return;
            buffer->NbSegs = 2;
            buffer->PktLen += 100;
        };
        BurstResult result = network.Rig.Receive(network.Access, forwarded, forwarded, forwarded);
        Assert.Equal(1, result.Drops[DropReason.UnsupportedBuffer]);
        Assert.Equal([Exit.Transmitted, Exit.Freed, Exit.Transmitted], result.Outcomes.Select(outcome => outcome.Exit));
        result = network.Rig.Receive(network.Core, new byte[64], new byte[64]);
        Assert.Equal(1, result.Drops[DropReason.UnsupportedBuffer]);
    }

    /// <summary>Whatever the headroom: either the packet goes out right, or it is refused, and nothing before it is touched.</summary>
    [Theory]
    [InlineData(Placement.EndAtGuard)]
    [InlineData(Placement.StartAtGuard)]
    public void Little_headroom_is_refused_or_is_enough(object placement)
    {
        using var network = new TestNetwork();
        network.Rig.Placement = (Placement)placement;
        byte[] packet = Build.Udp(TestNetwork.Vm1V6, "2001:db8:1::43");
        byte[] expected = network.Rig.Receive(network.Access, TestNetwork.FromVm1(packet)).Outcomes[0].Frame;
        int refused = 0;
        for (int headroom = 0; headroom <= 128; headroom++)
        {
            network.Rig.Headroom = headroom;
            BurstResult result = network.Rig.Receive(network.Access, TestNetwork.FromVm1(packet));
            if (result.Outcomes[0].Exit == Exit.Transmitted)
                Assert.Equal(expected, result.Outcomes[0].Frame);
            else
                refused += result.Drops[DropReason.UnsupportedBuffer];
        }
        // 66 bytes of headers less the 18 that were there do not fit into less; and DPDK's own headroom is always enough.
        Assert.InRange(refused, 48, 128);
        Assert.Equal(expected, network.Rig.Receive(network.Access, TestNetwork.FromVm1(packet)).Outcomes[0].Frame);
    }

    [Fact]
    public void Buffers_of_jumbo_frames_work_like_small_ones()
    {
        using var network = new TestNetwork();
        TunnelId wide = network.AddTunnel(Forwarding.Layout.Encapsulation.MplsInUdp, "2001:db8:f::77", pathMtu: 9216);
        network.Route(network.Blue, "198.51.100.77/32", wide, 4711);
        network.Resolve();
        byte[] packet = Build.Udp(TestNetwork.Vm1, "198.51.100.77", 9216 - 52 - 28);
        Assert.Equal(9216 + 14, network.Receive(network.Access, TestNetwork.FromVm1(packet)).Outcomes[0].Frame.Length);
    }
}
