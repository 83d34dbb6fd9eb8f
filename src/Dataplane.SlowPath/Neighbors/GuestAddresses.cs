using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>Which addresses a guest may speak for on its interface (SEC-03).</summary>
internal sealed class GuestAddresses(ISlowPathPorts ports)
{
    /// <summary>
    /// True for the interface's own addresses and for IPv6 link-local ones, but never for the forwarder's: a prefix that
    /// the interface owns may well contain the router address of its VRF.
    /// </summary>
    internal bool IsLegitimate(InterfaceInfo source, IpAddress address)
    {
        if (address == ports.FirstHop.Address(address.Family))
            return false;
        if (address.IsV6 && address.IsLinkLocal)
            return true;
        return source.Owns(address) && ports.FindVrf(source.Vrf)?.RouterAddresses.Contains(address) != true;
    }
}
