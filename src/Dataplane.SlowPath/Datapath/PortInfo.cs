using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>What the slow path needs to know of a port.</summary>
/// <param name="Id">Index of the port.</param>
/// <param name="Mac">Its own MAC.</param>
/// <param name="Mtu">Longest IP packet of the link, in octets.</param>
/// <param name="Addresses">The forwarder's underlay addresses on it; empty unless it is a core port.</param>
public sealed record PortInfo(PortId Id, MacAddress Mac, ushort Mtu, IReadOnlyList<CoreAddress> Addresses)
{
    /// <summary>Families for which another forwarder serves the hosts behind it (EXT-10).</summary>
    public StandbyFamilies Standby { get; init; }

    /// <summary>True when the address is the forwarder's on this port.</summary>
    public bool HasAddress(IpAddress address)
    {
        foreach (var own in Addresses)
        {
            if (own.Address == address)
                return true;
        }
        return false;
    }

    /// <summary>
    /// The address to ask from about a neighbour: one whose subnet holds it, else the first of its family; null when
    /// the port has none of the family.
    /// </summary>
    public IpAddress? SourceTowards(IpAddress neighbor)
    {
        IpAddress? fallback = null;
        foreach (var own in Addresses)
        {
            if (own.IsOnLink(neighbor))
                return own.Address;
            if (fallback is null && own.Address.Family == neighbor.Family)
                fallback = own.Address;
        }
        return fallback;
    }
}
