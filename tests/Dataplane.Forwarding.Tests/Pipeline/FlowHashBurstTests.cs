using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Pipeline;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>What belongs to a flow, and that the vector versions of its hash compute what the scalar one says.</summary>
[Trait("Requirement", "FWD-20")]
public sealed unsafe class FlowHashBurstTests
{
    private const string A4 = "10.1.0.11";
    private const string B4 = "198.51.100.42";
    private const string A6 = "2001:db8:1::11";
    private const string B6 = "2001:db8:2::42";

    /// <summary>Computed by pcaps/reference/ecmp.py from ADR-0004: another machine's forwarder must agree.</summary>
    [Fact]
    public void Known_packets_have_known_hashes()
    {
        byte[] flow = [0x9C, 0x40, 0x01, 0xBB, .. new byte[16]];
        byte[] small = [0x13, 0x88, 0, 53, 0, 0, 0, 0];
        Assert.Equal(0xA5751DD1, Hash(Build.Ipv4(A4, B4, 6, flow)));
        Assert.Equal(0x5494FA65u, Hash(Build.Ipv4(A4, B4, 17, small)));
        Assert.Equal(0xD6FE839F, Hash(Build.Ipv4(A4, B4, 17, small, flagsAndOffset: 0x2000)));
        Assert.Equal(0x5805E865u, Hash(Build.Ipv4(A4, B4, 1, [8, 0, 0, 0, 0x12, 0x34, 0, 1])));
        Assert.Equal(0x0618222Du, Hash(Build.Ipv6(A6, B6, 6, flow)));
        Assert.Equal(0xC3BDC192, Hash(Build.Ipv6(A6, B6, 60, [132, 0, 1, 4, 0, 0, 0, 0, .. flow])));
        Assert.Equal(0x99517775, Hash(Build.Ipv6(A6, B6, 44, [17, 0, 0, 1, 0, 0, 0, 7, .. flow])));
        Assert.Equal(0xE7A73781, Hash(Build.Ipv6(A6, B6, 58, [129, 0, 0, 0, 0x12, 0x34, 0, 1])));
        Assert.Equal(0x3ABF068Fu, HashOfPrefix(Build.Ipv4(A4, B4, 6, flow), 24));
        Assert.Equal(0xA2CEF9C8, HashOfPrefix(Build.Ipv6(A6, B6, 6, flow), 48));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_echo_request_and_its_reply_are_one_flow_and_another_identifier_is_another(bool v6)
    {
        byte[] Echo(bool reply, ushort identifier, byte sequence)
        {
            byte type = (byte)((v6, reply) switch { (false, false) => 8, (false, true) => 0, (true, false) => 128, _ => 129 });
            byte[] body = [type, 0, 0, 0, (byte)(identifier >> 8), (byte)identifier, 0, sequence, .. new byte[8]];
            (string from, string to) = (v6 ? A6 : A4, v6 ? B6 : B4);
            (from, to) = reply ? (to, from) : (from, to);
            return v6 ? Build.Ipv6(from, to, 58, body) : Build.Ipv4(from, to, 1, body);
        }
        Assert.Equal(Hash(Echo(false, 77, 1)), Hash(Echo(true, 77, 9)));
        Assert.NotEqual(Hash(Echo(false, 77, 1)), Hash(Echo(false, 78, 1)));
    }

    /// <summary>Other ICMP, and protocols whose first octets are no ports, by addresses and protocol alone.</summary>
    [Theory]
    [InlineData(false, 1, 3)]
    [InlineData(false, 1, 11)]
    [InlineData(false, 47, 0)]
    [InlineData(false, 50, 1)]
    [InlineData(true, 58, 1)]
    [InlineData(true, 58, 3)]
    [InlineData(true, 50, 1)]
    public void Everything_else_counts_by_addresses_and_protocol(bool v6, byte protocol, byte type)
    {
        uint With(byte fill)
        {
            byte[] body = [type, fill, fill, fill, fill, fill, fill, fill, .. new byte[8]];
            return Hash(v6 ? Build.Ipv6(A6, B6, protocol, body) : Build.Ipv4(A4, B4, protocol, body));
        }
        Assert.Equal(With(1), With(2));
    }

    [Fact]
    public void All_fragments_over_ipv6_are_alike_and_a_whole_packet_in_a_fragment_header_shows_its_ports()
    {
        byte[] Fragment(ushort offset, bool more, byte next, byte fill) =>
            Build.Ipv6(A6, B6, 44, [next, 0, (byte)(offset >> 5), (byte)(offset << 3 | (more ? 1 : 0)), 0, 0, 0, 7, fill, fill, fill, fill, .. new byte[12]]);
        uint first = Hash(Fragment(0, true, 17, 1));
        Assert.Equal(first, Hash(Fragment(100, true, 17, 2)));
        Assert.Equal(first, Hash(Fragment(200, false, 60, 3)));
        Assert.Equal(Hash(Build.Ipv6(A6, B6, 17, [1, 1, 1, 1, .. new byte[12]])), Hash(Fragment(0, false, 17, 1)));
    }

    [Fact]
    public void Extension_headers_are_passed_over()
    {
        byte[] ports = [1, 2, 3, 4, .. new byte[12]];
        uint plain = Hash(Build.Ipv6(A6, B6, 6, ports));
        Assert.Equal(plain, Hash(Build.Ipv6(A6, B6, 0, [6, 0, 1, 4, 0, 0, 0, 0, .. ports])));
        Assert.Equal(plain, Hash(Build.Ipv6(A6, B6, 60, [43, 1, 1, 12, .. new byte[12], 6, 0, 4, 0, 0, 0, 0, 0, .. ports])));
        Assert.Equal(plain, Hash(Build.Ipv6(A6, B6, 51, [6, 4, 0, 0, .. new byte[20], .. ports])));
    }

    /// <summary>Random packets of every kind, at the end of their pages: each lane, each count, each instruction set.</summary>
    [Fact]
    public void Every_version_computes_the_same()
    {
        var random = new Random(3);
        using var arena = new MbufArena(Batch.Capacity, 1);
        Batch* batch = NativeBlock.AllocateArray<Batch>(1);
        var flows = stackalloc FlowHash.FlowColumns[1];
        var hashes = stackalloc uint[Batch.Capacity];
        for (int round = 0; round < 400; round++)
        {
            batch->Count = random.Next(1, Batch.Capacity + 1);
            var expected = new uint[batch->Count];
            for (int i = 0; i < batch->Count; i++)
            {
                byte[] packet = RandomPacket.Any(random);
                batch->Headers[i] = (ulong)arena.Place(i, packet)->Data;
                batch->Lengths[i] = (ushort)packet.Length;
                batch->Flags[i] = (byte)(packet[0] >> 4 == 6 ? PacketFlags.V6 : 0);
                expected[i] = Hash((byte*)batch->Headers[i], packet.Length);
            }
            FlowHash.OfBurst(batch);
            Assert.Equal(expected, new ReadOnlySpan<uint>(batch->Hashes, batch->Count).ToArray());
            FlowHash.Gather(batch, flows);
            foreach (int way in new[] { 512, 256, 0 })
            {
                new Span<uint>(hashes, Batch.Capacity).Clear();
                if (way == 512)
                    FlowHash.Mix512(flows, hashes, batch->Count);
                else if (way == 256)
                    FlowHash.Mix256(flows, hashes, batch->Count);
                else
                    FlowHash.MixScalar(flows, hashes, batch->Count);
                Assert.Equal(expected, new ReadOnlySpan<uint>(hashes, batch->Count).ToArray());
            }
        }
        NativeBlock.Free(batch);
    }

    [Fact]
    public void A_packet_and_its_answer_have_the_same_hash_whatever_they_are()
    {
        var random = new Random(4);
        for (int i = 0; i < 5000; i++)
        {
            byte[] packet = RandomPacket.Any(random);
            Assert.Equal(Hash(packet), Hash(RandomPacket.Reversed(packet)));
        }
    }

    private static uint Hash(byte[] packet)
    {
        using var arena = new MbufArena(1, 1);
        return Hash(arena.Place(0, packet)->Data, packet.Length);
    }

    private static uint Hash(byte* ip, int length) =>
        ip[0] >> 4 == 6 ? FlowHash.Of6(ip, (uint)length) : FlowHash.Of4(ip, (uint)length);

    private static uint HashOfPrefix(byte[] packet, uint prefixLength)
    {
        fixed (byte* ip = packet)
            return FlowHash.OfPrefix(ip, packet[0] >> 4 == 6, prefixLength);
    }
}
