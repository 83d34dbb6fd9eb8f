using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Host.Gateway;

/// <summary>Follows the routes that a gateway brings into the forwarder in the same process.</summary>
internal interface IInstalledRoutes
{
    /// <summary>Since when a route that was selected is on its way, in ticks of the loop's time; 0 for one that is not timed. Routing thread.</summary>
    long Since(string vrf, VrfRouteView route);

    /// <summary>A route was written, or could not be. The thread that writes the datapath.</summary>
    /// <param name="vrf">The VRF's name.</param>
    /// <param name="prefix">The prefix.</param>
    /// <param name="nextHops">Its next hops.</param>
    /// <param name="since">What <see cref="Since"/> said.</param>
    /// <param name="isInstalled">Whether there is a route now.</param>
    /// <param name="waiting">How much waits to be written after it.</param>
    void Written(string vrf, IpPrefix prefix, ReadOnlySpan<VrfNextHop> nextHops, long since, bool isInstalled, int waiting);

    /// <summary>A route was removed. The thread that writes the datapath.</summary>
    void Removed(string vrf, IpPrefix prefix);
}
