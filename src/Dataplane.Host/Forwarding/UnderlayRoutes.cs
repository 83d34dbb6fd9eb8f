using Dataplane.Forwarding;
using Dataplane.Host.Configuration;
using Dataplane.Net;

namespace Dataplane.Host.Forwarding;

/// <summary>Where a tunnel leaves.</summary>
/// <param name="Port">Core port.</param>
/// <param name="NextHop">Neighbour on that port's link: the remote itself, or a router.</param>
internal readonly record struct UnderlayHop(PortId Port, IpAddress NextHop);

/// <summary>
/// The underlay's routes: networks of the core ports and static ones. The longest prefix wins, of equals the network of a
/// port.
/// </summary>
internal sealed class UnderlayRoutes(DataplaneConfiguration configuration)
{
    /// <summary>The way to a remote forwarder; null when none leads there.</summary>
    public UnderlayHop? Find(IpAddress remote)
    {
        UnderlayHop? best = FindConnected(remote, out int bestLength);
        foreach (UnderlayRoute route in configuration.Underlay.Routes)
        {
            if (route.Prefix.Length <= bestLength || !route.Prefix.Contains(remote))
                continue;
            if (FindConnected(route.Via, out _) is { } way)
            {
                best = way;
                bestLength = route.Prefix.Length;
            }
        }
        return best;
    }

    private UnderlayHop? FindConnected(IpAddress address, out int length)
    {
        UnderlayHop? best = null;
        length = -1;
        for (int port = 0; port < configuration.Ports.Count; port++)
        {
            foreach (PortAddress own in configuration.Ports[port].Addresses)
            {
                if (own.Subnet.Length > length && own.Subnet.Contains(address))
                {
                    best = new UnderlayHop(new PortId((ushort)port), address);
                    length = own.Subnet.Length;
                }
            }
        }
        return best;
    }
}
