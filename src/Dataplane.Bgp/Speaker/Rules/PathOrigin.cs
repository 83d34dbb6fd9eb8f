using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Rules;

/// <summary>What the rules of advertisement ask about the source of a path.</summary>
/// <param name="Kind">Our own, of an internal or of an external peer.</param>
/// <param name="IsClient">Whether that peer is our route reflector client.</param>
/// <param name="RouterId">The peer's BGP identifier; ours for our own routes.</param>
/// <param name="IsLongLivedStale">Whether the path is kept for a peer that has been away long (RFC 9494).</param>
public readonly record struct PathOrigin(SourceKind Kind, bool IsClient, uint RouterId, bool IsLongLivedStale)
{
    /// <summary>The peer's address; unspecified for our own routes.</summary>
    public IpAddress Address { get; init; }

    /// <summary>Interior cost to the next hop of the path: added to AIGP where we become the next hop (RFC 7311 §3.4).</summary>
    public uint NextHopMetric { get; init; }

    /// <summary>The peer's AS; ours for our own routes.</summary>
    public AsNumber As { get; init; }
}
