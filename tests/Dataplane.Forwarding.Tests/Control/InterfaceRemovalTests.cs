using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>Virtual interfaces go while packets of them are about, and what takes their place gets nothing that was theirs.</summary>
public sealed unsafe class InterfaceRemovalTests
{
    private const string Guest = "192.0.2.70";
    private static readonly MacAddress GuestMac = MacAddress.Parse("02:00:00:00:00:99");

    [Fact]
    [Trait("Requirement", "SEC-02")]
    [Trait("Requirement", "SEC-05")]
    public void NothingOfAnInterfaceIsLeft()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        byte[] from = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4));
        byte[] to = Labelled(TestNetwork.Vm1Label, Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1));
        network.Route(network.Blue, TestNetwork.Vm1 + "/32", null, TestNetwork.Vm1Label);
        Assert.Equal(Exit.Transmitted, network.Rig.Receive(network.Access, from).Outcomes[0].Exit);
        Assert.Equal(Exit.Transmitted, network.Rig.Receive(network.Core, to).Outcomes[0].Exit);
        Assert.Equal(LeafKind.Interface, datapath.Lookup(network.Blue, IpAddress.Parse(TestNetwork.Vm1), coreView: false).Kind);

        datapath.RemoveInterface(network.VmOne);
        Assert.Equal(1, network.Rig.Receive(network.Access, from).Drops[DropReason.Unclassified]);
        Assert.Equal(1, network.Rig.Receive(network.Core, to).Drops[DropReason.UnknownLabel]);
        Assert.Equal(LeafKind.None, datapath.Lookup(network.Blue, IpAddress.Parse(TestNetwork.Vm1), coreView: false).Kind);
        Assert.Equal(LeafKind.None, datapath.Lookup(network.Blue, IpAddress.Parse(TestNetwork.Vm1), coreView: true).Kind);
        Assert.Equal(network.InterfaceCount - 1, datapath.InterfaceCount);
        Assert.Throws<ArgumentException>(() => datapath.RemoveInterface(network.VmOne));
        Assert.False(datapath.TryFindInterface(new Label20(TestNetwork.Vm1Label), out _, out _));
    }

    [Fact]
    public void WhoeverIsLeftAloneWithATagIsFoundByItAgain()
    {
        using var network = new TestNetwork();
        // VmOne and VmThree share tag 317 and differ by MAC.
        Assert.True(Slot(network, 317)->Index == uint.MaxValue);
        network.Datapath.RemoveInterface(network.VmOne);
        Assert.Equal(network.VmThree.Row, Slot(network, 317)->Index);
        network.Datapath.RemoveInterface(network.VmThree);
        Assert.True(Slot(network, 317)->Index == uint.MaxValue);
        // The only interface of a pair of tags is never found by the outer one alone.
        network.Datapath.RemoveInterface(network.QinQ);
        Add(network, network.Access2, network.Green, 200, 7, null);
        Assert.True(Slot(network, 200)->Index == uint.MaxValue);
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public void ARowServesAnotherWhenNoWorkerCanHoldIt()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        EpochSlot* worker = datapath.Root->Epochs;
        worker->Announced = datapath.Root->GlobalEpoch;
        datapath.RemoveInterface(network.Guests);
        datapath.Reclaim();
        Assert.True(datapath.Root->Interfaces[network.Guests.Row] != null);
        InterfaceId other = Add(network, network.Access2, network.Red, 300, null, "192.0.2.64/26");
        Assert.NotEqual(network.Guests.Row, other.Row);

        worker->Announced = EpochSlot.Quiescent;
        datapath.Reclaim();
        Assert.True(datapath.Root->Interfaces[network.Guests.Row] == null);
        InterfaceId next = Add(network, network.Access2, network.Red, 301, null, "192.0.2.128/26");
        Assert.Equal(network.Guests.Row, next.Row);
        Assert.NotEqual(network.Guests, next);
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public void NeighboursOfTheFormerInterfaceAreNobodys()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        datapath.SetInterfaceNeighbor(network.Guests, IpAddress.Parse(Guest), GuestMac);
        datapath.SetInterfaceNeighbor(network.Guests, IpAddress.Parse("2001:db8:3:1::5"), GuestMac);
        InterfaceId next = Replace(network);
        byte[] to = Labelled(77, Build.Udp("192.0.2.40", Guest));
        byte[] to6 = Labelled(77, Build.Udp("2001:db8:3::40", "2001:db8:3:1::5"));
        Assert.Equal(2, network.Rig.Receive(network.Core, to, to6).Punts[PuntReason.NeighborUnresolved]);

        // An answer that the slow path heard for the former one.
        datapath.SetInterfaceNeighbor(network.Guests, IpAddress.Parse(Guest), GuestMac);
        Outcome punted = network.Rig.Receive(network.Core, to).Outcomes[0];
        Assert.Equal((Exit.Punted, next.Value), (punted.Exit, punted.Tag.OutInterface));
        datapath.SetInterfaceNeighbor(next, IpAddress.Parse(Guest), GuestMac);
        datapath.RemoveInterfaceNeighbor(network.Guests, IpAddress.Parse(Guest));
        Assert.Equal(Exit.Transmitted, network.Rig.Receive(network.Core, to).Outcomes[0].Exit);
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public void PacketsOnTheirWayFindNobodyUnderAFormerName()
    {
        using var network = new TestNetwork();
        byte[] packet = Build.Udp("192.0.2.40", Guest);
        byte[] frame = Build.Ethernet("02:00:00:00:00:99", Build.Virtual4, 0x0800, packet, (0x8100, 100));
        InjectTag delivery = new() { Kind = InjectKind.Delivery, KeepTtl = 1, Vrf = network.Green.Value, Interface = network.Guests.Value };
        InjectTag made = new() { Kind = InjectKind.Frame, Port = network.Access2.Value, Interface = network.Guests.Value };
        InjectTag held = new() { Kind = InjectKind.AccessView, Vrf = network.Green.Value, Interface = network.Guests.Value };
        network.Datapath.SetInterfaceNeighbor(network.Guests, IpAddress.Parse(Guest), GuestMac);
        (InjectTag, byte[])[] packets = [(delivery, packet), (made, frame), (held, Build.Udp(Guest, "192.0.2.40"))];
        Assert.Equal(3, network.Rig.Inject(packets).Count(Exit.Transmitted));

        network.Datapath.RemoveInterface(network.Guests);
        Assert.Equal(3, network.Rig.Inject(packets).Drops[DropReason.NoRoute]);
        network.Datapath.Reclaim();
        InterfaceId next = Add(network, network.Access2, network.Green, 102, null, "192.0.2.64/26");
        Assert.Equal(network.Guests.Row, next.Row);
        network.Datapath.SetInterfaceNeighbor(next, IpAddress.Parse(Guest), GuestMac);
        Assert.Equal(3, network.Rig.Inject(packets).Drops[DropReason.NoRoute]);
        Assert.Equal(Exit.Transmitted, network.Rig.Inject((delivery with { Interface = next.Value }, packet)).Outcomes[0].Exit);
    }

    [Fact]
    [Trait("Requirement", "FWD-11")]
    public void WhatAGuestAsksTheForwarderBearsTheNamesOfTheNextInterfaceAndVrf()
    {
        using var network = new TestNetwork();
        VrfId former = network.Datapath.AddVrf(null, []);
        network.Datapath.RemoveVrf(former);
        network.Datapath.RemoveInterface(network.Guests);
        network.Datapath.Reclaim();
        VrfId vrf = network.Datapath.AddVrf(null, []);
        InterfaceId next = Add(network, network.Access2, vrf, 104, null, "192.0.2.64/26");
        Assert.Equal((former.Row, network.Guests.Row), (vrf.Row, next.Row));
        string mac = GuestMac.ToString();
        byte[][] frames =
        [
            Build.Ethernet("ff:ff:ff:ff:ff:ff", mac, 0x0806, Build.ArpRequest(mac, Guest, "169.254.0.1"), (0x8100, 104)),
            Build.Ethernet("33:33:00:00:00:02", mac, 0x86DD, Build.Ipv6("::", "ff02::2", 58, [133, 0, 0, 0, 0, 0, 0, 0], 255), (0x8100, 104)),
            Build.Ethernet(Build.Virtual4, mac, 0x0800, Build.Udp(Guest, "192.0.2.65", ttl: 1), (0x8100, 104)),
        ];
        network.Datapath.SetRoute(vrf, IpPrefix.Parse("0.0.0.0/0"), new SuppliedRoute(new TunnelId(0), new Label20(99)));
        BurstResult result = network.Rig.Receive(network.Access2, frames);
        Assert.Equal([PuntReason.Arp, PuntReason.Nd, PuntReason.TtlExpired], result.Outcomes.Select(static outcome => outcome.Tag.Reason));
        Assert.All(result.Outcomes, outcome => Assert.Equal((next.Value, vrf.Value), (outcome.Tag.Interface, outcome.Tag.Vrf)));
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public void PacketsOfAFormerVrfDoNotEnterTheNext()
    {
        using var network = new TestNetwork();
        VrfId former = network.Datapath.AddVrf(null, []);
        network.Datapath.RemoveVrf(former);
        network.Datapath.Reclaim();
        VrfId next = network.Datapath.AddVrf(null, []);
        Assert.Equal(former.Row, next.Row);
        network.Datapath.SetRoute(next, IpPrefix.Parse("0.0.0.0/0"), new SuppliedRoute(new TunnelId(0), new Label20(99)));
        InjectTag tag = new() { Kind = InjectKind.CoreView, Vrf = former.Value, Interface = uint.MaxValue };
        byte[] packet = Build.Udp("192.0.2.1", "192.0.2.2");
        Assert.Equal(1, network.Rig.Inject((tag, packet)).Drops[DropReason.NoRoute]);
        Assert.Equal(Exit.Transmitted, network.Rig.Inject((tag with { Vrf = next.Value }, packet)).Outcomes[0].Exit);
        Assert.Throws<ArgumentException>(() => network.Datapath.AllowIngress(former, IpAddress.Parse("203.0.113.44")));
    }

    [Fact]
    public void AnInterfaceIsAddedWholeOrNotAtAll()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        var sound = new InterfaceSettings
        {
            Port = network.Access2,
            Vrf = network.Red,
            OuterVlan = 300,
            Label = new Label20(77),
            Addresses = [IpPrefix.Parse("192.0.2.99/32")],
        };
        InterfaceSettings[] wrong =
        [
            sound with { Label = new Label20(TestNetwork.Vm1Label) },
            sound with { Label = new Label20(3) },
            sound with { OuterVlan = 100 },
            sound with { Addresses = [IpPrefix.Parse("192.0.2.98/32"), IpPrefix.Parse(TestNetwork.Vm1 + "/32")] },
            sound with { Addresses = [IpPrefix.Parse("192.0.2.98/32"), IpPrefix.Parse("192.0.2.98/32")] },
            sound with { Port = new PortId(99) },
            sound with { Vrf = new VrfId(9) },
        ];
        foreach (InterfaceSettings settings in wrong)
            Assert.Throws<ArgumentException>(() => datapath.AddInterface(settings));
        Assert.Equal(network.InterfaceCount, datapath.InterfaceCount);
        datapath.AddInterface(sound);
        Assert.Equal(LeafKind.Interface, datapath.Lookup(network.Red, IpAddress.Parse("192.0.2.99"), coreView: true).Kind);
        Assert.Equal(LeafKind.Tunnel, datapath.Lookup(network.Red, IpAddress.Parse("192.0.2.98"), coreView: true).Kind); // the default route
    }

    [Fact]
    public void AnInterfaceGoesWhenNoGroupUsesIt()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        GroupId group = datapath.AddGroup(new GroupSettings
        {
            Members = [GroupMember.Local(network.VmOne, IpAddress.Parse(TestNetwork.Us4), new Label20(TestNetwork.Vm1Label))],
        });
        Assert.Throws<InvalidOperationException>(() => datapath.RemoveInterface(network.VmOne));
        datapath.SetGroup(group, new GroupSettings { Members = [GroupMember.Remote(new TunnelId(0), new Label20(99))] });
        datapath.RemoveInterface(network.VmOne);
        Assert.Throws<ArgumentException>(() => datapath.SetGroup(group, new GroupSettings
        {
            Members = [GroupMember.Local(network.VmOne, IpAddress.Parse(TestNetwork.Us4), new Label20(TestNetwork.Vm1Label))],
        }));
    }

    private static InterfaceId Replace(TestNetwork network)
    {
        network.Datapath.RemoveInterface(network.Guests);
        network.Datapath.Reclaim();
        InterfaceId next = network.Datapath.AddInterface(new InterfaceSettings
        {
            Port = network.Access2,
            Vrf = network.Green,
            OuterVlan = 101,
            Label = new Label20(77),
            Addresses = [IpPrefix.Parse("192.0.2.64/26"), IpPrefix.Parse("2001:db8:3:1::/64")],
        });
        Assert.Equal(network.Guests.Row, next.Row);
        return next;
    }

    private static InterfaceId Add(TestNetwork network, PortId port, VrfId vrf, ushort outer, ushort? inner, string? prefix) =>
        network.Datapath.AddInterface(new InterfaceSettings
        {
            Port = port,
            Vrf = vrf,
            OuterVlan = outer,
            InnerVlan = inner,
            Addresses = prefix is null ? [] : [IpPrefix.Parse(prefix)],
        });

    private static InterfaceRow* Slot(TestNetwork network, ushort vlan) =>
        (network.Datapath.Root->Ports + (vlan == 200 ? network.Access2 : network.Access).Value)->VlanRows[vlan];

    internal static byte[] Labelled(uint label, byte[] inner) =>
        TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInGre, outerV6: false, label, inner));
}
