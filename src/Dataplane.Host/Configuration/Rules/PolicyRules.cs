using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Policies and the sets that they name.</summary>
internal static class PolicyRules
{
    /// <summary>Checks all policies and sets.</summary>
    public static void Check(RuleContext context)
    {
        var configuration = context.Configuration;
        if (!configuration.IsGateway)
        {
            return;
        }

        context.RequireUniqueNames(configuration.PrefixSets, PolicyKeys.PrefixSetName, static set => set.Name, "prefix set");
        context.RequireUniqueNames(configuration.CommunitySets, PolicyKeys.CommunitySetName, static set => set.Name, "community set");
        context.RequireUniqueNames(configuration.AsPathSets, PolicyKeys.AsPathSetName, static set => set.Name, "AS path set");
        context.RequireUniqueNames(configuration.Policies, PolicyKeys.PolicyName, static policy => policy.Name, "policy", "policies");
        foreach (var set in configuration.CommunitySets.Where(static set => CommunityValue.Words.Contains(set.Name)))
        {
            context.Error(set, PolicyKeys.CommunitySetName, $"'{set.Name}' is a well-known community; give the set another name");
        }

        foreach (var policy in configuration.Policies)
        {
            if (policy.Name is PolicySet.AcceptAll or PolicySet.RejectAll)
            {
                context.Error(policy, PolicyKeys.PolicyName, $"there is always a policy '{policy.Name}'; give this one another name");
            }

            context.RequireUniqueNames(policy.Terms, PolicyKeys.TermName, static term => term.Name, "term");
            foreach (var term in policy.Terms)
            {
                CheckTerm(context, term);
            }
        }

        CheckLoops(context);
    }

    /// <summary>Reports the name of a policy that is not there.</summary>
    public static void RequirePolicy(RuleContext context, string? name, SourceLocation location)
    {
        var policies = context.Configuration.Policies;
        if (name is null or PolicySet.AcceptAll or PolicySet.RejectAll
            || policies.Any(policy => policy.Name == name)
            || !context.Source.IsSound(context.Configuration, RootKeys.Policies)
            || !policies.All(policy => context.Source.IsSound(policy, PolicyKeys.PolicyName)))
        {
            return;
        }

        context.Error(location, $"there is no policy '{name}'; "
            + RuleContext.Known("policies", policies.Select(static policy => policy.Name).Append(PolicySet.AcceptAll).Append(PolicySet.RejectAll)));
    }

    private static void CheckTerm(RuleContext context, TermConfiguration term)
    {
        var match = term.Match;
        var configuration = context.Configuration;
        CheckSets([match.Prefixes, match.NextHop, match.FromPeers, match.Peers], RootKeys.PrefixSets, configuration.PrefixSets.Select(static set => set.Name), "prefix set");
        CheckSets([match.Communities, match.AllCommunities, match.NoCommunities], RootKeys.CommunitySets, configuration.CommunitySets.Select(static set => set.Name), "community set");
        CheckSets([match.AsPathContains, match.OriginatedBy, match.NeighborAs, match.PeerAs], RootKeys.AsPathSets, configuration.AsPathSets.Select(static set => set.Name), "AS path set");
        if (match.AsPathSet is { } patterns && context.Source.IsSound(configuration, RootKeys.AsPathSets))
        {
            var set = configuration.AsPathSets.FirstOrDefault(set => set.Name == patterns);
            if (set is null)
            {
                context.Error(match, MatchKeys.AsPath, $"there is no AS path set '{patterns}'; {RuleContext.Known("AS path sets", configuration.AsPathSets.Select(static s => s.Name))}");
            }
            else if (set.Patterns.Count == 0 && context.Source.IsSound(set, PolicyKeys.Patterns))
            {
                context.Error(match, MatchKeys.AsPath, $"AS path set '{patterns}' has no 'patterns' to match with; for its numbers use 'as-path-contains', 'originated-by' or 'neighbor-as'");
            }
        }

        RequirePolicy(context, term.Call, context.Source.At(term, PolicyKeys.Call));
        CheckChange(context, term.Then.Communities, static change => (change.Set is not null, change.Remove.Count + change.Add.Count), ChangeKeys.Communities, term);
        CheckChange(context, term.Then.ExtendedCommunities, static change => (change.Set is not null, change.Remove.Count + change.Add.Count), ChangeKeys.ExtendedCommunities, term);
        CheckChange(context, term.Then.LargeCommunities, static change => (change.Set is not null, change.Remove.Count + change.Add.Count), ChangeKeys.LargeCommunities, term);
        CheckChange(context, term.Then.RouteTargets, static change => (change.Set is not null, change.Remove.Count + change.Add.Count), ChangeKeys.RouteTargets, term);
        if (term.Outcome == TermOutcome.Reject && context.Source.IsGiven(term, PolicyKeys.Then) && context.Source.IsSound(term, PolicyKeys.Outcome))
        {
            context.Error(term, PolicyKeys.Then, $"term '{term.Name}' rejects the route, so nothing of it is left to change; remove 'then'");
        }

        void CheckSets<T>(IReadOnlyList<SetEntry<T>>[] lists, ConfigurationKey section, IEnumerable<string> names, string what)
        {
            if (!context.Source.IsSound(configuration, section))
            {
                return;
            }

            var known = names.ToHashSet(StringComparer.Ordinal);
            foreach (var list in lists)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i].Name is { } name && !known.Contains(name))
                    {
                        context.Error(context.Source.AtItem(list, i), $"there is no {what} '{name}'; {RuleContext.Known(what + "s", known)}");
                    }
                }
            }
        }
    }

    private static void CheckChange<T>(RuleContext context, T? change, Func<T, (bool HasSet, int Others)> of, ConfigurationKey key, TermConfiguration term)
        where T : class
    {
        if (change is null || !context.Source.IsWhole(change))
        {
            return;
        }

        var (hasSet, others) = of(change);
        if (hasSet && others > 0)
        {
            context.Error(term.Then, key, $"'{key.Name}' has 'set' beside 'remove' or 'add'; 'set' alone decides all, so remove the others");
        }
        else if (!hasSet && others == 0)
        {
            context.Error(term.Then, key, $"'{key.Name}' changes nothing; give it 'set', 'remove' or 'add', or remove it");
        }
    }

    /// <summary>Reports the call that closes a loop, once for each loop.</summary>
    private static void CheckLoops(RuleContext context)
    {
        var byName = new Dictionary<string, PolicyConfiguration>(StringComparer.Ordinal);
        foreach (var policy in context.Configuration.Policies)
        {
            _ = byName.TryAdd(policy.Name, policy);
        }

        var finished = new HashSet<string>(StringComparer.Ordinal);
        foreach (var policy in byName.Values)
        {
            Visit(policy, []);
        }

        void Visit(PolicyConfiguration policy, List<string> callers)
        {
            if (finished.Contains(policy.Name))
            {
                return;
            }

            callers.Add(policy.Name);
            foreach (var term in policy.Terms.Where(static term => term.Call is not null))
            {
                if (callers.IndexOf(term.Call!) is var start and >= 0)
                {
                    context.Error(term, PolicyKeys.Call, $"policy '{term.Call}' would call itself: {string.Join(" calls ", callers.Skip(start).Append(term.Call))}");
                }
                else if (byName.TryGetValue(term.Call!, out var called))
                {
                    Visit(called, callers);
                }
            }

            callers.RemoveAt(callers.Count - 1);
            _ = finished.Add(policy.Name);
        }
    }
}
