using System.Net;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Pipeline;
using Dataplane.Net;
using Xunit.Abstractions;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>How evenly 100,000 flows spread: the hash by itself, and over the members of groups. The figures are in ADR-0004.</summary>
[Trait("Requirement", "FWD-20")]
public sealed unsafe class SpreadTests(ITestOutputHelper output)
{
    private const int Flows = 100_000;

    public static TheoryData<string> Kinds => ["clients of a subnet, ports that count", "IPv6 clients, ports that count", "pairs of addresses, no ports", "random"];

    /// <summary>Any eight neighbouring bits of the hash are as good as chance: 255 ± 23 is what χ² is for 256 bins.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void All_bits_of_the_hash_serve(string kind)
    {
        uint[] hashes = HashesOf(kind);
        double worst = 0;
        for (int shift = 0; shift <= 24; shift++)
        {
            var bins = new int[256];
            foreach (uint hash in hashes)
                bins[hash >> shift & 0xFF]++;
            double expected = Flows / 256.0;
            worst = Math.Max(worst, bins.Sum(bin => (bin - expected) * (bin - expected) / expected));
        }
        int collisions = Flows - hashes.Distinct().Count();
        output.WriteLine($"{kind}: worst chi-square over 25 windows of 8 bits {worst:F0} (255 expected, sigma 23), {collisions} of {Flows} hashes met before (1.2 expected)");
        Assert.InRange(worst, 0, 255 + 5 * 22.6);
        Assert.InRange(collisions, 0, 10);
    }

    /// <summary>A bit of the flow changes each bit of the hash half of the time.</summary>
    [Fact]
    public void Each_bit_of_a_flow_changes_half_of_the_hash()
    {
        const int samples = 4000;
        var random = new Random(8);
        var flips = new int[104, 32];
        for (int sample = 0; sample < samples; sample++)
        {
            var flow = new FlowTuple((uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32), (uint)random.Next(256));
            uint hash = FlowHash.Of(flow);
            for (int bit = 0; bit < 104; bit++)
            {
                uint one = 1u << bit % 32;
                uint difference = hash ^ FlowHash.Of((bit / 32) switch
                {
                    0 => flow with { Source = flow.Source ^ one },
                    1 => flow with { Destination = flow.Destination ^ one },
                    2 => flow with { Ports = flow.Ports ^ one },
                    _ => flow with { Protocol = flow.Protocol ^ one },
                });
                for (int i = 0; i < 32; i++)
                    flips[bit, i] += (int)(difference >> i & 1);
            }
        }
        double worst = flips.Cast<int>().Max(count => Math.Abs((double)count / samples - 0.5));
        output.WriteLine($"worst of 104 x 32 pairs of bits: {worst:P1} from one half, sigma {0.5 / Math.Sqrt(samples):P1}");
        Assert.InRange(worst, 0, 0.05);
    }

    /// <summary>
    /// Over 100,000 flows at most 5 % of them are elsewhere than exact shares would put them. A single member's share is within
    /// 5 % as far as chance allows that at all: of 100 flows expected, chance alone puts 10 more or fewer on a member.
    /// </summary>
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(16, false)]
    [InlineData(16, true)]
    [InlineData(64, false)]
    [InlineData(64, true)]
    [InlineData(200, false)]
    [InlineData(200, true)]
    [InlineData(300, false)]
    [InlineData(512, false)]
    [InlineData(512, true)]
    [InlineData(1024, false)]
    [InlineData(1024, true)]
    [Trait("Requirement", "SCL-10")]
    [Trait("Requirement", "SCL-11")]
    public void A_hundred_thousand_flows_follow_the_weights(int count, bool weighted)
    {
        int WeightOf(int i) => weighted ? 1 + i % 4 : 1;
        RendezvousMember[] members =
        [
            .. Enumerable.Range(0, count).Select(i => new RendezvousMember(
                RendezvousMember.KeyOf(new Ipv4Address(0x0AFF0000u + (uint)i), new Label20(16)), WeightOf(i))),
        ];
        var table = new BucketTable();
        table.Build(members);
        var got = new int[count];
        foreach (uint hash in HashesOf("clients of a subnet, ports that count"))
            got[table.Owners[(int)GroupRow.BucketOf(hash)]]++;
        double weights = Enumerable.Range(0, count).Sum(WeightOf);
        double misplaced = 0;
        double worst = 0;
        double normal = 0;
        for (int i = 0; i < count; i++)
        {
            double expected = Flows * WeightOf(i) / weights;
            double error = got[i] - expected;
            misplaced += Math.Abs(error) / 2 / Flows;
            worst = Math.Max(worst, Math.Abs(error) / expected);
            normal = Math.Max(normal, Math.Abs(error) / expected / Math.Sqrt(1 / expected + 0.5 * Flows / expected / GroupRow.BucketCount));
        }
        output.WriteLine($"{count} members, weights {(weighted ? "1-4" : "1")}: {misplaced:P2} of the flows misplaced, worst share {worst:P1} off = {normal:F1} sigmas");
        Assert.InRange(misplaced, 0, 0.05);
        Assert.InRange(normal, 0, 5);
        if (count <= 16)
            Assert.InRange(worst, 0, 0.05);
    }

    private static uint[] HashesOf(string kind)
    {
        var random = new Random(9);
        var hashes = new uint[Flows];
        byte* packet = stackalloc byte[64];
        for (int i = 0; i < Flows; i++)
        {
            new Span<byte>(packet, 64).Clear();
            if (kind.StartsWith("IPv6", StringComparison.Ordinal))
            {
                packet[0] = 0x60;
                packet[6] = 6;
                IPAddress.Parse($"2001:db8:1::{i % 500 + 1:x}").GetAddressBytes().CopyTo(new Span<byte>(packet + 8, 16));
                IPAddress.Parse("2001:db8:80::80").GetAddressBytes().CopyTo(new Span<byte>(packet + 24, 16));
                Ports(packet + 40, 32768 + i / 500, 443);
                hashes[i] = FlowHash.Of6(packet, 60);
                continue;
            }
            packet[0] = 0x45;
            if (kind == "random")
            {
                random.NextBytes(new Span<byte>(packet + 12, 12));
                packet[9] = 17;
            }
            else if (kind.StartsWith("clients", StringComparison.Ordinal))
            {
                (packet[12], packet[13], packet[14], packet[15]) = (10, 1, (byte)(i % 500 / 250), (byte)(i % 250 + 1));
                (packet[16], packet[17], packet[18], packet[19]) = (192, 0, 2, 80);
                packet[9] = 6;
                Ports(packet + 20, 32768 + i / 500, 443);
            }
            else
            {
                (packet[12], packet[13], packet[14], packet[15]) = (10, 1, (byte)(i / 256 % 2), (byte)i);
                (packet[16], packet[17], packet[18], packet[19]) = (10, 2, 0, (byte)(i / 512));
                packet[9] = 50;
            }
            hashes[i] = FlowHash.Of4(packet, 40);
        }
        return hashes;
    }

    private static void Ports(byte* at, int source, int destination)
    {
        (at[0], at[1], at[2], at[3]) = ((byte)(source >> 8), (byte)source, (byte)(destination >> 8), (byte)destination);
    }
}
