using Dataplane.Forwarding.Pipeline;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>Flow entropy for the UDP source port (RFC 7510), and later for choosing among next hops.</summary>
[Trait("Requirement", "FWD-07")]
public sealed unsafe class FlowHashTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Both_directions_of_a_flow_have_the_same_hash(bool v6)
    {
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            (string a, string b) = (Address(random, v6), Address(random, v6));
            byte protocol = new byte[] { 6, 17, 132, 1, 58, 47 }[random.Next(6)];
            byte[] ports = [(byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256), .. new byte[16]];
            byte[] reversed = [.. ports[2..4], .. ports[..2], .. new byte[16]];
            Assert.Equal(
                Hash(v6 ? Build.Ipv6(a, b, protocol, ports) : Build.Ipv4(a, b, protocol, ports)),
                Hash(v6 ? Build.Ipv6(b, a, protocol, reversed) : Build.Ipv4(b, a, protocol, reversed)));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_differs_between_packets_of_a_flow_does_not_matter(bool v6)
    {
        byte[] one = v6 ? Build.Udp(TestNetwork.Vm1V6, TestNetwork.Remote6, 10, 64) : Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, 10, 64);
        byte[] two = v6 ? Build.Udp(TestNetwork.Vm1V6, TestNetwork.Remote6, 900, 7, tos: 0xB8) : Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, 900, 7, tos: 0xB8);
        Assert.Equal(Hash(one), Hash(two));
    }

    /// <summary>Only the first fragment shows the ports, so none may count.</summary>
    [Fact]
    public void All_fragments_of_a_packet_have_the_same_hash()
    {
        byte[] Fragment(ushort flags, byte fill) => Build.Ipv4(TestNetwork.Vm1, TestNetwork.Remote4, 17, [fill, fill, fill, fill, .. new byte[20]], flagsAndOffset: flags);
        uint first = Hash(Fragment(0x2000, 1));
        Assert.Equal(first, Hash(Fragment(0x2010, 2)));
        Assert.Equal(first, Hash(Fragment(0x0020, 3)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flows_spread_over_the_source_ports(bool v6)
    {
        // 16,384 flows: clients in a subnet, ports that count up, as real ones do.
        const int flows = 16384;
        const int buckets = 64;
        var counts = new int[buckets];
        var distinct = new HashSet<uint>();
        for (int i = 0; i < flows; i++)
        {
            string client = v6 ? $"2001:db8:1::{i % 64 + 1:x}" : $"198.51.100.{i % 64 + 1}";
            byte[] packet = Build.Udp(client, v6 ? TestNetwork.Remote6 : TestNetwork.Remote4, 8, sourcePort: (ushort)(32768 + i / 64), destinationPort: 443);
            uint port = Hash(packet) & 0x3FFF;
            counts[port % buckets]++;
            distinct.Add(port);
        }
        // 256 are expected in each; five standard deviations are 80. Of 16,384 thrown into as many, 63 % hit a fresh one.
        Assert.All(counts, count => Assert.InRange(count, 176, 336));
        Assert.InRange(distinct.Count, 0.58 * flows, 0.68 * flows);
    }

    /// <summary>The header alone, or a part of the ports: read as far as the packet goes. The page behind it is closed.</summary>
    [Theory]
    [InlineData(6)]
    [InlineData(17)]
    [InlineData(132)]
    public void A_packet_too_short_for_ports_has_a_hash(byte protocol)
    {
        for (int bytes = 0; bytes < 6; bytes++)
        {
            Hash(Build.Ipv4(TestNetwork.Vm1, TestNetwork.Remote4, protocol, new byte[bytes]));
            Hash(Build.Ipv6(TestNetwork.Vm1V6, TestNetwork.Remote6, protocol, new byte[bytes]));
        }
        Assert.Equal(
            Hash(Build.Ipv4(TestNetwork.Vm1, TestNetwork.Remote4, protocol, [1, 2, 3])),
            Hash(Build.Ipv4(TestNetwork.Vm1, TestNetwork.Remote4, protocol, [])));
    }

    /// <summary>On the wire: one flow, one source port; many flows, many.</summary>
    [Fact]
    public void A_flow_keeps_its_source_port_through_the_tunnel()
    {
        using var network = new TestNetwork();
        ushort Port(ushort guestPort, byte ttl)
        {
            byte[] packet = Build.Udp(TestNetwork.Vm1, "198.51.100.42", 8, ttl, guestPort);
            byte[] frame = network.Receive(network.Access, TestNetwork.FromVm1(packet)).Outcomes[0].Frame;
            return (ushort)(frame[34] << 8 | frame[35]);
        }
        var ports = new HashSet<ushort>();
        for (ushort guest = 1000; guest < 1200; guest++)
        {
            Assert.Equal(Port(guest, 64), Port(guest, 9));
            Assert.InRange(Port(guest, 64), 0xC000, 0xFFFF);
            ports.Add(Port(guest, 64));
        }
        Assert.InRange(ports.Count, 190, 200);
    }

    private static uint Hash(byte[] packet)
    {
        using var arena = new MbufArena(1, 1);
        byte* ip = arena.Place(0, packet)->Data;
        return packet[0] >> 4 == 6 ? FlowHash.Of6(ip, (uint)packet.Length) : FlowHash.Of4(ip, (uint)packet.Length);
    }

    private static string Address(Random random, bool v6) => v6
        ? $"2001:db8:{random.Next(65536):x}::{random.Next(65536):x}:{random.Next(65536):x}"
        : $"{random.Next(1, 224)}.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}";
}
