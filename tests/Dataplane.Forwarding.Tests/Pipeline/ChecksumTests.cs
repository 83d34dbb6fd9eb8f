using Dataplane.Forwarding.Pipeline;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

public sealed unsafe class ChecksumTests
{
    /// <summary>All lengths and alignments against sixteen bits at a time; the page behind the data is closed.</summary>
    [Fact]
    public void WordSum_is_the_sum_of_RFC_1071()
    {
        using var memory = new GuardedMemory(4);
        memory.Open(1, 2);
        byte* end = memory.Page(3);
        var random = new Random(2);
        random.NextBytes(new Span<byte>(memory.Page(1), 2 * GuardedMemory.PageBytes));
        for (int bytes = 0; bytes <= 2000; bytes++)
        {
            Require(end - bytes, bytes);
            for (int alignment = 0; alignment < 64; alignment += bytes % 7 + 1)
                Require(memory.Page(1) + alignment, bytes);
        }
    }

    /// <summary>Carries: everything ones, for the longest that a packet can be.</summary>
    [Fact]
    public void WordSum_keeps_every_carry()
    {
        using var memory = new GuardedMemory(18);
        memory.Open(1, 16);
        new Span<byte>(memory.Page(1), 65536).Fill(0xFF);
        foreach (int bytes in new[] { 1, 2, 3, 63, 64, 65, 1500, 65534, 65535 })
            Require(memory.Page(17) - bytes, bytes);
    }

    /// <summary>
    /// For every value that a header checksum can have: a packet with it is forwarded, and its checksum afterwards is the one
    /// that is computed anew.
    /// </summary>
    [Theory]
    [InlineData(64)]
    [InlineData(2)]
    [InlineData(255)]
    [Trait("Requirement", "FWD-04")]
    public void The_checksum_is_right_after_a_hop_for_all_65536_values(byte ttl)
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, 0, ttl);
        byte[] frame = TestNetwork.FromVm1(packet);
        var frames = new byte[64][];
        var seen = new HashSet<int>();
        for (int start = 0; start < 65536; start += frames.Length)
        {
            for (int i = 0; i < frames.Length; i++)
            {
                // The identification takes every value, so the checksum does too.
                packet[4] = (byte)((start + i) >> 8);
                packet[5] = (byte)(start + i);
                Build.FixChecksum4(packet);
                seen.Add(packet[10] << 8 | packet[11]);
                frames[i] = [.. frame.AsSpan(0, 18), .. packet];
            }
            BurstResult result = network.Rig.Receive(network.Access, frames);
            Assert.Equal(64, result.Count(Exit.Transmitted));
            for (int i = 0; i < frames.Length; i++)
            {
                byte[] inner = result.Outcomes[i].Frame[^packet.Length..];
                Assert.Equal(ttl - 1, inner[8]);
                Assert.True(Build.AfterHop(frames[i].AsSpan(18)).AsSpan().SequenceEqual(inner), Convert.ToHexString(inner));
            }
        }
        // All but 0xFFFF, which no sender computes.
        Assert.Equal(65535, seen.Count);
    }

    /// <summary>0xFFFF for 0x0000 is accepted (RFC 1624 section 3), and right after the hop.</summary>
    [Fact]
    public void Negative_zero_is_a_checksum_too()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, 0);
        for (int id = 0; id < 65536; id++)
        {
            packet[4] = (byte)(id >> 8);
            packet[5] = (byte)id;
            Build.FixChecksum4(packet);
            if ((packet[10] | packet[11]) == 0)
                break;
        }
        Assert.Equal(0, packet[10] | packet[11]);
        packet[10] = packet[11] = 0xFF;
        Outcome outcome = network.Rig.Receive(network.Access, TestNetwork.FromVm1(packet)).Outcomes[0];
        Assert.Equal(Exit.Transmitted, outcome.Exit);
        Assert.Equal(0xFFFF, Checksum.Sum(outcome.Frame.AsSpan(42, 20)));
    }

    private static void Require(byte* data, int bytes)
    {
        uint sum = WordSum.Fold(WordSum.Of(data, (uint)bytes));
        ushort expected = Checksum.Sum(new ReadOnlySpan<byte>(data, bytes));
        // The pipeline's sum is of words as little-endian loads see them.
        Assert.Equal(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(expected), (ushort)sum);
    }
}
