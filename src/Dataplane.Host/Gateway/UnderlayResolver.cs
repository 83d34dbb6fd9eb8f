using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Gateway;

/// <summary>A next hop is reachable when it is ourselves or the forwarder's underlay has a way to it.</summary>
internal sealed class UnderlayResolver(DataplaneConfiguration configuration) : INextHopResolver
{
    private readonly UnderlayRoutes _underlay = new(configuration);

    /// <inheritdoc/>
    public NextHopState Resolve(IpAddress nextHop)
    {
        // RFC 4659 §3.2.1.2: the next hop of IPv6 routes of a forwarder that is on IPv4 only.
        IpAddress plain = nextHop.Unmapped;
        return new NextHopState(configuration.Infrastructure.IsOurs(plain) || _underlay.Find(plain) is not null, 0);
    }
}
