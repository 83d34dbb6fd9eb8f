using Dataplane.Routing.FlowSpec;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>
/// The flow specifications of the VPNs as a gateway notified them, by collection. As <see cref="NotifiedRoutes"/>: they outlive the session, and what
/// the next one does not tell again is swept when its snapshot is whole (AGT-09). Routing loop.
/// </summary>
/// <param name="sink">Is told of what changes for packets.</param>
public sealed class NotifiedFilters(IRouteSink sink)
{
    private readonly Dictionary<string, Collection> _collections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Node, string Rule)> _tokens = new(StringComparer.Ordinal);

    /// <summary>Rules of all VPNs.</summary>
    public int Count => _collections.Values.Sum(static collection => collection.Rules.Count);

    /// <summary>A gateway is asked for a collection: what is there is stale until it is told again.</summary>
    public void Begin(string node)
    {
        if (!_collections.TryGetValue(node, out Collection? collection))
        {
            _collections.Add(node, collection = new());
        }

        collection.Epoch++;
        foreach (Held held in collection.Rules.Values)
        {
            _ = _tokens.Remove(held.Token);
        }
    }

    /// <summary>A rule was told. Rules of collections that nobody asked for are passed over.</summary>
    /// <returns>Whether the collection is one that was asked for.</returns>
    public bool Announce(string node, string token, VrfFilter filter)
    {
        if (!_collections.TryGetValue(node, out Collection? collection) || !FlowSpecNode.TryParse(node, out var vpn, out _))
        {
            return false;
        }

        if (_tokens.TryGetValue(token, out (string Node, string Rule) named) && named != (node, filter.Name))
        {
            _ = Retract(token);
        }

        var isChanged = true;
        if (collection.Rules.TryGetValue(filter.Name, out Held? held))
        {
            isChanged = !held.Filter.Equals(filter);
            _ = _tokens.Remove(held.Token);
        }

        collection.Rules[filter.Name] = new(filter, token, collection.Epoch);
        _tokens[token] = (node, filter.Name);
        if (isChanged)
        {
            sink.FilterChanged(vpn, filter);
        }

        return true;
    }

    /// <summary>The rule of a token has gone; nothing when it is not known.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Retract(string token)
    {
        if (!_tokens.TryGetValue(token, out (string Node, string Rule) named))
        {
            return false;
        }

        Remove(named.Node, named.Rule);
        return true;
    }

    /// <summary>All that there is of a collection has been told: sweeps what was not.</summary>
    /// <returns>How many rules that were.</returns>
    public int Settle(string node)
    {
        if (!_collections.TryGetValue(node, out Collection? collection))
        {
            return 0;
        }

        string[] stale = [.. collection.Rules.Where(entry => entry.Value.Epoch != collection.Epoch).Select(static entry => entry.Key)];
        foreach (var rule in stale)
        {
            Remove(node, rule);
        }

        return stale.Length;
    }

    /// <summary>The collection is left: its rules go.</summary>
    public void End(string node)
    {
        if (_collections.TryGetValue(node, out Collection? collection))
        {
            foreach (var rule in collection.Rules.Keys.ToArray())
            {
                Remove(node, rule);
            }

            _ = _collections.Remove(node);
        }
    }

    private void Remove(string node, string rule)
    {
        if (_collections[node].Rules.Remove(rule, out Held? held) && FlowSpecNode.TryParse(node, out var vpn, out _))
        {
            _ = _tokens.Remove(held.Token);
            sink.FilterRemoved(vpn, held.Filter);
        }
    }

    private sealed class Collection
    {
        public int Epoch { get; set; }

        public Dictionary<string, Held> Rules { get; } = new(StringComparer.Ordinal);
    }

    private sealed record Held(VrfFilter Filter, string Token, int Epoch);
}
