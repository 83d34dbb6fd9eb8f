using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>Every reason that a frame alone can bring about: counted once, by name, and by the interface that answers for it.</summary>
public sealed class ReasonTests
{
    private const string Vm1 = TestNetwork.Vm1;
    private const string Remote4 = TestNetwork.Remote4;
    private const string Vm1V6 = TestNetwork.Vm1V6;
    private const string Remote6 = TestNetwork.Remote6;

    // Those that need more than a frame have tests of their own, in LimitTests, BufferTests, FilterTests and StandbyTests.
    private static readonly DropReason[] ByCircumstance =
        [DropReason.None, DropReason.TxFull, DropReason.PuntFull, DropReason.PuntRateLimited, DropReason.UnsupportedBuffer,
            DropReason.Filtered, DropReason.FilterRateLimited, DropReason.Standby];

    private static readonly (DropReason Reason, string Name, Func<byte[]> Frame)[] AccessDrops =
    [
        (DropReason.RuntFrame, "no EtherType", () => new byte[13]),
        (DropReason.RuntFrame, "nothing at all", () => []),
        (DropReason.RuntFrame, "ends inside the tag", () => TestNetwork.FromVm1(Udp4())[..17]),
        (DropReason.RuntFrame, "ends inside the second tag", () => Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, [], (0x88A8, 1), (0x8100, 2))[..21]),
        (DropReason.Unclassified, "unknown VLAN", () => Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Udp4(), (0x8100, 319))),
        (DropReason.NotForRouter, "another station", () => TestNetwork.FromVm1(Udp4(), "02:00:00:00:00:99")),
        (DropReason.NotForRouter, "the port's own MAC", () => TestNetwork.FromVm1(Udp4(), "02:00:00:00:00:21")),
        (DropReason.NotForRouter, "for one destination, to all stations", () => TestNetwork.FromVm1(Udp4(), "ff:ff:ff:ff:ff:ff")),
        (DropReason.NotForRouter, "for one IPv6 destination, to a group", () => TestNetwork.FromVm1(Build.Udp(Vm1V6, Remote6), "33:33:00:00:00:01")),
        (DropReason.NonIp, "MPLS", () => Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x8847, Udp4(), (0x8100, 317))),
        (DropReason.NonIp, "LLDP", () => Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x88CC, Udp4(), (0x8100, 317))),
        (DropReason.BadIpHeader, "nothing behind the EtherType", () => Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, [], (0x8100, 317))),
        (DropReason.BadIpHeader, "IPv6 by EtherType, IPv4 by version", () => Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x86DD, Udp4(200), (0x8100, 317))),
        (DropReason.BadIpHeader, "total length beyond the frame", () => TestNetwork.FromVm1(Udp4()[..^1])),
        (DropReason.BadIpHeader, "header length 4", () => TestNetwork.FromVm1(With(Udp4(), 0, 0x44))),
        (DropReason.BadIpHeader, "IPv6 payload beyond the frame", () => TestNetwork.FromVm1(Build.Udp(Vm1V6, Remote6)[..^1])),
        (DropReason.BadChecksum, "one bit", () => TestNetwork.FromVm1(With(Udp4(), 11, (byte)(Udp4()[11] ^ 1)))),
        (DropReason.BadChecksum, "in the options", () => TestNetwork.FromVm1(With(Build.Ipv4(Vm1, Remote4, 17, new byte[8], options: [0x94, 4, 0, 0]), 23, 9))),
        (DropReason.MartianSource, "this network", () => TestNetwork.FromVm1(Build.Udp("0.1.2.3", Remote4))),
        (DropReason.MartianSource, "loopback", () => TestNetwork.FromVm1(Build.Udp("127.0.0.1", Remote4))),
        (DropReason.MartianSource, "multicast", () => TestNetwork.FromVm1(Build.Udp("224.0.0.1", Remote4))),
        (DropReason.MartianSource, "class E", () => TestNetwork.FromVm1(Build.Udp("240.0.0.1", Remote4))),
        (DropReason.MartianSource, "broadcast", () => TestNetwork.FromVm1(Build.Udp("255.255.255.255", Remote4))),
        (DropReason.MartianSource, "unspecified", () => TestNetwork.FromVm1(Build.Udp("::", Remote6))),
        (DropReason.MartianSource, "IPv6 loopback", () => TestNetwork.FromVm1(Build.Udp("::1", Remote6))),
        (DropReason.MartianSource, "IPv6 multicast", () => TestNetwork.FromVm1(Build.Udp("ff02::1", Remote6))),
        (DropReason.MartianDestination, "this network", () => TestNetwork.FromVm1(Build.Udp(Vm1, "0.0.0.0"))),
        (DropReason.MartianDestination, "loopback", () => TestNetwork.FromVm1(Build.Udp(Vm1, "127.255.255.255"))),
        (DropReason.MartianDestination, "class E", () => TestNetwork.FromVm1(Build.Udp(Vm1, "255.255.255.254"))),
        (DropReason.MartianDestination, "unspecified", () => TestNetwork.FromVm1(Build.Udp(Vm1V6, "::"))),
        (DropReason.MartianDestination, "IPv6 loopback", () => TestNetwork.FromVm1(Build.Udp(Vm1V6, "::1"))),
        (DropReason.SourceValidation, "a neighbour's address", () => TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm2, Remote4))),
        (DropReason.SourceValidation, "a neighbour's IPv6 address", () => TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm2V6, Remote6))),
        (DropReason.SourceValidation, "the forwarder's own address", () => TestNetwork.FromVm1(Build.Udp("198.51.100.1", Remote4))),
        (DropReason.SourceValidation, "the infrastructure's address", () => TestNetwork.FromVm1(Build.Udp(TestNetwork.Us4, Remote4))),
        (DropReason.SourceRoute, "loose", () => TestNetwork.FromVm1(Build.Ipv4(Vm1, Remote4, 17, new byte[8], options: [0x83, 7, 4, 1, 2, 3, 4]))),
        (DropReason.SourceRoute, "strict, behind no-operations", () => TestNetwork.FromVm1(Build.Ipv4(Vm1, Remote4, 17, new byte[8], options: [1, 1, 0x89, 7, 4, 1, 2, 3, 4]))),
        (DropReason.SourceRoute, "routing header 0", () => TestNetwork.FromVm1(Build.Ipv6(Vm1V6, Remote6, 43, [17, 0, 0, 0, 0, 0, 0, 0, .. new byte[8]]))),
        (DropReason.SourceRoute, "routing header 0 behind others", () => TestNetwork.FromVm1(Build.Ipv6(Vm1V6, Remote6, 0,
            [60, 0, 1, 4, 0, 0, 0, 0, 43, 1, 1, 12, .. new byte[12], 59, 0, 0, 0, 0, 0, 0, 0]))),
        (DropReason.Multicast, "IPv4", () => TestNetwork.FromVm1(Build.Udp(Vm1, "224.0.0.5"), "01:00:5e:00:00:05")),
        (DropReason.Multicast, "limited broadcast", () => TestNetwork.FromVm1(Build.Udp(Vm1, "255.255.255.255"), "ff:ff:ff:ff:ff:ff")),
        (DropReason.Multicast, "IPv6", () => TestNetwork.FromVm1(Build.Udp(Vm1V6, "ff02::fb"), "33:33:00:00:00:fb")),
        (DropReason.Multicast, "IPv6 from a link-local address", () => TestNetwork.FromVm1(Build.Ipv6("fe80::25", "ff02::16", 0, [58, 0, 5, 2, 0, 0, 1, 0, 143, 0, 0, 0], 1), "33:33:00:00:00:16")),
        (DropReason.LinkLocal, "destination", () => TestNetwork.FromVm1(Build.Udp(Vm1, "169.254.9.9"))),
        (DropReason.LinkLocal, "IPv6 destination", () => TestNetwork.FromVm1(Build.Udp(Vm1V6, "fe80::2"))),
        (DropReason.LinkLocal, "IPv6 source to a host", () => TestNetwork.FromVm1(Build.Udp("fe80::25", Remote6))),
        (DropReason.LinkLocal, "IPv6 source to a router address", () => TestNetwork.FromVm1(Build.Udp("fe80::25", "2001:db8:1::1"))),
        (DropReason.NoRoute, "IPv4", () => TestNetwork.FromVm1(Build.Udp(Vm1, "198.51.100.99"))),
        (DropReason.NoRoute, "IPv6", () => TestNetwork.FromVm1(Build.Udp(Vm1V6, "2001:db8:1::99"))),
        (DropReason.NoRoute, "the infrastructure", () => TestNetwork.FromVm1(Build.Udp(Vm1, TestNetwork.Us4))),
        (DropReason.LookupLoop, "the aggregate of the own VRF", () => TestNetwork.FromVm1(Build.Udp(Vm1, "203.0.113.200"))),
    ];

    private static readonly (DropReason Reason, string Name, Func<byte[]> Frame, uint? Label)[] CoreDrops =
    [
        (DropReason.RuntFrame, "no EtherType", () => new byte[13], null),
        (DropReason.NotForRouter, "another station", () => Build.Ethernet("02:00:00:00:00:99", TestNetwork.NeighborMac, 0x0800, Gre(Back4())), null),
        (DropReason.NonIp, "tagged", () => Build.Ethernet(TestNetwork.CoreMac, TestNetwork.NeighborMac, 0x0800, Gre(Back4()), (0x8100, 5)), null),
        (DropReason.NonIp, "bare MPLS", () => Build.Ethernet(TestNetwork.CoreMac, TestNetwork.NeighborMac, 0x8847, Build.Label(TestNetwork.Vm1Label, Back4())), null),
        (DropReason.OuterBadHeader, "version", () => TestNetwork.OnCore(With(Gre(Back4()), 0, 0x35)), null),
        (DropReason.OuterBadHeader, "cut", () => TestNetwork.OnCore(Gre(Back4())[..^1]), null),
        (DropReason.OuterBadHeader, "IPv6 cut", () => TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInIp, true, TestNetwork.Vm1Label, Back4())[..39]), null),
        (DropReason.OuterBadHeader, "no room for GRE", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 47, [0, 0, 0x88])), null),
        (DropReason.OuterBadHeader, "no room for UDP", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 17, new byte[7])), null),
        (DropReason.OuterBadHeader, "UDP length", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.41", TestNetwork.Us4, 17, [0xC0, 0, 0x19, 0xEB, 0, 7, 0, 0, .. new byte[20]])), null),
        (DropReason.OuterBadChecksum, "one bit", () => TestNetwork.OnCore(With(Gre(Back4()), 8, 63)), null),
        (DropReason.NotLocal, "bare tenant packet", () => TestNetwork.OnCore(Back4()), null),
        (DropReason.NotLocal, "another forwarder", () => TestNetwork.OnCore(TestNetwork.Outer(Encapsulation.MplsInGre, "203.0.113.40", "203.0.113.18", Build.Label(TestNetwork.Vm1Label, Back4()))), null),
        (DropReason.NotLocal, "an own address that is no tunnel end", () => TestNetwork.OnCore(TestNetwork.Outer(Encapsulation.MplsInGre, "203.0.113.40", TestNetwork.Other4, Build.Label(TestNetwork.Vm1Label, Back4()))), null),
        (DropReason.NotLocal, "multicast", () => TestNetwork.OnCore(Build.Udp("203.0.113.40", "224.0.0.5")), null),
        (DropReason.OuterFragment, "first", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 47, Build.Gre(Build.Label(TestNetwork.Vm1Label, Back4())), flagsAndOffset: 0x2000)), null),
        (DropReason.OuterFragment, "last", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 47, new byte[40], flagsAndOffset: 185)), null),
        (DropReason.OuterFragment, "IPv6", () => TestNetwork.OnCore(Build.Ipv6("2001:db8:f::40", TestNetwork.Us6, 44, [47, 0, 0, 0, 0, 0, 0, 1, .. new byte[40]])), null),
        (DropReason.OuterFragment, "of an echo to another own address", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Other4, 1, new byte[40], flagsAndOffset: 0x2000)), null),
        (DropReason.UnsupportedProtocol, "TCP", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 6, new byte[40])), null),
        (DropReason.UnsupportedProtocol, "another UDP port", () => TestNetwork.OnCore(Build.Udp("203.0.113.40", TestNetwork.Us4)), null),
        (DropReason.GreUnsupported, "key present", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 47, Build.Gre(new byte[40], flags: 0x2000))), null),
        (DropReason.GreUnsupported, "version 1", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 47, Build.Gre(new byte[40], flags: 1))), null),
        (DropReason.GreUnsupported, "bare IP", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 47, Build.Gre(Back4(), protocol: 0x0800))), null),
        (DropReason.GreChecksum, "one bit", () => TestNetwork.OnCore(Build.Ipv4("203.0.113.40", TestNetwork.Us4, 47, With(Build.Gre(Build.Label(TestNetwork.Vm1Label, Back4()), checksum: true), 30, 0xEE))), null),
        (DropReason.UdpChecksum, "one bit", () => TestNetwork.OnCore(BadUdp("203.0.113.41", TestNetwork.Us4)), null),
        (DropReason.UdpChecksum, "IPv6, one bit", () => TestNetwork.OnCore(BadUdp("2001:db8:f::41", TestNetwork.Us6)), null),
        (DropReason.UdpChecksum, "IPv6, none", () => TestNetwork.OnCore(With(With(TestNetwork.Tunnelled(Encapsulation.MplsInUdp, true, TestNetwork.Vm1Label, Back4()), 46, 0), 47, 0)), null),
        (DropReason.LabelStack, "empty", () => Stack([]), null),
        (DropReason.LabelStack, "cut", () => Stack([0x0C, 0xB2, 0xD1]), null),
        (DropReason.LabelStack, "another label below", () => Stack(Build.Label(TestNetwork.Vm1Label, Build.Label(100, Back4()), bottom: false)), null),
        (DropReason.LabelStack, "nothing below an explicit null", () => Stack(Build.Label(0, [], bottom: false)), null),
        (DropReason.LabelStack, "three explicit nulls", () => Stack(Build.Label(0, Build.Label(2, Build.Label(0, Build.Label(TestNetwork.Vm1Label, Back4()), bottom: false), bottom: false), bottom: false)), null),
        (DropReason.UnknownLabel, "not assigned", () => Stack(Build.Label(99, Back4())), null),
        (DropReason.UnknownLabel, "explicit null at the bottom", () => Stack(Build.Label(0, Back4())), null),
        (DropReason.UnknownLabel, "the last label", () => Stack(Build.Label(0xFFFFF, Back4())), null),
        (DropReason.LabelTtl, "zero", () => Stack(Build.Label(TestNetwork.Vm1Label, Back4(), ttl: 0)), null),
        (DropReason.LabelTtl, "zero above", () => Stack(Build.Label(0, Build.Label(TestNetwork.Vm1Label, Back4()), bottom: false, ttl: 0)), null),
        (DropReason.OuterSource, "unknown", () => TestNetwork.OnCore(TestNetwork.Outer(Encapsulation.MplsInGre, "203.0.113.66", TestNetwork.Us4, Build.Label(TestNetwork.Vm1Label, Back4()))), null),
        (DropReason.OuterSource, "unknown, IPv6", () => TestNetwork.OnCore(TestNetwork.Outer(Encapsulation.MplsInUdp, "2001:db8:f::66", TestNetwork.Us6, Build.Label(TestNetwork.BlueLabel, Back4()))), null),
        (DropReason.BadIpHeader, "nothing inside", () => Stack(Build.Label(TestNetwork.Vm1Label, [])), TestNetwork.Vm1Label),
        (DropReason.BadIpHeader, "cut inside", () => Stack(Build.Label(TestNetwork.Vm1Label, Back4()[..^1])), TestNetwork.Vm1Label),
        (DropReason.BadIpHeader, "inside, beyond the UDP datagram", () => TestNetwork.OnCore(ShortUdp()), TestNetwork.Vm1Label),
        (DropReason.BadChecksum, "inside", () => Stack(Build.Label(TestNetwork.Vm1Label, With(Back4(), 8, 9))), TestNetwork.Vm1Label),
        (DropReason.MartianSource, "inside", () => Stack(Build.Label(TestNetwork.Vm1Label, Build.Udp("127.0.0.1", Vm1))), TestNetwork.Vm1Label),
        (DropReason.MartianDestination, "inside", () => Stack(Build.Label(TestNetwork.Vm1Label, Build.Udp(Remote4, "240.0.0.1"))), TestNetwork.Vm1Label),
        (DropReason.Multicast, "inside", () => Stack(Build.Label(TestNetwork.Vm1Label, Build.Udp(Remote6, "ff02::1"))), TestNetwork.Vm1Label),
        (DropReason.SourceRoute, "inside", () => Stack(Build.Label(TestNetwork.Vm1Label, Build.Ipv4(Remote4, Vm1, 17, new byte[8], options: [0x83, 7, 4, 1, 2, 3, 4]))), TestNetwork.Vm1Label),
        (DropReason.LinkLocal, "inside", () => Stack(Build.Label(TestNetwork.Vm1Label, Build.Udp("fe80::9", Vm1V6))), TestNetwork.Vm1Label),
        (DropReason.LinkLocal, "inside an aggregate", () => Stack(Build.Label(TestNetwork.BlueLabel, Build.Udp("fe80::9", Vm1V6))), null),
        (DropReason.NoRoute, "inside an aggregate", () => Stack(Build.Label(TestNetwork.BlueLabel, Build.Udp(Remote4, "198.51.100.99"))), null),
        (DropReason.LookupLoop, "inside an aggregate", () => Stack(Build.Label(TestNetwork.BlueLabel, Build.Udp(Remote4, "203.0.113.200"))), null),
    ];

    public static TheoryData<DropReason, string, bool> Drops()
    {
        TheoryData<DropReason, string, bool> data = [];
        foreach ((DropReason reason, string name, _) in AccessDrops)
            data.Add(reason, name, false);
        foreach ((DropReason reason, string name, _, _) in CoreDrops)
            data.Add(reason, name, true);
        return data;
    }

    [Theory]
    [MemberData(nameof(Drops))]
    [Trait("Requirement", "MGT-08")]
    [Trait("Requirement", "SEC-02")]
    [Trait("Requirement", "SEC-04")]
    [Trait("Requirement", "SEC-09")]
    [Trait("Requirement", "ARC-21")]
    public void A_dropped_packet_is_counted_once_under_its_reason(DropReason reason, string name, bool core)
    {
        using TestNetwork network = WithAggregate();
        (byte[] frame, InterfaceId? answers) = core
            ? CoreDrops.Where(drop => drop.Reason == reason && drop.Name == name).Select(drop => (drop.Frame(), (InterfaceId?)(drop.Label is null ? null : network.VmOne))).Single()
            : AccessDrops.Where(drop => drop.Reason == reason && drop.Name == name)
                .Select(drop => (drop.Frame(), (InterfaceId?)(reason is DropReason.RuntFrame or DropReason.Unclassified ? null : network.VmOne))).Single();
        BurstResult result = network.Receive(core ? network.Core : network.Access, frame);
        Assert.Equal([(reason, 1)], result.Drops.Select(entry => (entry.Key, entry.Value)));
        Assert.Equal(Exit.Freed, Assert.Single(result.Outcomes).Exit);
        ulong[] byInterface = network.Rig.Counters().InterfaceDrops;
        for (uint i = 0; i < byInterface.Length; i++)
            Assert.Equal(answers?.Value == i ? 1ul : 0ul, byInterface[i]);
        network.RequireCounters();
    }

    [Fact]
    public void Every_drop_reason_has_a_case() => Assert.Equal(
        Enum.GetValues<DropReason>().Except(ByCircumstance).Order(),
        AccessDrops.Select(drop => drop.Reason).Concat(CoreDrops.Select(drop => drop.Reason)).Distinct().Order());

    [Fact]
    [Trait("Requirement", "MGT-08")]
    public void All_reasons_in_one_burst_are_kept_apart()
    {
        using TestNetwork network = WithAggregate();
        byte[][] frames = [.. AccessDrops.Select(drop => drop.Frame())];
        BurstResult result = network.Receive(network.Access, frames);
        Assert.Equal(
            AccessDrops.GroupBy(drop => drop.Reason).OrderBy(group => group.Key).Select(group => (group.Key, group.Count())),
            result.Drops.Select(entry => (entry.Key, entry.Value)));
        network.RequireCounters();
    }

    private static TestNetwork WithAggregate()
    {
        var network = new TestNetwork();
        network.Route(network.Blue, "203.0.113.192/27", null, TestNetwork.BlueLabel);
        return network;
    }

    private static byte[] Udp4(byte ttl = 64) => Build.Udp(Vm1, Remote4, ttl: ttl);

    private static byte[] Back4() => Build.Udp(Remote4, Vm1);

    private static byte[] Gre(byte[] inner) => TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, TestNetwork.Vm1Label, inner);

    private static byte[] Stack(byte[] stack) => TestNetwork.OnCore(TestNetwork.Outer(Encapsulation.MplsInGre, "203.0.113.40", TestNetwork.Us4, stack));

    // The inner packet ends where the outer one does, but the UDP length says four octets less.
    private static byte[] ShortUdp()
    {
        byte[] outer = TestNetwork.Outer(Encapsulation.MplsInUdp, "203.0.113.41", TestNetwork.Us4, Build.Label(TestNetwork.Vm1Label, Back4()));
        outer[25] -= 4;
        outer[26] = outer[27] = 0;
        return outer;
    }

    private static byte[] BadUdp(string source, string destination)
    {
        byte[] outer = TestNetwork.Outer(Encapsulation.MplsInUdp, source, destination, Build.Label(TestNetwork.Vm1Label, Back4()));
        outer[^1] ^= 1;
        return outer;
    }

    private static byte[] With(byte[] packet, int at, byte value)
    {
        byte[] copy = [.. packet];
        copy[at] = value;
        return copy;
    }
}
