using Dataplane.Routing;
using Dataplane.Routing.Vpn;

namespace Dataplane.Host.Gateway;

/// <summary>Follows the VRFs of a gateway and their routes: what connects them with a datapath. Routing thread.</summary>
internal interface IVrfFollower : IVrfRouteListener
{
    /// <summary>A VRF is there; it has no routes yet.</summary>
    void VrfAdded(VrfIndex index, string name);

    /// <summary>A VRF is gone, after its routes.</summary>
    void VrfRemoved(VrfIndex index);
}
