namespace Dataplane.Routing.Policy;

/// <summary>
/// The policies of a configuration, with counters: how many routes each term and each default has been applied to. A change of the
/// configuration makes a new set. Routing thread only, but for what readers are told.
/// </summary>
public sealed class PolicySet : IPolicyCatalog
{
    /// <summary>The name of the policy that accepts everything as it is; there in every set.</summary>
    public const string AcceptAll = "accept-all";

    /// <summary>The name of the policy that rejects everything; there in every set.</summary>
    public const string RejectAll = "reject-all";

    private readonly Dictionary<string, RoutePolicy> _policies = new(StringComparer.Ordinal);
    private readonly List<(string Policy, string? Term)> _terms = [];
    private readonly long[] _hits;

    /// <summary>Resolves the calls of policies.</summary>
    /// <param name="definitions">The policies; names unique, and none that of a policy which is always there.</param>
    /// <exception cref="ArgumentException">A policy calls one that is not there, or itself by way of others, or a name is twice.</exception>
    public PolicySet(IEnumerable<PolicyDefinition> definitions)
    {
        PolicyDefinition[] all =
        [
            new() { Name = AcceptAll, Terms = [], AcceptsByDefault = true },
            new() { Name = RejectAll, Terms = [] },
            .. definitions,
        ];
        _hits = new long[all.Sum(static definition => definition.Terms.Count + 1)];
        Dictionary<string, PolicyDefinition> byName = all.ToDictionary(static definition => definition.Name, StringComparer.Ordinal);
        foreach (PolicyDefinition definition in all)
        {
            Add(definition, byName, []);
        }
    }

    /// <summary>The policies, those that are always there first.</summary>
    public IReadOnlyCollection<RoutePolicy> Policies => _policies.Values;

    /// <summary>How many terms and defaults there are; they are numbered from 0.</summary>
    public int TermCount => _terms.Count;

    /// <summary>A policy by name; null when there is none.</summary>
    public RoutePolicy? Find(string name) => _policies.GetValueOrDefault(name);

    /// <inheritdoc/>
    IRoutePolicy? IPolicyCatalog.Find(string name) => Find(name);

    /// <summary>The policy and the name of a term; a null name is the policy's default.</summary>
    public (string Policy, string? Term) Describe(int term) => _terms[term];

    /// <summary>How many routes a term or default has been applied to. Any thread.</summary>
    public long Hits(int term) => Volatile.Read(ref _hits[term]);

    private void Add(PolicyDefinition definition, Dictionary<string, PolicyDefinition> byName, HashSet<string> callers)
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

            Add(target, byName, callers);
        }

        _ = callers.Remove(definition.Name);
        _policies.Add(definition.Name, new RoutePolicy(definition, _policies, _terms.Count, _hits));
        _terms.AddRange(definition.Terms.Select(term => (definition.Name, (string?)term.Name)));
        _terms.Add((definition.Name, null));
    }
}
