using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>What leaves for the slow path, and what its tag says.</summary>
public sealed class PuntTests
{
    private static readonly (PuntReason Reason, string Name, Func<TestNetwork, (PortId Port, byte[] Frame)> Make, int L3Offset)[] Cases =
    [
        (PuntReason.Arp, "request", n => (n.Access, Build.Ethernet("ff:ff:ff:ff:ff:ff", TestNetwork.Host1, 0x0806, Build.ArpRequest(TestNetwork.Host1, TestNetwork.Vm1, "198.51.100.1"), (0x8100, 317))), 18),
        (PuntReason.Arp, "of nothing", n => (n.Access, Build.Ethernet("ff:ff:ff:ff:ff:ff", TestNetwork.Host1, 0x0806, [], (0x8100, 317))), 18),
        (PuntReason.Arp, "behind two tags", n => (n.Access2, Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0806, new byte[28], (0x88A8, 200), (0x8100, 7))), 22),
        (PuntReason.Arp, "untagged", n => (n.Local, Build.Ethernet(Build.Virtual4, "02:00:00:00:03:10", 0x0806, new byte[46])), 14),
        (PuntReason.Nd, "router solicitation from nowhere", n => (n.Access, TestNetwork.FromVm1(Build.Ipv6("::", "ff02::2", 58, [133, 0, 0, 0, 0, 0, 0, 0], 255), "33:33:00:00:00:02")), 18),
        (PuntReason.Nd, "redirect", n => (n.Access, TestNetwork.FromVm1(Build.Ipv6("fe80::25", "fe80::1", 58, [137, 0, 0, 0], 255))), 18),
        (PuntReason.RouterAddress, "first hop", n => (n.Access, TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "169.254.0.1"))), 18),
        (PuntReason.RouterAddress, "IPv6 first hop from a link-local address", n => (n.Access, TestNetwork.FromVm1(Build.Udp("fe80::25", "fe80::1"))), 18),
        (PuntReason.RouterAddress, "with TTL 1", n => (n.Access, TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, "198.51.100.1", ttl: 1))), 18),
        (PuntReason.RouterAddress, "from the core", n => (n.Core, Aggregate(Build.Udp(TestNetwork.Remote4, "198.51.100.1"))), 42),
        (PuntReason.TtlExpired, "to a tunnel", n => (n.Access, TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, ttl: 1))), 18),
        (PuntReason.TtlExpired, "zero", n => (n.Access, TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1V6, TestNetwork.Remote6, ttl: 0))), 18),
        (PuntReason.TtlExpired, "through an aggregate", n => (n.Core, Aggregate(Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1, ttl: 1))), 42),
        (PuntReason.MtuExceeded, "to a tunnel", n => (n.Access, TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4, 1472 - 28 + 1))), 18),
        (PuntReason.MtuExceeded, "by an interface label", n => (n.Core, Labelled(TestNetwork.GuestLabel, Build.Udp("192.0.2.40", "192.0.2.70", 1373))), 42),
        (PuntReason.NeighborUnresolved, "by an interface label", n => (n.Core, Labelled(TestNetwork.GuestLabel, Build.Udp("192.0.2.40", "192.0.2.70"))), 42),
        (PuntReason.NeighborUnresolved, "IPv6", n => (n.Core, Labelled(TestNetwork.LocalLabel, Build.Udp("2001:db8:3::40", "2001:db8:3::10"))), 42),
        (PuntReason.UnderlayUnresolved, "tunnel", n => { n.Resolve(false); return (n.Access, TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4))); }, 18),
        (PuntReason.UnderlayArp, "request", n => (n.Core, Build.Ethernet("ff:ff:ff:ff:ff:ff", TestNetwork.NeighborMac, 0x0806, Build.ArpRequest(TestNetwork.NeighborMac, "203.0.113.1", TestNetwork.Us4))), 14),
        (PuntReason.UnderlayNd, "solicitation", n => (n.Core, Build.Ethernet("33:33:ff:00:00:17", TestNetwork.NeighborMac, 0x86DD, Build.Ipv6("2001:db8:f::1", "ff02::1:ff00:17", 58, [135, 0, 0, 0, .. new byte[20]], 255))), 14),
        (PuntReason.UnderlayLocal, "echo to the tunnel end", n => (n.Core, TestNetwork.OnCore(Build.Ipv4("203.0.113.1", TestNetwork.Us4, 1, [8, 0, 0, 0]))), 14),
        (PuntReason.UnderlayLocal, "echo to another own address", n => (n.Core, TestNetwork.OnCore(Build.Ipv6("2001:db8:f::1", TestNetwork.Other6, 58, [128, 0, 0, 0]))), 14),
    ];

    public static TheoryData<PuntReason, string> Punts()
    {
        TheoryData<PuntReason, string> data = [];
        foreach ((PuntReason reason, string name, _, _) in Cases)
            data.Add(reason, name);
        return data;
    }

    [Theory]
    [MemberData(nameof(Punts))]
    [Trait("Requirement", "FWD-11")]
    [Trait("Requirement", "FWD-23")]
    [Trait("Requirement", "MGT-08")]
    public void A_punted_packet_is_counted_once_and_says_where_it_was(PuntReason reason, string name)
    {
        using var network = new TestNetwork();
        (_, _, Func<TestNetwork, (PortId Port, byte[] Frame)> make, int l3Offset) = Cases.Single(one => one.Reason == reason && one.Name == name);
        (PortId port, byte[] frame) = make(network);
        BurstResult result = network.Receive(port, frame);
        Assert.Equal([(reason, 1)], result.Punts.Select(entry => (entry.Key, entry.Value)));
        Outcome outcome = Assert.Single(result.Outcomes);
        Assert.Equal(reason, outcome.Tag.Reason);
        Assert.Equal(l3Offset, outcome.Tag.L3Offset);
        // The frame goes as it came: the slow path quotes it, and TTL is not lowered yet.
        Assert.Equal(frame, outcome.Frame);
        bool fromGuest = port != network.Core;
        Assert.Equal(fromGuest ? 0 : 1, outcome.Tag.FromCore);
        Assert.Equal(fromGuest ? port.Value : outcome.Tag.Interface == uint.MaxValue && outcome.Tag.Vrf != uint.MaxValue ? ushort.MaxValue : network.Core.Value, outcome.Tag.Port);
        Assert.Equal(!fromGuest && outcome.Tag.Vrf != uint.MaxValue ? 1 : 0, outcome.Tag.Decapsulated);
        network.RequireCounters();
    }

    // VRRP needs a port with an election: the golden cases have some.
    [Fact]
    public void Every_punt_reason_has_a_case() => Assert.Equal(
        Enum.GetValues<PuntReason>().Except([PuntReason.None, PuntReason.Vrrp]).Order(), Cases.Select(one => one.Reason).Distinct().Order());

    /// <summary>FWD-23: the inner MTU of each encapsulation is the path's less its overhead, to the byte.</summary>
    [Theory]
    [InlineData(0, 1500 - 28)]
    [InlineData(1, 1500 - 48)]
    [InlineData(2, 1500 - 32)]
    [InlineData(3, 1500 - 52)]
    [InlineData(4, 1500 - 24)]
    [InlineData(5, 1500 - 44)]
    [Trait("Requirement", "FWD-23")]
    public void The_longest_packet_that_fits_passes_and_the_next_one_does_not(int tunnel, int innerMtu)
    {
        using var network = new TestNetwork();
        byte[] fits = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, $"198.51.100.{40 + tunnel}", innerMtu - 28));
        byte[] exceeds = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, $"198.51.100.{40 + tunnel}", innerMtu - 27));
        BurstResult result = network.Receive(network.Access, fits, exceeds);
        Assert.Equal(Exit.Transmitted, result.Outcomes[0].Exit);
        Assert.Equal(1514, result.Outcomes[0].Frame.Length);
        Assert.Equal(Exit.Punted, result.Outcomes[1].Exit);
        Assert.Equal(innerMtu, result.Outcomes[1].Tag.Mtu);
        Assert.Equal((uint)tunnel, result.Outcomes[1].Tag.Tunnel);
    }

    private static byte[] Aggregate(byte[] inner) => Labelled(TestNetwork.BlueLabel, inner);

    private static byte[] Labelled(uint label, byte[] inner) =>
        TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, label, inner));
}
