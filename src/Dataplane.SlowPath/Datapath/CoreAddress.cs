using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>An underlay address of the forwarder with the length of its subnet.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Length of the subnet, 0..32 or 0..128.</param>
public readonly record struct CoreAddress(IpAddress Address, byte PrefixLength)
{
    /// <summary>True when the other address lies in the same subnet.</summary>
    public bool IsOnLink(IpAddress other) => IpPrefix.Of(Address, PrefixLength).Contains(other);
}
