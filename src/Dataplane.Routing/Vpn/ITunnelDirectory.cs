using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>Makes tunnels to remote forwarders as routes need them. Owner thread: the one that writes the datapath.</summary>
public interface ITunnelDirectory
{
    /// <summary>The tunnel to a forwarder, made if need be; the same one for an address until it is released.</summary>
    /// <returns>False when the underlay has no way to it.</returns>
    bool TryGet(IpAddress remote, out TunnelId tunnel);

    /// <summary>No route uses the tunnel any more: it may be removed, or kept for the next.</summary>
    void Release(IpAddress remote, TunnelId tunnel);
}
