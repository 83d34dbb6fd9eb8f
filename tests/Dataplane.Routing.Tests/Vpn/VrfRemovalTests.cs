using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>A VRF leaves in parts: no settling removes more of its routes than it is told to, and what arrives meanwhile does not enter it.</summary>
public sealed class VrfRemovalTests : IVrfRouteListener
{
    private const int Routes = 1000;
    private const int Part = 50;
    private readonly VpnRig _rig = new(isQuiet: true);
    private readonly List<VrfIndex> _changed = [];
    private readonly List<VrfIndex> _removed = [];

    [Fact]
    [Trait("Requirement", "SCL-02")]
    public void RoutesLeaveAPartAtATime()
    {
        VrfIndex blue = _rig.AddVrf("blue", ["65000:1"], ["65000:1"]);
        VrfIndex red = _rig.AddVrf("red", ["65000:1"], []);
        for (var i = 0; i < Routes; i++)
        {
            Announce(i);
        }

        _rig.Settle();
        _rig.Vrfs.Listen(this);
        var gone = 0;
        _rig.Vrfs.BeginRemove(blue, () => gone++);
        Assert.Equal((1, 0), (_rig.Vrfs.Count, gone));
        var parts = 0;
        for (; _rig.Routing.Settle(Part) > 0; parts++)
        {
            Assert.InRange(_removed.Count, 0, Part);
            Assert.All(_removed, vrf => Assert.Equal(blue, vrf));
            _removed.Clear();
            if (parts == 3)
            {
                // What was there in another form, what is new, and one of the same name.
                Announce(Routes - 1, label: 200);
                Announce(Routes);
                Assert.NotEqual(blue, _rig.AddVrf("blue", [], []));
            }
        }

        Assert.InRange(parts, Routes / Part, 3 * Routes / Part);
        Assert.Equal(1, gone);
        Assert.Equal([red], _changed.Distinct());
        Assert.Equal(Routes + 1, _rig.Vrfs.LinkCount(RouteFamily.VpnIpv4));
        Assert.Equal(blue, _rig.AddVrf("green", ["65000:1"], [])); // the row is free again
        _rig.Settle();
        Assert.Equal(2 * (Routes + 1), _rig.Vrfs.LinkCount(RouteFamily.VpnIpv4));
    }

    void IVrfRouteListener.RouteChanged(VrfRouteView route) => _changed.Add(route.Vrf);

    void IVrfRouteListener.RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri) => _removed.Add(vrf);

    private void Announce(int number, uint label = 100) =>
        _rig.Announce("10.0.0.1:1", IpPrefix.Host(new Ipv4Address(0x0B000000 + (uint)number)).ToString(), "10.0.0.1", label, ["65000:1"]);
}
