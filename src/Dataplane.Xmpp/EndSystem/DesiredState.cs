namespace Dataplane.Xmpp.EndSystem;

/// <summary>What every server shall know of this end system. Routing loop.</summary>
public sealed class DesiredState
{
    private readonly HashSet<Membership> _memberships = [];
    private readonly Dictionary<string, Publication> _publications = new(StringComparer.Ordinal);

    /// <summary>The VPNs it takes part in.</summary>
    public IReadOnlyCollection<Membership> Memberships => _memberships;

    /// <summary>What it publishes.</summary>
    public IReadOnlyCollection<Publication> Publications => _publications.Values;

    /// <summary>Whether it takes part.</summary>
    public bool Contains(Membership membership) => _memberships.Contains(membership);

    /// <summary>What a leaf says; null when there is none.</summary>
    public Publication? Find(string leaf) => _publications.GetValueOrDefault(leaf);

    internal bool Add(Membership membership) => _memberships.Add(membership);

    internal bool Remove(Membership membership) => _memberships.Remove(membership);

    internal bool Set(Publication publication)
    {
        if (_publications.TryGetValue(publication.Leaf, out Publication? before) && before == publication)
        {
            return false;
        }

        _publications[publication.Leaf] = publication;
        return true;
    }

    internal bool Remove(string leaf) => _publications.Remove(leaf);
}
