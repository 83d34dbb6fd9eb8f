using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// The virtual router that every guest sees as its first hop, the same on all forwarders (FWD-12, FWD-15, AMB-26,
/// AMB-49).
/// </summary>
/// <param name="Mac4">Virtual router MAC for IPv4.</param>
/// <param name="Mac6">Virtual router MAC for IPv6.</param>
/// <param name="Address4">First-hop address, link-local by default.</param>
/// <param name="Address6">First-hop address, link-local by default.</param>
public sealed record FirstHop(MacAddress Mac4, MacAddress Mac6, Ipv4Address Address4, Ipv6Address Address6)
{
    /// <summary>Source MAC of frames to guests that carry the family (FWD-14).</summary>
    public MacAddress Mac(AddressFamily family) => family == AddressFamily.Ipv4 ? Mac4 : Mac6;

    /// <summary>First-hop address of the family.</summary>
    public IpAddress Address(AddressFamily family) => family == AddressFamily.Ipv4 ? Address4 : Address6;
}
