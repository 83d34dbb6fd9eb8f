using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>Takes the routes of VPNs as they are notified; is not told what has not changed. Routing loop.</summary>
public interface IRouteSink
{
    /// <summary>A route is new, or leads elsewhere.</summary>
    /// <param name="vpn">The VPN.</param>
    /// <param name="prefix">Where it leads.</param>
    /// <param name="nextHops">The forwarders behind which it is, at least one, our own included (SIG-13).</param>
    /// <param name="version">Instance number of the publication; 0 for none.</param>
    void RouteChanged(string vpn, IpPrefix prefix, IReadOnlyList<VrfNextHop> nextHops, uint version);

    /// <summary>A route has gone.</summary>
    void RouteRemoved(string vpn, IpPrefix prefix);

    /// <summary>A flow specification is new, or does something else; nothing where packets are not filtered.</summary>
    void FilterChanged(string vpn, VrfFilter filter)
    {
    }

    /// <summary>A flow specification has gone.</summary>
    void FilterRemoved(string vpn, VrfFilter filter)
    {
    }
}
