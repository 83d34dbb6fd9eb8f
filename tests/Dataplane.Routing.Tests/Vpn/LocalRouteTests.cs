using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class LocalRouteTests
{
    private const string Prefix = "198.51.100.25/32";
    private readonly VpnRig _rig = new();

    [Fact]
    [Trait("Requirement", "SIG-02")]
    [Trait("Requirement", "SIG-08")]
    public void APublicationBecomesAVpnRouteOfItsHost()
    {
        VrfIndex blue = _rig.AddVrf("blue", ["65000:1"], ["65000:1", "65000:2"]);
        Publish(blue, 16, "203.0.113.17", 52013, version: 7);
        _rig.Settle();
        DestinationId destination = _rig.Destination("203.0.113.17:5", Prefix);
        PathRow path = _rig.Routing[RouteFamily.VpnIpv4].Row(_rig.Routing[RouteFamily.VpnIpv4].BestOf(destination));
        // ORIGIN, empty AS_PATH, NEXT_HOP of the forwarder, the two targets, then the version in MAC Mobility.
        Assert.Equal(
            "40010100" + "400200" + "400304CB007111" + "C010180002FDE8000000010002FDE8000000020600000000000007",
            Convert.ToHexString(_rig.Routing.Attributes[path.Accepted].Octets));
        Assert.Equal(0x0CB2D1u, path.Label);
        Assert.Equal(("203.0.113.17/52013", 7u), (_rig.Route(blue, Prefix), _rig.Routing.Attributes.Summary(path.Accepted).Version));
    }

    [Fact]
    [Trait("Requirement", "SIG-02")]
    public void ANewLabelReplacesWithoutWithdrawing()
    {
        VrfIndex blue = _rig.AddVrf("blue", ["65000:1"], ["65000:1"]);
        Publish(blue, 16, "203.0.113.17", 52013);
        _rig.Settle();
        _ = _rig.Events.Take();
        Publish(blue, 16, "203.0.113.17", 52014);
        _rig.Settle();
        Assert.Equal($"blue {Prefix} via 203.0.113.17/52014", _rig.Events.Take());
        Publish(blue, 16, "203.0.113.17", 52014);
        _rig.Settle();
        Assert.Equal(1, _rig.Routing[RouteFamily.VpnIpv4].PathCount);
    }

    [Fact]
    [Trait("Requirement", "SIG-21")]
    public void TwoHostsOfOneAddressAreTwoVpnRoutesWithDistinguishersOfTheirOwn()
    {
        VrfIndex blue = _rig.AddVrf("blue", ["65000:1"], ["65000:1"]);
        Publish(blue, 16, "203.0.113.17", 100);
        Publish(blue, 17, "203.0.113.44", 200);
        _rig.Settle();
        Assert.Equal("203.0.113.17/100 rt:65000:1", _rig.Best("203.0.113.17:5", Prefix));
        Assert.Equal("203.0.113.44/200 rt:65000:1", _rig.Best("203.0.113.44:5", Prefix));
        Assert.Equal("203.0.113.17/100 203.0.113.44/200", _rig.Route(blue, Prefix));
        Assert.True(_rig.Vrfs.RemoveLocal(blue, IpPrefix.Parse(Prefix), new(16)));
        Assert.False(_rig.Vrfs.RemoveLocal(blue, IpPrefix.Parse(Prefix), new(16)));
        _rig.Settle();
        Assert.Equal("203.0.113.44/200", _rig.Route(blue, Prefix));
    }

    [Fact]
    [Trait("Requirement", "SIG-13")]
    public void ARouteOfItsOwnIsInTheVrfWhateverItImports()
    {
        VrfIndex spoke = _rig.AddVrf("spoke", ["65000:2"], ["65000:1"]);
        VrfIndex quiet = _rig.AddVrf("quiet", [], []);
        Publish(spoke, 16, "203.0.113.17", 100);
        _rig.Vrfs.SetLocal(quiet, new VrfLocalRoute { Prefix = IpPrefix.Parse(Prefix), Label = new(77) });
        _rig.Settle();
        Assert.Equal("203.0.113.17/100", _rig.Route(spoke, Prefix));
        Assert.Equal("10.0.0.9/77", _rig.Route(quiet, Prefix));

        // Nobody else gets to see what has no targets.
        FamilyTable table = _rig.Routing[RouteFamily.VpnIpv4];
        DestinationId destination = _rig.Destination(_rig.Vrfs[quiet].Distinguisher.ToString(), Prefix);
        Assert.True(_rig.Routing.Attributes.Summary(table.Row(table.BestOf(destination)).Accepted).Has(AttributeTraits.NoAdvertise));
    }

    [Fact]
    public void ABetterRouteUnderTheSameDistinguisherDoesNotHideTheOwnOneFromAVrfThatDoesNotImportIt()
    {
        VrfIndex spoke = _rig.AddVrf("spoke", ["65000:2"], ["65000:1"]);
        Publish(spoke, 16, "203.0.113.17", 100, version: 1);
        _rig.Announce("203.0.113.17:5", Prefix, "10.0.0.1", 300, ["65000:1"], version: 2);
        _rig.Settle();
        Assert.Equal("10.0.0.1/300 rt:65000:1", _rig.Best("203.0.113.17:5", Prefix));
        Assert.Equal("203.0.113.17/100", _rig.Route(spoke, Prefix));
        _rig.Announce("203.0.113.17:5", Prefix, "10.0.0.1", 300, ["65000:2"], version: 2);
        _rig.Settle();
        Assert.Equal("10.0.0.1/300", _rig.Route(spoke, Prefix));
    }

    [Fact]
    [Trait("Requirement", "ARC-08")]
    public void ChangedExportTargetsAndDistinguishersReachWhatWasExported()
    {
        VrfIndex blue = _rig.AddVrf("blue", ["65000:1"], ["65000:1"]);
        VrfIndex red = _rig.AddVrf("red", ["65000:2"], []);
        _rig.Vrfs.SetLocal(blue, new VrfLocalRoute { Prefix = IpPrefix.Parse(Prefix), Label = new(77) });
        Publish(blue, 16, "203.0.113.17", 100);
        _rig.Settle();
        Assert.Equal("", _rig.Route(red, Prefix));
        _rig.Vrfs.Update(blue, VpnRig.Settings("blue", ["65000:1"], ["65000:2"]) with { Distinguisher = RouteDistinguisher.Parse("65000:9") });
        _rig.Settle();
        Assert.Equal("10.0.0.9/77 203.0.113.17/100", _rig.Route(red, Prefix));
        Assert.Equal("10.0.0.9/77 rt:65000:2", _rig.Best("65000:9", Prefix));
        Assert.Equal("", _rig.Best("10.0.0.9:1", Prefix));
        Assert.Equal("203.0.113.17/100 rt:65000:2", _rig.Best("203.0.113.17:5", Prefix));
        _rig.Vrfs.Remove(blue);
        _rig.Settle();
        Assert.Equal(("", 0), (_rig.Route(red, Prefix), _rig.Routing[RouteFamily.VpnIpv4].DestinationCount));
    }

    [Fact]
    public void AVrfKeepsItsNameAndItsSettingsAreSound()
    {
        VrfIndex blue = _rig.AddVrf("blue", [], []);
        Assert.Throws<ArgumentException>(() => _rig.AddVrf("blue", [], []));
        Assert.Throws<ArgumentException>(() => _rig.Vrfs.Update(blue, VpnRig.Settings("red", [], [])));
        Assert.Throws<ArgumentException>(() => _rig.AddVrf("red", [], [], "10.0.0.0/8", "10.0.0.0/8"));
        Assert.Throws<ArgumentException>(() => _rig.Vrfs.Add(VpnRig.Settings("red", [], []) with { MaxPaths = 1025 }));
        Assert.Throws<ArgumentException>(() => _rig.Vrfs.Add(VpnRig.Settings("red", [], []) with { AggregateLabel = new(15) }));
        Assert.Equal(1, _rig.Vrfs.Count);
        Assert.Equal(blue.Value + 1, _rig.AddVrf("red", [], []).Value);
        _rig.Vrfs.Remove(blue);
        Assert.False(_rig.Vrfs.TryFind("blue", out _));
        Assert.Throws<KeyNotFoundException>(() => _rig.Vrfs[blue]);
    }

    private void Publish(VrfIndex vrf, uint publisher, string forwarder, uint label, uint version = 0) =>
        _rig.Vrfs.SetLocal(vrf, new VrfLocalRoute
        {
            Prefix = IpPrefix.Parse(Prefix),
            Label = new(label),
            Publisher = new(publisher),
            NextHop = IpAddress.Parse(forwarder),
            Distinguisher = RouteDistinguisher.OfAddress(Ipv4Address.Parse(forwarder), 5),
            Version = version,
        });
}
