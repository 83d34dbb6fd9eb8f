using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>What the slow path needs to know of a virtual interface.</summary>
/// <param name="Id">Index of the interface.</param>
/// <param name="Port">Access or local port it lives on.</param>
/// <param name="Tags">Its VLAN tags.</param>
/// <param name="Mac">Its configured MAC; null when neighbours are resolved.</param>
/// <param name="Vrf">VRF it is bound to.</param>
/// <param name="Mtu">Longest IP packet it takes, in octets.</param>
/// <param name="Addresses">Its addresses: legitimate sources (SEC-02) and local routes.</param>
public sealed record InterfaceInfo(
    InterfaceId Id,
    PortId Port,
    VlanTags Tags,
    MacAddress? Mac,
    VrfId Vrf,
    ushort Mtu,
    IReadOnlyList<IpPrefix> Addresses)
{
    /// <summary>True when the address is the interface's.</summary>
    public bool Owns(IpAddress address)
    {
        foreach (var prefix in Addresses)
        {
            if (prefix.Contains(address))
                return true;
        }
        return false;
    }
}
