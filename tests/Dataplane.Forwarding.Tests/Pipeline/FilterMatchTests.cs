using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Pipeline;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Model;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>Matching, one rule at a time and eight at a time, against the rules asked one question after the other.</summary>
public sealed unsafe class FilterMatchTests
{
    [Theory]
    [InlineData(1, AddressFamily.Ipv4)]
    [InlineData(2, AddressFamily.Ipv4)]
    [InlineData(3, AddressFamily.Ipv6)]
    [InlineData(4, AddressFamily.Ipv6)]
    [Trait("Requirement", "SIG-20")]
    public void Random_packets_match_the_rules_that_the_model_says(int seed, AddressFamily family)
    {
        var random = new Random(seed);
        int matched = 0;
        var asked = FilterFields.None;
        for (int round = 0; round < 60; round++)
        {
            byte[][] packets = [.. Enumerable.Range(0, 60).Select(_ => Packet(random, family))];
            FilterRule[] rules = [.. Enumerable.Range(0, random.Next(1, 41))
                .Select(i => RandomFilter.Any(random, $"{i}", packets[random.Next(packets.Length)]))];
            var counters = new uint[rules.Length];
            FilterTable* table = FilterTableWriter.Build(family, rules, counters, workers: 1);
            foreach (byte[] packet in packets)
            {
                int[] expected = [.. Enumerable.Range(0, rules.Length).Where(i => ReferenceFilter.Matches(rules[i], packet))];
                Assert.Equal(expected, Walk(table, packet, family, vectors: false));
                Assert.Equal(expected, Walk(table, packet, family, vectors: true));
                matched += expected.Length;
                foreach (int index in expected)
                    asked |= (table->Rows + index)->Asked;
            }
            NativeBlock.Free(table);
        }
        Assert.True(matched > 2000, $"only {matched} matches");
        Assert.Equal(family == AddressFamily.Ipv6, (asked & FilterFields.FlowLabel) != 0);
        Assert.Equal((FilterFields)1023, asked & ~FilterFields.FlowLabel); // each was met in a rule that matched
    }

    [Fact]
    public void An_empty_list_matches_nothing_and_no_list_everything()
    {
        byte[] packet = Build.Udp("192.0.2.1", "192.0.2.2");
        Assert.Equal([1], Match(packet, new FilterRule { Name = "none", Protocols = [] }, new FilterRule { Name = "all" }));
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0x2000, 4, true)] // the first of several
    [InlineData(0x2001, 2, false)] // one in between
    [InlineData(0x0001, 10, false)] // the last
    [InlineData(0x4000, 1, true)] // not to be fragmented
    public void Ports_are_those_of_whole_packets_and_first_fragments(int flagsAndOffset, int bits, bool hasPorts)
    {
        byte[] packet = Build.Ipv4("192.0.2.1", "192.0.2.2", 17, [0, 53, 0, 53, 0, 8, 0, 0], flagsAndOffset: (ushort)flagsAndOffset);
        var ports = new FilterRule { Name = "ports", DestinationPorts = [new(53, 53)] };
        var fragment = new FilterRule { Name = "fragment", Fragments = [new((uint)bits, (uint)bits)] };
        Assert.Equal(hasPorts ? [0, 1] : [1], Match(packet, ports, fragment));
    }

    [Fact]
    public void An_extension_header_is_stepped_over_to_the_upper_layer()
    {
        byte[] packet = Build.Ipv6("2001:db8::1", "2001:db8::2", 60, [6, 0, 1, 4, 0, 0, 0, 0, 0, 80, 1, 187, .. new byte[8], 0x50, 0x12, .. new byte[6]]);
        var tcp = new FilterRule { Name = "tcp", Protocols = [new(6, 6)], SourcePorts = [new(80, 80)], TcpFlags = [new(0x12, 0x12)] };
        var options = new FilterRule { Name = "options", Protocols = [new(60, 60)] };
        Assert.Equal([0], Match(packet, tcp, options));
    }

    private static int[] Match(byte[] packet, params FilterRule[] rules)
    {
        AddressFamily family = packet[0] >> 4 == 6 ? AddressFamily.Ipv6 : AddressFamily.Ipv4;
        FilterTable* table = FilterTableWriter.Build(family, rules, new uint[rules.Length], workers: 1);
        int[] found = Walk(table, packet, family, vectors: true);
        Assert.Equal(Walk(table, packet, family, vectors: false), found);
        NativeBlock.Free(table);
        return found;
    }

    private static int[] Walk(FilterTable* table, byte[] packet, AddressFamily family, bool vectors)
    {
        var found = new List<int>();
        fixed (byte* ip = packet)
        {
            PacketFields fields = PacketFields.Read(ip, (uint)packet.Length, family == AddressFamily.Ipv6);
            for (int i = 0; (i = FilterMatch.Next(table, fields, i, vectors)) < table->Count; i++)
                found.Add(i);
        }
        return [.. found];
    }

    private static byte[] Packet(Random random, AddressFamily family)
    {
        byte[] packet;
        do
            packet = RandomPacket.Any(random);
        while (packet[0] >> 4 == 6 != (family == AddressFamily.Ipv6));
        return packet;
    }
}
