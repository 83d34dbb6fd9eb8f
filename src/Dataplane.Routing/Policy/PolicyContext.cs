using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Policy;

/// <summary>What a policy may ask besides the route.</summary>
/// <param name="LocalAs">Our AS towards the peer.</param>
/// <param name="PeerAs">The peer's AS; our own for VRFs.</param>
/// <param name="PeerAddress">The peer's address; unspecified for VRFs and where the answer is shared by several peers.</param>
/// <param name="LocalAddress">Our address towards the peer (next hop self).</param>
public readonly record struct PolicyContext(AsNumber LocalAs, AsNumber PeerAs, IpAddress PeerAddress, IpAddress LocalAddress)
{
    /// <summary>What kind of source the path has.</summary>
    public SourceKind SourceKind { get; init; }

    /// <summary>The peer that the path was received from, on import and export alike; unspecified for our own.</summary>
    public IpAddress SourceAddress { get; init; }

    /// <summary>That peer's AS; our own for our own paths.</summary>
    public AsNumber SourceAs { get; init; }
}
