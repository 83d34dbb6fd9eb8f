namespace Dataplane.Routing.Rib;

/// <summary>Follows the outcome of selection. Called on the routing thread while tables settle; may announce and withdraw.</summary>
public interface IBestPathListener
{
    /// <summary>
    /// A destination was selected anew. It exists until every listener was called, and longer while it is pinned; afterwards its id may
    /// be given to another destination.
    /// </summary>
    void BestPathChanged(FamilyTable table, DestinationId destination, in BestChange change);

    /// <summary>
    /// These destinations are about to be selected. What the listener will read for them it may have fetched now, so that their fetches overlap; it
    /// changes nothing.
    /// </summary>
    void Anticipate(FamilyTable table, ReadOnlySpan<int> destinations)
    {
    }
}

/// <summary>What changed at a destination.</summary>
/// <param name="Kind">What changed.</param>
/// <param name="Old">The path that was best, none when there was none or it is gone; the row may have changed since.</param>
/// <param name="New">The path that is best now, none when the destination cannot be reached any more.</param>
public readonly record struct BestChange(BestChangeKind Kind, PathId Old, PathId New);

/// <summary>Kinds of change, from the view of someone who only looks at best paths.</summary>
public enum BestChangeKind : byte
{
    /// <summary>The best path is the same with the same attributes and label; others came, went or changed. For those who send several paths.</summary>
    OtherPaths,

    /// <summary>There was no best path, now there is.</summary>
    Reachable,

    /// <summary>Another path is best, or the best has other attributes, another label, or a next hop that moved.</summary>
    Changed,

    /// <summary>There was a best path, now there is none.</summary>
    Unreachable,
}
