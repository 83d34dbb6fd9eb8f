namespace Dataplane.Bgp.Settings;

/// <summary>What may differ in the choice of the best path (RFC 4271 §9.1.2).</summary>
public sealed record BestPathSettings
{
    /// <summary>Whether MED is compared between paths of different neighbour systems too.</summary>
    public bool AlwaysCompareMed { get; init; }

    /// <summary>Whether a path without MED counts as the worst MED instead of 0.</summary>
    public bool MissingMedIsWorst { get; init; }

    /// <summary>Whether an older path of an external peer stays the best over a lower router identifier.</summary>
    public bool PreferOldestExternal { get; init; }

    /// <summary>Whether paths from different neighbour systems may share traffic when only the AS_PATH's content differs.</summary>
    public bool MultipathRelax { get; init; }

    /// <summary>The most paths of a destination that share traffic outside VRFs; 1: the best one only.</summary>
    public int MaximumPaths { get; init; } = 1;
}
