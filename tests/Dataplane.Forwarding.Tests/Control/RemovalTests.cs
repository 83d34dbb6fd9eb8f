using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>VRFs, tunnels and legitimate sources go again, and nothing that took their place is met by who still holds the old.</summary>
public sealed unsafe class RemovalTests : IDisposable
{
    private static readonly IpPrefix Prefix = IpPrefix.Parse("10.1.0.0/16");
    private static readonly IpAddress Remote = IpAddress.Parse("203.0.113.44");

    private readonly ForwardingRig _rig = new(new DatapathOptions
    {
        ClockHz = 1_000_000,
        Workers = 1,
        Vrfs = 2,
        Interfaces = 4,
        Tunnels = 2,
        Groups = 4,
        TunnelEnd4 = Ipv4Address.Parse("203.0.113.17"),
    });

    private readonly Datapath _datapath;
    private readonly PortId _core;
    private readonly PortId _access;

    public RemovalTests()
    {
        _datapath = _rig.Datapath;
        _core = _datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = default });
        _access = _datapath.AddPort(new PortSettings { Role = PortRole.Access, DpdkPort = 1, Mac = default });
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    [Trait("Requirement", "SEC-09")]
    public void ASourceIsLegitimateUntilItIsRemoved()
    {
        VrfId blue = _datapath.AddVrf(null, []);
        foreach (IpAddress source in (IpAddress[])[Remote, IpAddress.Parse("2001:db8::44")])
        {
            Assert.False(_datapath.RemoveIngress(blue, source));
            _datapath.AllowIngress(blue, source);
            _datapath.AllowIngress(blue, source);
            Assert.Throws<InvalidOperationException>(() => _datapath.RemoveVrf(blue));
            Assert.True(_datapath.RemoveIngress(blue, source));
            Assert.False(_datapath.RemoveIngress(blue, source));
        }
        _datapath.RemoveVrf(blue);
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public void AVrfGoesWhenItIsEmptyAndLeavesNothingToTheNext()
    {
        VrfId blue = _datapath.AddVrf(new Label20(16), [IpAddress.Parse("10.9.9.9")]);
        VrfId red = _datapath.AddVrf(null, []);
        TunnelId tunnel = AddTunnel(Remote);
        _datapath.SetRoute(blue, Prefix, new SuppliedRoute(tunnel, new Label20(100)));
        _datapath.SetRoute(blue, Prefix, new SuppliedRoute(tunnel, new Label20(101)));
        _datapath.SetRoute(blue, IpPrefix.Parse("10.9.9.9/32"), new SuppliedRoute(tunnel, new Label20(102)));
        _datapath.SetRoute(blue, IpPrefix.Parse("10.2.0.1/32"), new SuppliedRoute(null, new Label20(16)));
        Assert.Throws<InvalidOperationException>(() => _datapath.RemoveVrf(blue));
        Assert.True(_datapath.RemoveRoute(blue, Prefix));
        Assert.True(_datapath.RemoveRoute(blue, IpPrefix.Parse("10.9.9.9/32")));
        Assert.Throws<InvalidOperationException>(() => _datapath.RemoveVrf(blue));
        Assert.True(_datapath.RemoveRoute(blue, IpPrefix.Parse("10.2.0.1/32")));

        EpochSlot* worker = _datapath.Root->Epochs;
        worker->Announced = _datapath.Root->GlobalEpoch;
        _datapath.RemoveVrf(blue);
        Assert.Throws<ArgumentException>(() => _datapath.RemoveVrf(blue));
        Assert.Throws<ArgumentException>(() => _datapath.SetRoute(blue, Prefix, default));
        Assert.Throws<ArgumentException>(() => _datapath.AllowIngress(blue, Remote));
        Assert.Equal(LeafKind.None, _datapath.Lookup(blue, IpAddress.Parse("10.9.9.9"), coreView: false).Kind);
        Assert.Equal(LeafKind.None, _datapath.Lookup(blue, IpAddress.Parse("10.9.9.9"), coreView: true).Kind);

        // A worker may still hold a packet of blue: its row is nobody's until it has let go.
        Assert.Throws<InvalidOperationException>(() => _datapath.AddVrf(new Label20(16), []));
        worker->Announced = EpochSlot.Quiescent;
        VrfId green = _datapath.AddVrf(new Label20(16), []);
        Assert.Equal(blue.Row, green.Row);
        Assert.NotEqual(blue, green); // what names blue means nobody now
        Assert.NotEqual(red, green);
        Assert.Equal(LeafKind.None, _datapath.Lookup(green, IpAddress.Parse("10.9.9.9"), coreView: true).Kind);
        Assert.Equal(LeafKind.Router, _datapath.Lookup(green, _datapath.Options.FirstHop4, coreView: true).Kind);
    }

    [Fact]
    public void AVrfWithAnInterfaceStays()
    {
        VrfId blue = _datapath.AddVrf(null, []);
        InterfaceId own = _datapath.AddInterface(new InterfaceSettings
        {
            Port = _access,
            Vrf = blue,
            OuterVlan = 10,
            Label = new Label20(20),
            Addresses = [IpPrefix.Parse("10.1.0.1/32")],
        });
        Assert.Throws<InvalidOperationException>(() => _datapath.RemoveVrf(blue));
        Assert.True(_datapath.TryFindInterface(new Label20(20), out InterfaceId found, out InterfaceSettings? settings));
        Assert.Equal((own, (ushort)10), (found, settings.OuterVlan!.Value));
        Assert.False(_datapath.TryFindInterface(new Label20(21), out _, out _));
    }

    [Fact]
    public void ATunnelGoesWhenNoRouteAndNoGroupUsesIt()
    {
        VrfId blue = _datapath.AddVrf(null, []);
        TunnelId first = AddTunnel(Remote);
        TunnelId second = AddTunnel(IpAddress.Parse("203.0.113.45"));
        _datapath.SetRoute(blue, Prefix, new SuppliedRoute(first, new Label20(100)));
        Assert.Throws<InvalidOperationException>(() => _datapath.RemoveTunnel(first));
        GroupId group = _datapath.ShareGroup(new GroupSettings
        {
            Members = [GroupMember.Remote(first, new Label20(100)), GroupMember.Remote(second, new Label20(100))],
        });
        _datapath.SetRoute(blue, Prefix, SuppliedRoute.To(group));
        Assert.Throws<InvalidOperationException>(() => _datapath.RemoveTunnel(first));
        Assert.True(_datapath.TryFindRoute(blue, Prefix, out SuppliedRoute route));
        Assert.Equal(group, route.Group);
        _datapath.SetRoute(blue, Prefix, new SuppliedRoute(second, new Label20(101)));
        Assert.True(_datapath.TryFindRoute(blue, Prefix, out route));
        Assert.Equal(new SuppliedRoute(second, new Label20(101)), route);

        EpochSlot* worker = _datapath.Root->Epochs;
        worker->Announced = _datapath.Root->GlobalEpoch;
        _datapath.RemoveTunnel(first);
        Assert.Equal(1, _datapath.TunnelCount);
        Assert.Throws<ArgumentException>(() => _datapath.RemoveTunnel(first));
        Assert.Throws<ArgumentException>(() => _datapath.ShareGroup(new GroupSettings { Members = [GroupMember.Remote(first, new Label20(100))] }));
        // A worker may be about to send through it.
        Assert.True(_datapath.Root->Tunnels[first.Value] != null);
        Assert.Throws<InvalidOperationException>(() => AddTunnel(IpAddress.Parse("203.0.113.46")));
        worker->Announced = EpochSlot.Quiescent;
        Assert.Equal(first, AddTunnel(IpAddress.Parse("203.0.113.46")));
        Assert.Equal(IpAddress.Parse("203.0.113.46"), _datapath.Tunnels[(int)first.Value].Remote);
    }

    [Fact]
    public void ATunnelBehindAKnownNeighbourIsReadyAtOnce()
    {
        TunnelId first = AddTunnel(Remote);
        _datapath.SetUnderlayNeighbor(_core, Remote, MacAddress.Parse("02:00:00:00:00:44"));
        TunnelId second = AddTunnel(Remote);
        Assert.Equal(1, _datapath.Root->Tunnels[second.Value]->Resolved);
        _datapath.RemoveTunnel(first);
        _datapath.RemoveTunnel(second);
        _datapath.SetUnderlayNeighbor(_core, Remote, null);
        Assert.Equal(0, _datapath.Root->Tunnels[AddTunnel(Remote).Value]->Resolved);
    }

    private TunnelId AddTunnel(IpAddress remote) =>
        _datapath.AddTunnel(new TunnelSettings { Remote = remote, Port = _core, UnderlayNextHop = remote });
}
