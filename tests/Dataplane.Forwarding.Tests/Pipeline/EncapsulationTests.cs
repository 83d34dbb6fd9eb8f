using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Model;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

public sealed class EncapsulationTests
{
    // Made with scapy 2.5.0 (load_contrib("mpls")). For i in 0..5: e = i // 2 (0 GRE, 1 UDP, 2 IP), outer IPv6 when i is odd.
    //   inner4 = IP(src="198.51.100.25", dst=f"198.51.100.{40+i}", ttl=63, id=7, tos=0x2e)/UDP(sport=5000, dport=5001)/b"dataplane"
    //   inner6 = IPv6(src="2001:db8:1::25", dst=f"2001:db8:1::{40+i}", hlim=63, tc=0x2e)/UDP(sport=5000, dport=5001)/b"dataplane"
    //   stack  = Raw(bytes(MPLS(label=61200+i, cos=1, s=1, ttl=64)/inner))
    //   outer  = IP(src="203.0.113.17", dst=f"203.0.113.{40+e}", ttl=64, id=0, flags="DF", tos=40)
    //         or IPv6(src="2001:db8:f::17", dst=f"2001:db8:f::4{e}", hlim=64, tc=40)
    //   frame  = Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:11")/outer/...
    //     e = 0: GRE(proto=0x8847)/stack     e = 1: UDP(sport=0xC000, dport=6635, chksum=0 over IPv4)/stack
    //     e = 2: outer.proto or outer.nh = 137, stack
    public static TheoryData<int, bool, string> Frames() => new()
    {
        { 0, false, "02000000000102000000001108004528004100004000402fc22bcb007111cb007128000088470ef10340452e0025000700003f1126ebc6336419c6336428138813890011747464617461706c616e65" },
        { 0, true, "02000000000102000000001108004528005500004000402fc217cb007111cb007128000088470ef1034062e000000011113f20010db800010000000000000000002520010db80001000000000000000000401388138900116d4464617461706c616e65" },
        { 1, false, "02000000000102000000001186dd62800000002d2f4020010db8000f0000000000000000001720010db8000f00000000000000000040000088470ef11340452e0025000700003f1126eac6336419c6336429138813890011747364617461706c616e65" },
        { 1, true, "02000000000102000000001186dd6280000000412f4020010db8000f0000000000000000001720010db8000f00000000000000000040000088470ef1134062e000000011113f20010db800010000000000000000002520010db80001000000000000000000411388138900116d4364617461706c616e65" },
        { 2, false, "020000000001020000000011080045280045000040004011c244cb007111cb007129c00019eb003100000ef12340452e0025000700003f1126e9c6336419c633642a138813890011747264617461706c616e65" },
        { 2, true, "020000000001020000000011080045280059000040004011c230cb007111cb007129c00019eb004500000ef1234062e000000011113f20010db800010000000000000000002520010db80001000000000000000000421388138900116d4264617461706c616e65" },
        { 3, false, "02000000000102000000001186dd628000000031114020010db8000f0000000000000000001720010db8000f00000000000000000041c00019eb0031dc550ef13340452e0025000700003f1126e8c6336419c633642b138813890011747164617461706c616e65" },
        { 3, true, "02000000000102000000001186dd628000000045114020010db8000f0000000000000000001720010db8000f00000000000000000041c00019eb004513510ef1334062e000000011113f20010db800010000000000000000002520010db80001000000000000000000431388138900116d4164617461706c616e65" },
        { 4, false, "02000000000102000000001108004528003d000040004089c1d3cb007111cb00712a0ef14340452e0025000700003f1126e7c6336419c633642c138813890011747064617461706c616e65" },
        { 4, true, "020000000001020000000011080045280051000040004089c1bfcb007111cb00712a0ef1434062e000000011113f20010db800010000000000000000002520010db80001000000000000000000441388138900116d4064617461706c616e65" },
        { 5, false, "02000000000102000000001186dd628000000029894020010db8000f0000000000000000001720010db8000f000000000000000000420ef15340452e0025000700003f1126e6c6336419c633642d138813890011746f64617461706c616e65" },
        { 5, true, "02000000000102000000001186dd62800000003d894020010db8000f0000000000000000001720010db8000f000000000000000000420ef1534062e000000011113f20010db800010000000000000000002520010db80001000000000000000000451388138900116d3f64617461706c616e65" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    [Trait("Requirement", "ARC-16")]
    [Trait("Requirement", "FWD-04")]
    [Trait("Requirement", "FWD-06")]
    [Trait("Requirement", "FWD-07")]
    public void A_guests_packet_leaves_as_scapy_builds_it(int tunnel, bool inner6, string expected)
    {
        using var network = new TestNetwork();
        byte[] payload = [.. "dataplane"u8];
        byte[] packet = inner6
            ? Build.Ipv6(TestNetwork.Vm1V6, $"2001:db8:1::{40 + tunnel}", 17,
                Build.UdpDatagram(5000, 5001, payload, [.. Build.Address(TestNetwork.Vm1V6), .. Build.Address($"2001:db8:1::{40 + tunnel}")]), trafficClass: 0x2E)
            : Build.Ipv4(TestNetwork.Vm1, $"198.51.100.{40 + tunnel}", 17,
                Build.UdpDatagram(5000, 5001, payload, [.. Build.Address(TestNetwork.Vm1), .. Build.Address($"198.51.100.{40 + tunnel}")]), tos: 0x2E, id: 7);
        Outcome outcome = Assert.Single(network.Receive(network.Access, TestNetwork.FromVm1(packet)).Outcomes);
        Assert.Equal(Exit.Transmitted, outcome.Exit);
        byte[] frame = Convert.FromHexString(expected);
        if (tunnel / 2 == (int)Encapsulation.MplsInUdp)
            frame = Agreement.WithEntropyOf(frame, outcome.Frame);
        Assert.Equal(Convert.ToHexStringLower(frame), Convert.ToHexStringLower(outcome.Frame));
    }

    [Theory]
    [MemberData(nameof(Frames))]
    [Trait("Requirement", "FWD-05")]
    [Trait("Requirement", "FWD-14")]
    public void A_tunnelled_packet_is_delivered_to_the_interface_of_its_label(int tunnel, bool inner6, string _)
    {
        using var network = new TestNetwork();
        byte[] packet = inner6 ? Build.Udp(TestNetwork.Remote6, TestNetwork.Vm1V6, ttl: 1) : Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1, ttl: 1);
        byte[] outer = TestNetwork.Tunnelled((Encapsulation)(tunnel / 2), tunnel % 2 == 1, TestNetwork.Vm1Label, packet);
        Outcome outcome = Assert.Single(network.Receive(network.Core, TestNetwork.OnCore(outer)).Outcomes);
        Assert.Equal(Exit.Transmitted, outcome.Exit);
        byte[] expected = Build.Ethernet(TestNetwork.Host1, inner6 ? Build.Virtual6 : Build.Virtual4, TestNetwork.EtherTypeOf(packet), packet, (0x8100, 317));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(outcome.Frame));
    }

