namespace Dataplane.Routing.Policy;

/// <summary>A policy as it is written: terms in order, each with conditions and changes.</summary>
public sealed record PolicyDefinition
{
    /// <summary>Unique name.</summary>
    public required string Name { get; init; }

    /// <summary>The terms in the order in which a route meets them.</summary>
    public required IReadOnlyList<PolicyTerm> Terms { get; init; }

    /// <summary>Whether a route that no term decides about passes.</summary>
    public bool AcceptsByDefault { get; init; }
}

/// <summary>A step of a policy.</summary>
public sealed record PolicyTerm
{
    /// <summary>Name, unique in the policy.</summary>
    public required string Name { get; init; }

    /// <summary>What a route has to satisfy, all of it; empty: every route does.</summary>
    public IReadOnlyList<RouteMatch> Matches { get; init; } = [];

    /// <summary>
    /// The name of a policy that such a route goes through first; null for none. When it rejects, the route is rejected; when it accepts, its changes
    /// stay and this term goes on.
    /// </summary>
    public string? Call { get; init; }

    /// <summary>The changes, in order.</summary>
    public IReadOnlyList<RouteAction> Actions { get; init; } = [];

    /// <summary>What then becomes of the route.</summary>
    public TermOutcome Outcome { get; init; }
}

/// <summary>What becomes of a route that a term applies to.</summary>
public enum TermOutcome : byte
{
    /// <summary>It goes on to the next term, which sees the changes.</summary>
    Next,

    /// <summary>It passes.</summary>
    Accept,

    /// <summary>It does not pass; changes are forgotten.</summary>
    Reject,
}
