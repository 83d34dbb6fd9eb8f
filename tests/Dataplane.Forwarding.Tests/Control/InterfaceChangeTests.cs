using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>Virtual interfaces change while packets of them are about, and what does not change goes on.</summary>
[Trait("Requirement", "SEC-02")]
public sealed unsafe class InterfaceChangeTests
{
    private const string New = "192.0.2.130";
    private static readonly IpPrefix Old = IpPrefix.Parse("192.0.2.64/26");
    private static readonly MacAddress GuestMac = MacAddress.Parse("02:00:00:00:00:99");

    private static InterfaceSettings Guests(TestNetwork network, params string[] addresses) => new()
    {
        Port = network.Access2,
        Vrf = network.Green,
        OuterVlan = 100,
        Label = new Label20(TestNetwork.GuestLabel),
        Addresses = [.. addresses.Select(static text => IpPrefix.Parse(text))],
        Mtu = 1400,
    };

    [Fact]
    public void AnAddressMoreTakesNothingFromTheOthers()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        datapath.SetInterfaceNeighbor(network.Guests, IpAddress.Parse("192.0.2.70"), GuestMac);
        Assert.Equal(Exit.Transmitted, To(network, "192.0.2.70").Outcomes[0].Exit);
        Assert.Equal(1, From(network, New).Drops[DropReason.SourceValidation]);
        ulong before = datapath.PacketsTo(network.Guests);

        datapath.ChangeInterface(network.Guests, Guests(network, "192.0.2.64/26", New + "/32"));
        Assert.Equal(Exit.Transmitted, To(network, "192.0.2.70").Outcomes[0].Exit);
        Assert.Equal(before + 1, datapath.PacketsTo(network.Guests));
        Assert.Equal(Exit.Transmitted, From(network, "192.0.2.70").Outcomes[0].Exit);
        Assert.Equal(Exit.Transmitted, From(network, New).Outcomes[0].Exit);
        Assert.Equal(LeafKind.Interface, datapath.Lookup(network.Green, IpAddress.Parse(New), coreView: true).Kind);
        Assert.True(datapath.TryFindInterface(new Label20(TestNetwork.GuestLabel), out InterfaceId found, out InterfaceSettings? settings));
        Assert.Equal((network.Guests, 2), (found, settings.Addresses.Count));

        // And away again, with its neighbour.
        datapath.SetInterfaceNeighbor(network.Guests, IpAddress.Parse(New), GuestMac);
        Assert.Equal(Exit.Transmitted, To(network, New).Outcomes[0].Exit);
        datapath.ChangeInterface(network.Guests, Guests(network, "192.0.2.64/26"));
        Assert.Equal(1, From(network, New).Drops[DropReason.SourceValidation]);
        Assert.Equal(Exit.Transmitted, To(network, "192.0.2.70").Outcomes[0].Exit);
        Assert.Equal(LeafKind.None, datapath.Lookup(network.Green, IpAddress.Parse(New), coreView: true).Kind);
        datapath.ChangeInterface(network.Guests, Guests(network, "192.0.2.64/26", New + "/32"));
        Assert.Equal(1, To(network, New).Punts[PuntReason.NeighborUnresolved]);
    }

    [Fact]
    [Trait("Requirement", "MOB-05")]
    public void ALabelThatIsLookedUpStillOwnsTheAddressesThatStayed()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        var label = new Label20(TestNetwork.GuestLabel);
        network.Route(network.Green, New + "/32", new TunnelId(0), 61999);
        network.Route(network.Green, Old.ToString(), null, TestNetwork.GuestLabel);
        datapath.SetInterfaceNeighbor(network.Guests, IpAddress.Parse("192.0.2.70"), GuestMac);
        datapath.ChangeInterface(network.Guests, Guests(network, "192.0.2.64/26") with { LooksUpLabel = true });

        // What is elsewhere follows, what is here is delivered: from the core, and from the same host.
        byte[] moved = To(network, New).Outcomes[0].Frame;
        Assert.NotEmpty(moved);
        Assert.Equal(Exit.Transmitted, To(network, "192.0.2.70").Outcomes[0].Exit);
        Assert.Equal(LeafKind.Interface, datapath.Lookup(network.Green, IpAddress.Parse("192.0.2.70"), coreView: false).Kind);
        Assert.True(datapath.TryFindInterface(label, out InterfaceId found, out _));
        Assert.Equal(network.Guests, found);
        datapath.ChangeInterface(network.Guests, Guests(network, "192.0.2.64/26"));
        Assert.Equal(Exit.Transmitted, To(network, "192.0.2.70").Outcomes[0].Exit);
        datapath.ChangeInterface(network.Guests, Guests(network, "192.0.2.64/26") with { LooksUpLabel = true });
        datapath.RemoveInterface(network.Guests);
        Assert.False(datapath.TryFindInterface(label, out _, out _));
        Assert.Equal(1, To(network, "192.0.2.70").Drops[DropReason.UnknownLabel]);
    }

    [Fact]
    public void AnInterfaceIsChangedWholeOrNotAtAll()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        InterfaceSettings sound = Guests(network, "192.0.2.64/26", New + "/32") with { Label = new Label20(77) };
        InterfaceSettings[] wrong =
        [
            sound with { OuterVlan = 101 },
            sound with { Vrf = network.Red },
            sound with { Port = network.Access },
            sound with { Mac = GuestMac },
            sound with { Label = new Label20(TestNetwork.Vm1Label) },
            sound with { Addresses = [IpPrefix.Parse("192.0.2.10/32")] },
            sound with { Addresses = [IpPrefix.Parse("192.0.2.11/32"), IpPrefix.Parse("192.0.2.11/32")] },
        ];
        foreach (InterfaceSettings settings in wrong)
            Assert.Throws<ArgumentException>(() => datapath.ChangeInterface(network.Guests, settings));
        Assert.Equal(LeafKind.None, datapath.Lookup(network.Green, IpAddress.Parse(New), coreView: true).Kind);
        datapath.ChangeInterface(network.Guests, sound);
        Assert.True(datapath.TryFindInterface(new Label20(77), out _, out _));
        Assert.Equal(1, To(network, "192.0.2.70").Drops[DropReason.UnknownLabel]);
        datapath.RemoveInterface(network.Guests);
        Assert.Throws<ArgumentException>(() => datapath.ChangeInterface(network.Guests, sound));
    }

    private static BurstResult From(TestNetwork network, string source) => network.Rig.Receive(
        network.Access2, Build.Ethernet(Build.Virtual4, "02:00:00:00:00:99", 0x0800, Build.Udp(source, "192.0.2.40"), (0x8100, 100)));

    private static BurstResult To(TestNetwork network, string destination) =>
        network.Rig.Receive(network.Core, InterfaceRemovalTests.Labelled(TestNetwork.GuestLabel, Build.Udp("192.0.2.40", destination)));
}
