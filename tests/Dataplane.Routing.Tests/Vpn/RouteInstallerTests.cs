using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class RouteInstallerTests : ITunnelDirectory, IDisposable
{
    private static readonly string[] Blue = ["65000:1"];

    private readonly ForwardingRig _forwarder = new(new DatapathOptions
    {
        ClockHz = 1_000_000,
        Workers = 1,
        Vrfs = 4,
        Interfaces = 4,
        Tunnels = 64,
        Groups = 8,
        TunnelEnd4 = Ipv4Address.Parse("10.0.0.9"),
    });

    private readonly VpnRig _rig = new();
    private readonly Dictionary<IpAddress, TunnelId> _tunnels = [];
    private readonly HashSet<IpAddress> _noWay = [];
    private readonly RouteInstallQueue _queue = new();
    private readonly RouteInstaller _installer;
    private readonly PortId _core;
    private readonly PortId _access;
    private readonly VrfId _vrf;
    private readonly VrfIndex _blue;

    public RouteInstallerTests()
    {
        Datapath datapath = _forwarder.Datapath;
        _core = datapath.AddPort(new PortSettings { Role = PortRole.Core, DpdkPort = 0, Mac = default });
        _access = datapath.AddPort(new PortSettings { Role = PortRole.Access, DpdkPort = 1, Mac = default });
        _vrf = datapath.AddVrf(new Label20(16), []);
        _installer = new(datapath, this, address => address == IpAddress.Parse("10.0.0.9"))
        {
            IsConfiguredSource = (_, address) => address == IpAddress.Parse("10.0.0.5"),
        };
        _rig.Vrfs.Listen(_queue);
        _blue = _rig.Vrfs.Add(VpnRig.Settings("blue", Blue, Blue) with { AggregateLabel = new(16) });
        _queue.Bind(_blue, _vrf);
    }

    bool ITunnelDirectory.TryGet(IpAddress remote, out TunnelId tunnel)
    {
        if (_noWay.Contains(remote))
        {
            tunnel = default;
            return false;
        }

        if (!_tunnels.TryGetValue(remote, out tunnel))
        {
            tunnel = _forwarder.Datapath.AddTunnel(new TunnelSettings { Remote = remote, Port = _core, UnderlayNextHop = remote });
            _tunnels.Add(remote, tunnel);
        }

        return true;
    }

    void ITunnelDirectory.Release(IpAddress remote, TunnelId tunnel)
    {
        Assert.True(_tunnels.Remove(remote));
        _forwarder.Datapath.RemoveTunnel(tunnel);
    }

    public void Dispose() => _forwarder.Dispose();

    [Fact]
    [Trait("Requirement", "MOB-05")]
    [Trait("Requirement", "SEC-09")]
    public void WhoWasTheNextHopOfARouteThatMovedMaySendForAWhile()
    {
        var time = new VirtualTime();
        var installer = new RouteInstaller(_forwarder.Datapath, this, static _ => false) { RepairTime = TimeSpan.FromSeconds(30), Time = time };
        installer.Bind(_blue, _vrf);
        var moved = IpPrefix.Parse("10.1.0.1/32");
        Assert.True(installer.Install(_blue, moved, [new(IpAddress.Parse("10.0.0.1"), new(100))]));
        Assert.True(installer.Install(_blue, moved, [new(IpAddress.Parse("10.0.0.2"), new(200))]));
        time.Advance(TimeSpan.FromSeconds(29));
        installer.Expire();
        Assert.True(IsSource("10.0.0.1"));

        // It takes another route meanwhile, and keeps it.
        Assert.True(installer.Install(_blue, IpPrefix.Parse("10.1.0.2/32"), [new(IpAddress.Parse("10.0.0.1"), new(101))]));
        time.Advance(TimeSpan.FromSeconds(2));
        installer.Expire();
        Assert.True(IsSource("10.0.0.1"));

        // What is withdrawn goes at once, what moves again after the time.
        installer.Remove(_blue, IpPrefix.Parse("10.1.0.2/32"));
        Assert.False(IsSource("10.0.0.1"));
        Assert.True(installer.Install(_blue, moved, [new(IpAddress.Parse("10.0.0.3"), new(300))]));
        Assert.True(IsSource("10.0.0.2"));
        time.Advance(TimeSpan.FromSeconds(30));
        installer.Expire();
        Assert.False(IsSource("10.0.0.2"));
        Assert.True(IsSource("10.0.0.3"));

        // A VRF that goes does not wait for anybody.
        Assert.True(installer.Install(_blue, moved, [new(IpAddress.Parse("10.0.0.4"), new(400))]));
        installer.Remove(_blue, moved);
        Assert.True(IsSource("10.0.0.3"));
        installer.Unbind(_blue);
        Assert.False(IsSource("10.0.0.3"));

        bool IsSource(string address)
        {
            var source = IpAddress.Parse(address);
            var isOne = _forwarder.Datapath.RemoveIngress(_vrf, source);
            if (isOne)
            {
                _forwarder.Datapath.AllowIngress(_vrf, source);
            }

            return isOne;
        }
    }

    [Fact]
    [Trait("Requirement", "FWD-02")]
    [Trait("Requirement", "SEC-09")]
    public void ARouteOpensATunnelAndTheLastOneClosesIt()
    {
        Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.1", 100);
        Announce("10.0.0.1:1", "10.1.0.0/16", "10.0.0.1", 101);
        Assert.Equal((LeafKind.Tunnel, 100u), Find("10.1.0.1"));
        Assert.Equal((LeafKind.Tunnel, 101u), Find("10.1.0.2"));
        Assert.Equal(1, _installer.TunnelCount);
        Assert.True(_forwarder.Datapath.RemoveIngress(_vrf, IpAddress.Parse("10.0.0.1")));
        _forwarder.Datapath.AllowIngress(_vrf, IpAddress.Parse("10.0.0.1"));

        Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.2", 102);
        Assert.Equal((LeafKind.Tunnel, 102u), Find("10.1.0.1"));
        Assert.Equal(2, _installer.TunnelCount);
        Withdraw("10.0.0.1:1", "10.1.0.0/16");
        Withdraw("10.0.0.1:1", "10.1.0.1/32");
        Assert.Equal((LeafKind.None, 0u), Find("10.1.0.1"));
        Assert.Equal((0, 0), (_installer.TunnelCount, _forwarder.Datapath.TunnelCount));
        Assert.False(_forwarder.Datapath.RemoveIngress(_vrf, IpAddress.Parse("10.0.0.1")));
    }

    [Fact]
    [Trait("Requirement", "SIG-10")]
    public void SeveralNextHopsAreASharedGroupThatGoesWithItsLastRoute()
    {
        for (var i = 1; i <= 20; i++)
        {
            foreach (var prefix in (string[])["10.1.0.1/32", "10.1.0.2/32"])
            {
                _rig.Announce($"10.0.1.{i}:1", prefix, $"10.0.1.{i}", (uint)(100 + i), Blue);
            }
        }

        Apply();
        Assert.Equal(1, _forwarder.Datapath.GroupCount);
        Assert.Equal(20, _installer.TunnelCount);
        Assert.True(_forwarder.Datapath.TryFindRoute(_vrf, IpPrefix.Parse("10.1.0.1/32"), out SuppliedRoute route));
        Assert.Equal(20, _forwarder.Datapath.Group(route.Group!.Value).Members.Count);

        Withdraw("10.0.1.20:1", "10.1.0.1/32");
        Assert.Equal((2, 20), (_forwarder.Datapath.GroupCount, _installer.TunnelCount));
        for (var i = 1; i <= 20; i++)
        {
            if (i != 20)
            {
                _rig.Withdraw($"10.0.1.{i}:1", "10.1.0.1/32");
            }

            _rig.Withdraw($"10.0.1.{i}:1", "10.1.0.2/32");
        }

        Apply();
        Assert.Equal((0, 0, 0), (_forwarder.Datapath.GroupCount, _installer.TunnelCount, _forwarder.Datapath.TunnelCount));
    }

    [Fact]
    [Trait("Requirement", "FWD-10")]
    [Trait("Requirement", "INT-06")]
    public void OurOwnRoutesAreInterfacesAndOurAggregateALookUp()
    {
        InterfaceId own = _forwarder.Datapath.AddInterface(new InterfaceSettings
        {
            Port = _access,
            Vrf = _vrf,
            OuterVlan = 10,
            Label = new Label20(20),
            Addresses = [IpPrefix.Parse("10.1.0.1/32")],
        });
        Assert.Equal(LeafKind.None, Find("10.1.0.1").Kind);
        _rig.Vrfs.SetLocal(_blue, new VrfLocalRoute { Prefix = IpPrefix.Parse("10.1.0.1/32"), Label = new(20) });
        _rig.Vrfs.Update(_blue, VpnRig.Settings("blue", Blue, Blue, "10.1.0.0/16") with { AggregateLabel = new(16) });
        Apply();
        Assert.Equal(LeafKind.Interface, Find("10.1.0.1").Kind);
        Assert.Equal(LeafKind.CoreLookup, Find("10.1.0.2").Kind);

        // The same service here and elsewhere: a group of both, in which we are the owner of our part.
        Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.1", 100);
        Assert.True(_forwarder.Datapath.TryFindRoute(_vrf, IpPrefix.Parse("10.1.0.1/32"), out SuppliedRoute route));
        GroupMember local = Assert.Single(_forwarder.Datapath.Group(route.Group!.Value).Members, static member => member.Tunnel is null);
        Assert.Equal((own, IpAddress.Parse("10.0.0.9"), 20u), (local.Interface, local.Owner, local.Label.Value));
    }

    /// <summary>One of several next hops is an interface of another VPN on this forwarder: for the prefixes that it has, and no others.</summary>
    [Fact]
    [Trait("Requirement", "ARC-09")]
    [Trait("Requirement", "FWD-20")]
    public void AnInterfaceOfAnotherVpnIsOneOfSeveralNextHops()
    {
        InterfaceId shared = _forwarder.Datapath.AddInterface(new InterfaceSettings
        {
            Port = _access,
            Vrf = _forwarder.Datapath.AddVrf(null, []),
            OuterVlan = 20,
            Label = new Label20(21),
            Addresses = [IpPrefix.Parse("10.1.0.1/32")],
        });
        foreach (var prefix in (string[])["10.1.0.1/32", "10.1.0.2/32"])
        {
            Announce("10.0.0.9:2", prefix, "10.0.0.9", 21);
            Announce("10.0.0.1:1", prefix, "10.0.0.1", 100);
            Announce("10.0.0.2:1", prefix, "10.0.0.2", 100);
        }

        IReadOnlyList<GroupMember> Members(string prefix) => _forwarder.Datapath.TryFindRoute(_vrf, IpPrefix.Parse(prefix), out SuppliedRoute route)
            ? _forwarder.Datapath.Group(route.Group!.Value).Members : [];
        GroupMember local = Assert.Single(Members("10.1.0.1/32"), static member => member.Tunnel is null);
        Assert.Equal((3, shared, IpAddress.Parse("10.0.0.9"), 21u), (Members("10.1.0.1/32").Count, local.Interface, local.Owner, local.Label.Value));
        Assert.Equal(2, Members("10.1.0.2/32").Count(static member => member.Tunnel is not null));
        Assert.Equal(2, Members("10.1.0.2/32").Count);

        Withdraw("10.0.0.9:2", "10.1.0.1/32");
        Assert.Equal(2, Members("10.1.0.1/32").Count);
        _forwarder.Datapath.RemoveInterface(shared);
    }

    /// <summary>An aggregate that another has too: each sends to the other only what the choice gives it, so that nothing goes to and fro between the two.</summary>
    [Fact]
    [Trait("Requirement", "FWD-20")]
    [Trait("Requirement", "SIG-10")]
    public void OurAggregateIsOneOfSeveralNextHops()
    {
        VrfId hub = _forwarder.Datapath.AddVrf(new Label20(17), []);
        _rig.Vrfs.SetLocal(_blue, new VrfLocalRoute { Prefix = IpPrefix.Parse("10.1.0.1/32"), Label = new(20) });
        _rig.Vrfs.Update(_blue, VpnRig.Settings("blue", Blue, Blue, "10.1.0.0/16") with { AggregateLabel = new(16) });
        Announce("10.0.0.1:1", "10.1.0.0/16", "10.0.0.1", 100);
        GroupMember own = Assert.Single(Members("10.1.0.0/16"), static member => member.Tunnel is null);
        Assert.Equal((2, GroupMember.Lookup(_vrf, IpAddress.Parse("10.0.0.9"), new Label20(16))), (Members("10.1.0.0/16").Count, own));
        Withdraw("10.0.0.1:1", "10.1.0.0/16");
        Assert.Equal(LeafKind.CoreLookup, Find("10.1.0.2").Kind);

        // That of another VPN, while it is there. It may go before who has its route hears of that.
        Announce("10.0.0.9:2", "10.2.0.0/16", "10.0.0.9", 17);
        Announce("10.0.0.1:1", "10.2.0.0/16", "10.0.0.1", 100);
        Announce("10.0.0.2:1", "10.2.0.0/16", "10.0.0.2", 100);
        own = Assert.Single(Members("10.2.0.0/16"), static member => member.Tunnel is null);
        Assert.Equal((3, GroupMember.Lookup(hub, IpAddress.Parse("10.0.0.9"), new Label20(17))), (Members("10.2.0.0/16").Count, own));
        _forwarder.Datapath.RemoveVrf(hub);
        Withdraw("10.0.0.9:2", "10.2.0.0/16");
        Assert.Equal([true, true], Members("10.2.0.0/16").Select(static member => member.Tunnel is not null));
        Withdraw("10.0.0.1:1", "10.2.0.0/16");
        Withdraw("10.0.0.2:1", "10.2.0.0/16");
        Assert.Equal((0, 0), (_forwarder.Datapath.GroupCount, _installer.TunnelCount));

        IReadOnlyList<GroupMember> Members(string prefix) => _forwarder.Datapath.TryFindRoute(_vrf, IpPrefix.Parse(prefix), out SuppliedRoute route)
            && route.Group is { } group ? _forwarder.Datapath.Group(group).Members : [];
    }

    [Fact]
    public void WithoutAWayThereIsNoRouteAndOthersGoOn()
    {
        _noWay.Add(IpAddress.Parse("10.0.0.1"));
        Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.1", 100);
        Assert.Equal((LeafKind.None, 1L), (Find("10.1.0.1").Kind, _installer.NotInstalled));
        Announce("10.0.0.2:1", "10.1.0.1/32", "10.0.0.2", 100);
        Assert.True(_forwarder.Datapath.TryFindRoute(_vrf, IpPrefix.Parse("10.1.0.1/32"), out SuppliedRoute route));
        Assert.Single(_forwarder.Datapath.Group(route.Group!.Value).Members);

        // Eight groups have room: this one is the ninth, and an eighth one after it is none the worse.
        for (var i = 2; i <= 9; i++)
        {
            Announce($"10.0.0.2:{i}", $"10.1.0.{i}/32", "10.0.0.2", (uint)(100 + i));
            Announce($"10.0.0.3:{i}", $"10.1.0.{i}/32", "10.0.0.3", (uint)(100 + i));
        }

        Assert.Equal((8, 2L), (_forwarder.Datapath.GroupCount, _installer.NotInstalled));
        Assert.Equal((LeafKind.None, LeafKind.Group), (Find("10.1.0.9").Kind, Find("10.1.0.8").Kind));
        Withdraw("10.0.0.3:9", "10.1.0.9/32");
        Assert.Equal((LeafKind.Tunnel, 109u), Find("10.1.0.9"));
        _rig.Vrfs.Remove(_blue);
        Apply();
        Assert.Equal((0, 0), (_forwarder.Datapath.GroupCount, _installer.TunnelCount));
    }

    [Fact]
    [Trait("Requirement", "SIG-03")]
    public void AMappedNextHopIsTheForwarderOnIpv4()
    {
        Announce("10.0.0.1:1", "2001:db8:1::1/128", "::ffff:10.0.0.1", 100);
        Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.1", 101);
        Assert.Equal((LeafKind.Tunnel, 100u), Find("2001:db8:1::1"));
        Assert.Equal(IpAddress.Parse("10.0.0.1"), Assert.Single(_tunnels).Key);
    }

    [Fact]
    [Trait("Requirement", "SEC-09")]
    public void AConfiguredSourceStaysWhenItsRoutesGo()
    {
        Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.5", 100);
        Withdraw("10.0.0.1:1", "10.1.0.1/32");
        Assert.True(_forwarder.Datapath.RemoveIngress(_vrf, IpAddress.Parse("10.0.0.5")));
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public void AVrfThatTakesTheRowOfAnotherDoesNotGetItsRoutes()
    {
        _rig.Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.1", 100, Blue);
        _rig.Settle();
        _rig.Vrfs.Remove(_blue);
        _queue.Unbind(_blue);
        VrfIndex red = _rig.AddVrf("red", Blue, []);
        Assert.Equal(_blue, red);
        _rig.Settle();
        Assert.Equal(5, _queue.Count);
        Apply();
        Assert.Equal((LeafKind.None, 0u), Find("10.1.0.1"));
        _forwarder.Datapath.RemoveVrf(_vrf);
    }

    private void Announce(string distinguisher, string prefix, string nextHop, uint label)
    {
        _rig.Announce(distinguisher, prefix, nextHop, label, Blue);
        Apply();
    }

    private void Withdraw(string distinguisher, string prefix)
    {
        _rig.Withdraw(distinguisher, prefix);
        Apply();
    }

    private void Apply()
    {
        _rig.Settle();
        while (_queue.Drain(_installer, 3) != 0)
        {
        }
    }

    private (LeafKind Kind, uint Label) Find(string address)
    {
        Leaf leaf = _forwarder.Datapath.Lookup(_vrf, IpAddress.Parse(address), coreView: false);
        return (leaf.Kind, leaf.Label);
    }
}
