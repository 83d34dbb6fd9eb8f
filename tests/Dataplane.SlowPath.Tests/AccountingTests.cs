using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath.Tests;

/// <summary>Whatever is punted, nothing is thrown and every packet ends in exactly one disposition.</summary>
public sealed class AccountingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_mutated_and_truncated_frames_of_every_reason_are_accounted_for(int seed)
    {
        var random = new Random(seed);
        var rig = new SlowPathRig(new SlowPathOptions { IcmpRate = 1000, HeldPacketsPerNeighbor = 4 });
        rig.SlowPath.UnderlayNeighbors.Require(TestTopology.CorePort, SlowPathRig.Ip("203.0.113.44"));
        ulong handled = 0;
        var seen = new HashSet<PuntDisposition>();
        for (int round = 0; round < 20_000; round++)
        {
            var vector = Vector.All[random.Next(Vector.All.Count)];
            byte[] frame = Mutate(random, vector.FrameBytes());
            rig.Topology.HasRoom = random.Next(20) != 0;

            var outcome = random.Next(100) == 0
                ? Packets.UnderlayArp(rig, ArpPacket.Reply, "02:00:00:00:00:44", "203.0.113.44")
                : rig.SlowPath.Handle(Disturb(random, vector, frame));

            _ = seen.Add(outcome.Disposition);
            Assert.Equal(
                outcome.Disposition == PuntDisposition.Dropped, outcome.Reason != SlowPathDropReason.None);
            Assert.Equal(++handled, rig.Counters.Handled);
            rig.AssertLedger();
            if (random.Next(50) == 0)
                rig.Run(random.NextDouble() * 10);
            rig.Topology.Frames.Clear();
            rig.Topology.Injections.Clear();
        }
        rig.Run(60);
        Assert.Equal(0ul, rig.Counters.Held);
        rig.AssertLedger();
        Assert.Equal(Enum.GetValues<PuntDisposition>().Length, seen.Count);
    }

    [Fact]
    public void Every_reason_survives_every_length_of_every_frame()
    {
        var rig = new SlowPathRig();
        foreach (var vector in Vector.All)
        {
            byte[] frame = vector.FrameBytes();
            for (int length = 0; length < Math.Min(frame.Length, 200); length++)
                _ = rig.SlowPath.Handle(vector.ToPacket(frame.AsSpan(0, length)));
        }
        rig.AssertLedger();
    }

    [Fact]
    public void A_reason_that_does_not_exist_and_indices_that_do_not_are_dropped()
    {
        var rig = new SlowPathRig();
        foreach (var reason in Enum.GetValues<PuntReason>().Append((PuntReason)200))
        {
            var outcome = rig.SlowPath.Handle(new PuntedPacket
            {
                Reason = reason,
                Port = new PortId(99),
                Interface = new InterfaceId(99),
                TargetInterface = new InterfaceId(99),
                KeepTtl = true,
                Vrf = new VrfId(99),
                Tunnel = new TunnelId(99),
                L3Offset = ushort.MaxValue,
            });
            Assert.Equal(PuntDisposition.Dropped, outcome.Disposition);
        }
        rig.AssertLedger();
    }

    [Fact]
    public void A_refused_answer_is_a_drop()
    {
        var rig = new SlowPathRig { Topology = { HasRoom = false } };
        foreach (string name in new[] { "ARP for a VM elsewhere", "TTL expires", "no DF: three fragments", "echo to our address" })
            Assert.Equal(SlowPathDropReason.InjectFull, Vector.Named(name).HandleBy(rig).Reason);
        rig.AssertLedger();
        Assert.Equal(0ul, rig.Counters.Sent);
    }

    [Fact]
    public void Reasons_have_kebab_case_names()
    {
        Assert.Equal("dad-own-address", SlowPathDropReason.DadOwnAddress.Name());
        Assert.Equal("icmp-rate-limited", SlowPathDropReason.IcmpRateLimited.Name());
        Assert.Equal("no-icmp-source", SlowPathDropReason.NoIcmpSource.Name());
        Assert.Equal(SlowPathDropReasonNames.Count, Enum.GetValues<SlowPathDropReason>().Length);
    }

    private static byte[] Mutate(Random random, byte[] frame)
    {
        switch (random.Next(5))
        {
            case 0:
                random.NextBytes(frame);
                return frame;
            case 1:
                return frame[..random.Next(frame.Length + 1)];
            case 2:
                for (int i = random.Next(1, 6); i > 0; i--)
                    frame[random.Next(frame.Length)] = (byte)random.Next(256);
                return frame;
            case 3:
                // The header octets decide, so they are hit more often than chance would.
                int end = Math.Min(frame.Length, 60);
                frame[random.Next(14, end)] ^= (byte)(1 << random.Next(8));
                return frame;
            default:
                return frame;
        }
    }

    private static PuntedPacket Disturb(Random random, Vector vector, ReadOnlySpan<byte> frame)
    {
        var packet = vector.ToPacket(frame);
        if (random.Next(4) != 0)
            return packet;
        return new PuntedPacket
        {
            Reason = (PuntReason)random.Next(12),
            Origin = (PacketOrigin)random.Next(2),
            Port = new PortId((ushort)random.Next(4)),
            Interface = new InterfaceId((uint)random.Next(4)),
            TargetInterface = new InterfaceId((uint)random.Next(4)),
            KeepTtl = random.Next(2) == 0,
            Vrf = new VrfId((uint)random.Next(3)),
            Tunnel = new TunnelId((uint)random.Next(3)),
            NextHopMtu = (ushort)random.Next(2000),
            L3Offset = (ushort)random.Next(60),
            Frame = frame,
        };
    }
}