    /// <summary>The header checksum comes from a sum made ahead; DSCP and length are added per packet.</summary>
    [Fact]
    [Trait("Requirement", "FWD-06")]
    public void The_outer_header_checksum_is_right_for_every_DSCP_and_length()
    {
        for (int dscp = 0; dscp < 64; dscp++)
        {
            using var network = new TestNetwork(defaultClass: new ForwardingClass((byte)dscp, (byte)(dscp % 8)));
            for (int shortest = 0; shortest <= 1444; shortest += Batch.Capacity)
            {
                byte[][] frames =
                [
                    .. Enumerable.Range(shortest, Math.Min(Batch.Capacity, 1445 - shortest))
                        .Select(bytes => Build.Udp(TestNetwork.Vm2, TestNetwork.Remote4, bytes))
                        .Select(packet => Build.Ethernet(Build.Virtual4, TestNetwork.Host2, 0x0800, packet, (0x8100, 318))),
                ];
                foreach (Outcome outcome in network.Rig.Receive(network.Access, frames).Outcomes)
                {
                    Assert.Equal(Exit.Transmitted, outcome.Exit);
                    Assert.Equal(0xFFFF, Checksum.Sum(outcome.Frame.AsSpan(14, 20)));
                    Assert.Equal(dscp << 2, outcome.Frame[15]);
                    Assert.Equal(outcome.Frame.Length - 14, outcome.Frame[16] << 8 | outcome.Frame[17]);
                }
            }
        }
    }

