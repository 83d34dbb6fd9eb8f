using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Policies;

/// <summary>What a policy says of a route.</summary>
/// <param name="Route">The route.</param>
/// <param name="IsAccepted">Whether it passes.</param>
/// <param name="Policy">The policy whose term or default decided; one that was called, maybe.</param>
/// <param name="Term">The term; null for the default.</param>
/// <param name="NextHop">What the next hop shall be.</param>
/// <param name="Changes">What changed.</param>
internal sealed record PolicyTrial(
    TestRoute Route, bool IsAccepted, string Policy, string? Term, PolicyNextHop NextHop, IReadOnlyList<(string Name, string Before, string After)> Changes)
{
    /// <summary>Sends a route through a policy.</summary>
    public static PolicyTrial Run(PolicySet policies, RoutePolicy policy, TestRoute route)
    {
        var output = new AttributeBlockBuilder();
        var attributes = new AttributeBlock(route.Attributes);
        PolicyResult result = policy.Apply(attributes, route.Nlri, route.Family, route.Context, output);
        (string by, string? term) = policies.Describe(policy.DecidingTerm);
        return new PolicyTrial(
            route, result != PolicyResult.Rejected, by, term, policy.NextHop,
            result == PolicyResult.Changed ? [.. AttributeText.Changes(attributes, output.Block)] : []);
    }

    /// <summary>In words: a line for the decision, one for each change.</summary>
    public void Write(TextWriter output)
    {
        string decision = IsAccepted ? Changes.Count > 0 ? "accepted with changes" : "accepted" : "rejected";
        string by = Term is null ? $"the default of policy '{Policy}'" : $"term '{Term}' of policy '{Policy}'";
        output.WriteLine($"{Route}: {decision} by {by}");
        foreach (var (name, before, after) in Changes)
            output.WriteLine($"  {name}: {(before.Length == 0 ? "none" : before)} -> {(after.Length == 0 ? "none" : after)}");
        if (NextHop is PolicyNextHop.Self or PolicyNextHop.Unchanged)
            output.WriteLine($"  next-hop: {(NextHop == PolicyNextHop.Self ? "self" : "unchanged")}, whatever the peer's settings say");
    }
}
