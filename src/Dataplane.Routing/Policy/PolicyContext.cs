using Dataplane.Net;

namespace Dataplane.Routing.Policy;

/// <summary>What a policy may ask besides the route.</summary>
/// <param name="LocalAs">Our AS towards the peer.</param>
/// <param name="PeerAs">The peer's AS; our own for VRFs.</param>
/// <param name="PeerAddress">The peer's address; unspecified for VRFs and where the answer is shared by several peers.</param>
/// <param name="LocalAddress">Our address towards the peer (next hop self).</param>
public readonly record struct PolicyContext(AsNumber LocalAs, AsNumber PeerAs, IpAddress PeerAddress, IpAddress LocalAddress);