    [Fact]
    [Trait("Requirement", "FWD-07")]
    public void The_UDP_checksum_over_IPv6_is_right_for_every_length()
    {
        using var network = new TestNetwork();
        for (int bytes = 0; bytes <= 1400; bytes++)
        {
            byte[] packet = Build.Udp(TestNetwork.Vm1V6, "2001:db8:1::43", bytes);
            Outcome outcome = Assert.Single(network.Rig.Receive(network.Access, TestNetwork.FromVm1(packet)).Outcomes);
            Assert.Equal(Exit.Transmitted, outcome.Exit);
            byte[] frame = outcome.Frame;
            Assert.Equal(0xFFFF, Checksum.Sum(frame.AsSpan(54), Checksum.Pseudo(frame.AsSpan(22, 32), 17, frame.Length - 54)));
            Assert.NotEqual(0, frame[60] << 8 | frame[61]);
        }
    }

    [Fact]
    [Trait("Requirement", "FWD-07")]
    public void The_UDP_checksum_over_IPv6_is_left_out_where_that_is_configured()
    {
        using var network = new TestNetwork();
        TunnelId tunnel = network.AddTunnel(Encapsulation.MplsInUdp, "2001:db8:f::99", zeroUdp6: true);
        network.Route(network.Blue, "198.51.100.99/32", tunnel, 7777);
        network.Resolve();
        Outcome outcome = Assert.Single(network.Receive(network.Access, TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "198.51.100.99"))).Outcomes);
        Assert.Equal(Exit.Transmitted, outcome.Exit);
        Assert.Equal(0, outcome.Frame[60] << 8 | outcome.Frame[61]);
    }

    [Fact]
    [Trait("Requirement", "FWD-23")]
    public void Ethernet_padding_never_enters_a_tunnel_nor_leaves_one()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, 0);
        byte[] padded = [.. TestNetwork.FromVm1(packet), .. new byte[18]];
        Outcome outcome = Assert.Single(network.Receive(network.Access, padded).Outcomes);
        Assert.Equal(14 + 20 + 4 + 4 + packet.Length, outcome.Frame.Length);

        byte[] back = Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1, 0);
        byte[] fromCore = [.. TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInIp, false, TestNetwork.Vm1Label, back)), .. new byte[9]];
        outcome = Assert.Single(network.Receive(network.Core, fromCore).Outcomes);
        Assert.Equal(18 + back.Length, outcome.Frame.Length);
    }

    /// <summary>Pipe model: what the tenant wrote into DSCP and ECN stays; the outer header carries the provider's class.</summary>
    [Theory]
    [InlineData(0x00)]
    [InlineData(0x03)]
    [InlineData(0xB8)]
    [InlineData(0xFF)]
    [Trait("Requirement", "QOS-05")]
    public void Class_and_ECN_of_tenant_and_provider_do_not_mix(int tos)
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, tos: (byte)tos);
        Outcome outcome = Assert.Single(network.Receive(network.Access, TestNetwork.FromVm1(packet)).Outcomes);
        Assert.Equal(10 << 2, outcome.Frame[15]);
        Assert.Equal(tos, outcome.Frame[14 + 20 + 4 + 4 + 1]);
        byte[] back = Build.Udp(TestNetwork.Remote6, TestNetwork.Vm1V6, tos: (byte)tos);
        outcome = Assert.Single(network.Receive(network.Core, TestNetwork.OnCore(
            TestNetwork.Tunnelled(Encapsulation.MplsInGre, true, TestNetwork.Vm1Label, back))).Outcomes);
        Assert.Equal(back, outcome.Frame[18..]);
    }
}
