using Dataplane.Host.Gateway;
using Dataplane.Net;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Host.EndSystem;

/// <summary>
/// Times and logs the routes that the gateway in the same process brings into the forwarder (MGT-09): own ones from when their address was given, those
/// to other forwarders from when they were selected.
/// </summary>
/// <param name="loop">The routing thread.</param>
/// <param name="interfaces">What has the addresses.</param>
/// <param name="writer">Knows whose they are.</param>
/// <param name="times">Takes how long it took.</param>
/// <param name="log">Takes what was done.</param>
internal sealed class GatewayRoutes(RoutingLoop loop, ForwardedInterfaces interfaces, ForwarderWriter writer, RouteTimes times, EndSystemLog log) : IInstalledRoutes
{
    private VrfNextHop[] _nextHops = new VrfNextHop[1];

    /// <inheritdoc/>
    public long Since(string vrf, VrfRouteView route)
    {
        if (_nextHops.Length < route.NextHopCount)
            _nextHops = new VrfNextHop[route.NextHopCount];
        foreach (VrfNextHop hop in _nextHops.AsSpan(0, route.CopyNextHops(_nextHops)))
        {
            if (writer.IsOwn(hop))
                return interfaces.TakeUnconfirmed(vrf, route.Prefix) ?? 0;
        }
        return loop.Time.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Written(string vrf, IpPrefix prefix, ReadOnlySpan<VrfNextHop> nextHops, long since, bool isInstalled, int waiting)
    {
        log.RouteInstalled(vrf, prefix, nextHops, null, isInstalled);
        if (!isInstalled || since == 0)
            return;
        foreach (VrfNextHop hop in nextHops)
        {
            if (writer.IsOwn(hop))
            {
                times.Confirmed(since, writer.OwnerOf(vrf, prefix));
                return;
            }
        }

        // Where many wait, others are written so soon that nobody would look for a packet of this one.
        times.Installed(since, waiting < RouteTimes.MostWatched ? writer.TunnelOf(vrf, prefix) : null);
    }

    /// <inheritdoc/>
    public void Removed(string vrf, IpPrefix prefix) => log.RouteRemoved(vrf, prefix);
}
