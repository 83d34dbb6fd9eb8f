using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class ImportTests
{
    private readonly VpnRig _rig = new();

    [Fact]
    [Trait("Requirement", "ARC-12")]
    public void VrfsOfOneTargetHaveTheSameRoutes()
    {
        VrfIndex blue = _rig.AddVrf("blue", ["65000:1"], ["65000:1"]);
        VrfIndex azure = _rig.AddVrf("azure", ["65000:1"], ["65000:1"]);
        VrfIndex red = _rig.AddVrf("red", ["65000:2"], ["65000:2"]);
        _rig.Announce("10.0.0.1:1", "10.1.0.1/32", "10.0.0.1", 100, ["65000:1"]);
        _rig.Announce("10.0.0.1:1", "2001:db8:1::1/128", "::ffff:10.0.0.1", 100, ["65000:1"]);
        _rig.Settle();
        Assert.Equal("10.0.0.1/100", _rig.Route(blue, "10.1.0.1/32"));
        Assert.Equal("10.0.0.1/100", _rig.Route(azure, "10.1.0.1/32"));
        Assert.Equal("2001:db8:1::1/128", _rig.Prefixes(azure, RouteFamily.VpnIpv6));
        Assert.Equal("", _rig.Prefixes(red));
        Assert.Equal(2, _rig.Vrfs.LinkCount(RouteFamily.VpnIpv4));
        _rig.Withdraw("10.0.0.1:1", "10.1.0.1/32");
        _rig.Settle();
        Assert.Equal("", _rig.Prefixes(blue));
        Assert.Equal(0, _rig.Vrfs.LinkCount(RouteFamily.VpnIpv4));
        Assert.Equal(0, _rig.Vrfs.RouteCount(RouteFamily.VpnIpv4));
    }

    [Fact]
    [Trait("Requirement", "ARC-08")]
    public void AChangeOfTargetsBringsAndTakesJustWhatItConcerns()
    {
        VrfIndex blue = _rig.AddVrf("blue", ["65000:1"], ["65000:1"]);
        _rig.Announce("10.0.0.1:1", "10.1.0.0/24", "10.0.0.1", 100, ["65000:1"]);
        _rig.Announce("10.0.0.1:2", "10.2.0.0/24", "10.0.0.1", 200, ["65000:2"]);
        _rig.Announce("10.0.0.1:3", "10.3.0.0/24", "10.0.0.1", 300, ["65000:1", "65000:2"]);
        _rig.Settle();
        Assert.Equal("10.1.0.0/24 10.3.0.0/24", _rig.Prefixes(blue));
        _ = _rig.Events.Take();

        _rig.Vrfs.Update(blue, VpnRig.Settings("blue", ["65000:1", "65000:2"], ["65000:1"]));
        _rig.Settle();
        Assert.Equal("blue 10.2.0.0/24 via 10.0.0.1/200", _rig.Events.Take());

        _rig.Vrfs.Update(blue, VpnRig.Settings("blue", ["65000:2"], ["65000:1"]));
        _rig.Settle();
        Assert.Equal("blue 10.1.0.0/24 gone", _rig.Events.Take());
        Assert.Equal("10.2.0.0/24 10.3.0.0/24", _rig.Prefixes(blue));

        _rig.Announce("10.0.0.1:3", "10.3.0.0/24", "10.0.0.1", 300, ["65000:1"]);
        _rig.Settle();
        Assert.Equal("blue 10.3.0.0/24 gone", _rig.Events.Take());
    }

    [Fact]
    [Trait("Requirement", "ARC-09")]
    public void ManyTenantsReachASharedServiceAndNotEachOther()
    {
        VrfIndex a = _rig.AddVrf("a", ["65000:1", "65000:9"], ["65000:1", "65000:8"]);
        VrfIndex b = _rig.AddVrf("b", ["65000:2", "65000:9"], ["65000:2", "65000:8"]);
        VrfIndex service = _rig.AddVrf("service", ["65000:8"], ["65000:9"]);
        SetInterface(a, "10.1.0.1/32", 16);
        SetInterface(b, "10.2.0.1/32", 17);
        SetInterface(service, "10.9.0.1/32", 18);
        _rig.Settle();
        Assert.Equal("10.1.0.1/32 10.9.0.1/32", _rig.Prefixes(a));
        Assert.Equal("10.2.0.1/32 10.9.0.1/32", _rig.Prefixes(b));
        Assert.Equal("10.1.0.1/32 10.2.0.1/32 10.9.0.1/32", _rig.Prefixes(service));
    }

    [Fact]
    [Trait("Requirement", "ARC-13")]
    public void HubAndSpokeIsIntroducedOnALiveVpn()
    {
        VrfIndex spoke1 = _rig.AddVrf("spoke1", ["65000:1"], ["65000:1"]);
        VrfIndex spoke2 = _rig.AddVrf("spoke2", ["65000:1"], ["65000:1"]);
        SetInterface(spoke1, "10.1.0.1/32", 16);
        SetInterface(spoke2, "10.1.0.2/32", 17);
        _rig.Settle();
        Assert.Equal("10.1.0.1/32 10.1.0.2/32", _rig.Prefixes(spoke1));

        VrfIndex hub = _rig.AddVrf("hub", ["65000:1"], ["65000:2"], "10.1.0.0/16");
        _rig.Settle();
        _rig.Vrfs.Update(spoke1, VpnRig.Settings("spoke1", ["65000:2"], ["65000:1"]));
        _rig.Vrfs.Update(spoke2, VpnRig.Settings("spoke2", ["65000:2"], ["65000:1"]));
        _rig.Settle();
        Assert.Equal("10.1.0.0/16 10.1.0.1/32", _rig.Prefixes(spoke1));
        Assert.Equal("10.1.0.0/16 10.1.0.2/32", _rig.Prefixes(spoke2));
        Assert.Equal("10.1.0.0/16 10.1.0.1/32 10.1.0.2/32", _rig.Prefixes(hub));
    }

    private void SetInterface(VrfIndex vrf, string prefix, uint label) =>
        _rig.Vrfs.SetLocal(vrf, new VrfLocalRoute { Prefix = IpPrefix.Parse(prefix), Label = new(label) });
}
