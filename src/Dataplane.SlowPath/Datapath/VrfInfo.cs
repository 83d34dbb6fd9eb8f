using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>What the slow path needs to know of a VRF.</summary>
/// <param name="Id">Index of the VRF.</param>
/// <param name="RouterAddresses">Addresses of the forwarder inside the VPN; may be empty.</param>
public sealed record VrfInfo(VrfId Id, IReadOnlyList<IpAddress> RouterAddresses)
{
    /// <summary>First router address of a family; null when there is none.</summary>
    public IpAddress? RouterAddress(AddressFamily family)
    {
        foreach (var address in RouterAddresses)
        {
            if (address.Family == family)
                return address;
        }
        return null;
    }
}
