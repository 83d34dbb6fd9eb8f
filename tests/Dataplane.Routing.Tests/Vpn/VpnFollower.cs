using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>Knows of VRFs only what listeners are told, as those who install routes do.</summary>
internal sealed class VpnFollower : IVrfRouteListener, ISuppressionListener, IMembershipListener
{
    private readonly VpnRig _rig;

    public VpnFollower(VpnRig rig)
    {
        _rig = rig;
        rig.Vrfs.Listen((IVrfRouteListener)this);
        rig.Vrfs.Listen((ISuppressionListener)this);
        rig.Vrfs.Membership.Listen(this);
    }

    public Dictionary<(VrfIndex Vrf, ModelPrefix Prefix), HashSet<(IpAddress, uint)>> Routes { get; } = [];

    public HashSet<ModelDestination> Suppressed { get; } = [];

    public HashSet<ExtendedCommunity> Wanted { get; } = [];

    public void RouteChanged(VrfRouteView route)
    {
        var hops = new VrfNextHop[route.NextHopCount];
        Assert.Equal(hops.Length, route.CopyNextHops(hops));
        var set = hops.Select(static hop => (hop.Address, hop.Label.Value)).ToHashSet();
        Assert.Equal(hops.Length, set.Count);
        Routes[(route.Vrf, new(route.Family, route.Nlri))] = set;
    }

    public void RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri) => Assert.True(Routes.Remove((vrf, new(family, nlri))));

    public void SuppressionChanged(RouteFamily family, DestinationId destination, bool suppressed)
    {
        // A destination whose last path went ceases to be suppressed before its row is freed.
        var place = new ModelDestination(family, _rig.Routing[family].NlriOf(destination));
        Assert.True(suppressed ? Suppressed.Add(place) : Suppressed.Remove(place));
    }

    public void MembershipChanged(ExtendedCommunity routeTarget, bool wanted) =>
        Assert.True(wanted ? Wanted.Add(routeTarget) : Wanted.Remove(routeTarget));
}
