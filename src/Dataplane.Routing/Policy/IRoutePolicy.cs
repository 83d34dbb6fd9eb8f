using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>A named policy as import and export run it: on the routing thread, without allocation, without memory of earlier routes.</summary>
public interface IRoutePolicy
{
    /// <summary>
    /// Whether the outcome depends on more than the attributes, the family and the peer, that is on the route's prefix, distinguisher, rule or source.
    /// Where it does not, a caller asks once for all routes of an attribute set; of memberships, whose target is in the NLRI, always one by one.
    /// </summary>
    bool LooksAtNlri { get; }

    /// <summary>Whether the outcome depends on <see cref="PolicyContext.PeerAddress"/> or <see cref="PolicyContext.PeerAs"/>, so that peers cannot share it.</summary>
    bool LooksAtPeer => false;

    /// <summary>What the route that was decided last shall have as next hop where it is sent on; meaningful until the next <see cref="Apply"/>.</summary>
    PolicyNextHop NextHop => PolicyNextHop.Default;

    /// <summary>The term or default that decided last; see <c>PolicySet.Describe</c>. -1 where nothing tells.</summary>
    int DecidingTerm => -1;

    /// <summary>Decides about one route.</summary>
    /// <param name="attributes">What the route has.</param>
    /// <param name="nlri">What it is a route to; any route of the set when <see cref="LooksAtNlri"/> is false.</param>
    /// <param name="family">The family of <paramref name="nlri"/>.</param>
    /// <param name="context">Where it came from or goes to.</param>
    /// <param name="result">Set to the attributes it shall have when the answer is <see cref="PolicyResult.Changed"/>; else left alone or scratch.</param>
    PolicyResult Apply(AttributeBlock attributes, in Nlri nlri, RouteFamily family, in PolicyContext context, AttributeBlockBuilder result);
}

/// <summary>What a policy wants the next hop to be.</summary>
public enum PolicyNextHop : byte
{
    /// <summary>What the peer's settings make of it.</summary>
    Default,

    /// <summary>Ourselves, <see cref="PolicyContext.LocalAddress"/>; already written where that is known.</summary>
    Self,

    /// <summary>As it was received, to external peers too.</summary>
    Unchanged,

    /// <summary>The address that the policy has written into the attributes.</summary>
    Address,
}

/// <summary>What a policy says of a route.</summary>
public enum PolicyResult : byte
{
    /// <summary>Take it as it is.</summary>
    Accepted,

    /// <summary>Take it with the attributes that the policy built.</summary>
    Changed,

    /// <summary>Do not take it.</summary>
    Rejected,
}
