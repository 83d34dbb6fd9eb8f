using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>A named policy as import and export run it: on the routing thread, without allocation, without memory of earlier routes.</summary>
public interface IRoutePolicy
{
    /// <summary>
    /// Whether the outcome depends on more than the attributes and the context, that is on the route's prefix, distinguisher or rule. Where it does
    /// not, a caller asks once for all routes of an attribute set.
    /// </summary>
    bool LooksAtNlri { get; }

    /// <summary>Decides about one route.</summary>
    /// <param name="attributes">What the route has.</param>
    /// <param name="nlri">What it is a route to; any route of the set when <see cref="LooksAtNlri"/> is false.</param>
    /// <param name="family">The family of <paramref name="nlri"/>.</param>
    /// <param name="context">Where it came from or goes to.</param>
    /// <param name="result">Set to the attributes it shall have when the answer is <see cref="PolicyResult.Changed"/>; else left alone or scratch.</param>
    PolicyResult Apply(AttributeBlock attributes, in Nlri nlri, RouteFamily family, in PolicyContext context, AttributeBlockBuilder result);
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
