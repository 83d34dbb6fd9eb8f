namespace Dataplane.Routing.Policy;

/// <summary>
/// The policies of a configuration. A change of the configuration makes a new set, which takes over from the one before what has stayed the same: the
/// same objects with their counters, so that who compares knows that nothing has to be evaluated again. Routing thread, once it is built.
/// </summary>
public sealed class PolicySet : IPolicyCatalog
{
    /// <summary>The name of the policy that accepts everything as it is; there in every set.</summary>
    public const string AcceptAll = "accept-all";

    /// <summary>The name of the policy that rejects everything; there in every set.</summary>
    public const string RejectAll = "reject-all";

    private readonly Dictionary<string, RoutePolicy> _policies = new(StringComparer.Ordinal);
    private int _nextTerm;

    /// <summary>Resolves the calls of policies.</summary>
    /// <param name="definitions">The policies; names unique, and none that of a policy which is always there.</param>
    /// <param name="before">The set that this one replaces; null for none.</param>
    /// <exception cref="ArgumentException">A policy calls one that is not there, or itself by way of others, or a name is twice.</exception>
    public PolicySet(IEnumerable<PolicyDefinition> definitions, PolicySet? before = null)
    {
        _nextTerm = before?._nextTerm ?? 0;
        PolicyDefinition[] all =
        [
            new() { Name = AcceptAll, Terms = [], AcceptsByDefault = true },
            new() { Name = RejectAll, Terms = [] },
            .. definitions,
        ];
        Dictionary<string, PolicyDefinition> byName = all.ToDictionary(static definition => definition.Name, StringComparer.Ordinal);
        foreach (PolicyDefinition definition in all)
        {
            Add(definition, byName, [], before);
        }

        IsChanged = before is null || _policies.Count != before._policies.Count
            || _policies.Any(policy => before.Find(policy.Key) != policy.Value);
    }

    /// <summary>Whether a policy is not as it was in the set before, or there was none.</summary>
    public bool IsChanged { get; }

    /// <summary>The policies, those that are always there first.</summary>
    public IReadOnlyCollection<RoutePolicy> Policies => _policies.Values;

    /// <summary>A policy by name; null when there is none.</summary>
    public RoutePolicy? Find(string name) => _policies.GetValueOrDefault(name);

    /// <inheritdoc/>
    IRoutePolicy? IPolicyCatalog.Find(string name) => Find(name);

    /// <summary>The policy and the name of the term that <see cref="RoutePolicy.DecidingTerm"/> tells; a null name is the policy's default.</summary>
    public (string Policy, string? Term) Describe(int term)
    {
        foreach (RoutePolicy policy in _policies.Values)
        {
            if (term >= policy.FirstTerm && term - policy.FirstTerm < policy.Terms.Count)
            {
                return (policy.Name, policy.Terms[term - policy.FirstTerm].Name);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(term), $"there is no term {term}");
    }

    private void Add(PolicyDefinition definition, Dictionary<string, PolicyDefinition> byName, HashSet<string> callers, PolicySet? before)
    {
        if (_policies.ContainsKey(definition.Name))
        {
            return;
        }

        if (!callers.Add(definition.Name))
        {
            throw new ArgumentException($"policy '{definition.Name}' calls itself");
        }

        foreach (var called in definition.Terms.Select(static term => term.Call).OfType<string>())
        {
            if (!byName.TryGetValue(called, out PolicyDefinition? target))
            {
                throw new ArgumentException($"policy '{definition.Name}' calls '{called}', which is not there");
            }

            Add(target, byName, callers, before);
        }

        _ = callers.Remove(definition.Name);
        var policy = new RoutePolicy(definition, _policies, _nextTerm);
        if (before?.Find(definition.Name) is { } same && policy.IsEquivalentTo(same))
        {
            policy = same;
        }
        else
        {
            _nextTerm += policy.Terms.Count;
        }

        _policies.Add(definition.Name, policy);
    }
}
