using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>A policy with its calls resolved. Routing thread only.</summary>
public sealed class RoutePolicy : IRoutePolicy
{
    private readonly Step[] _steps;
    private readonly bool _acceptsByDefault;
    private readonly int _defaultTerm;
    private readonly string _text;

    internal RoutePolicy(PolicyDefinition definition, IReadOnlyDictionary<string, RoutePolicy> known, int firstTerm)
    {
        Name = definition.Name;
        FirstTerm = firstTerm;
        Terms = [.. definition.Terms.Select(static term => new TermCounter(term.Name)), new TermCounter(null)];
        _acceptsByDefault = definition.AcceptsByDefault;
        _steps = [.. definition.Terms.Select((term, index) => new Step(
            firstTerm + index, [.. term.Matches], term.Call is null ? null : known[term.Call], [.. term.Actions], term.Outcome))];
        _defaultTerm = firstTerm + _steps.Length;
        LooksAtNlri = _steps.Any(static step => step.Matches.Any(static match => match.LooksAtNlri) || step.Call is { LooksAtNlri: true });
        LooksAtPeer = _steps.Any(static step => step.Matches.Any(static match => match.LooksAtPeer)
            || step.Actions.Any(static action => action.LooksAtPeer) || step.Call is { LooksAtPeer: true });
        _text = string.Join('\n', definition.Terms.Select((term, index) =>
            $"{term.Name}: if {string.Join(" and ", term.Matches)} then {string.Join(", ", term.Actions)} {term.Outcome}"
            + (_steps[index].Call is { } called ? $" call {called.Name} ({called._text})" : "")).Append(_acceptsByDefault ? "accept" : "reject"));
    }

    /// <summary>The name in the configuration.</summary>
    public string Name { get; }

    /// <summary>The terms in order and, last and without a name, the default.</summary>
    public IReadOnlyList<TermCounter> Terms { get; }

    /// <summary>The number of the first term; the others follow. See <see cref="PolicySet.Describe"/>.</summary>
    public int FirstTerm { get; }

    /// <inheritdoc/>
    public bool LooksAtNlri { get; }

    /// <inheritdoc/>
    public bool LooksAtPeer { get; }

    /// <inheritdoc/>
    public PolicyNextHop NextHop { get; private set; }

    /// <inheritdoc/>
    public int DecidingTerm { get; private set; }

    /// <summary>
    /// Whether another policy decides and changes in the same way, judged by their texts: peers whose policies say the same need no new evaluation
    /// after a change of the configuration.
    /// </summary>
    public bool IsEquivalentTo(RoutePolicy? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public PolicyResult Apply(
        AttributeBlock attributes, in Nlri nlri, RouteFamily family, in PolicyContext context, AttributeBlockBuilder result)
    {
        var route = new PolicyRoute(attributes, in nlri, family, in context, result);
        var accepted = Run(ref route, out var term);
        DecidingTerm = term;
        NextHop = accepted ? route.NextHop : PolicyNextHop.Default;
        return !accepted ? PolicyResult.Rejected : route.IsChanged ? PolicyResult.Changed : PolicyResult.Accepted;
    }

    private bool Run(ref PolicyRoute route, out int term)
    {
        foreach (Step step in _steps)
        {
            if (!Applies(step, route))
            {
                continue;
            }

            Terms[step.Term - FirstTerm].Routes++;
            if (step.Call is { } called && !called.Run(ref route, out term))
            {
                return false;
            }

            foreach (RouteAction action in step.Actions)
            {
                action.Apply(ref route);
            }

            if (step.Outcome != TermOutcome.Next)
            {
                term = step.Term;
                return step.Outcome == TermOutcome.Accept;
            }
        }

        Terms[^1].Routes++;
        term = _defaultTerm;
        return _acceptsByDefault;
    }

    private static bool Applies(Step step, in PolicyRoute route)
    {
        foreach (RouteMatch match in step.Matches)
        {
            if (!match.Matches(route))
            {
                return false;
            }
        }

        return true;
    }

    private sealed record Step(int Term, RouteMatch[] Matches, RoutePolicy? Call, RouteAction[] Actions, TermOutcome Outcome);
}

/// <summary>How many routes a term of a policy was applied to.</summary>
/// <param name="name">Its name; null for the policy's default.</param>
public sealed class TermCounter(string? name)
{
    /// <summary>Its name; null for the policy's default.</summary>
    public string? Name { get; } = name;

    /// <summary>Routes it was applied to. Written by the routing thread; any thread may read it.</summary>
    public long Routes { get; internal set; }
}
