using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>A VRF: its settings and what was allocated for it. Routing thread.</summary>
public sealed class Vrf
{
    internal Vrf(VrfIndex index, VrfSettings settings, RouteDistinguisher distinguisher)
    {
        Index = index;
        Settings = settings;
        Distinguisher = distinguisher;
        ImportTargets = Normalize(settings.ImportTargets);
        ExportTargets = Normalize(settings.ExportTargets);
    }

    /// <summary>Its row.</summary>
    public VrfIndex Index { get; }

    /// <summary>Its name.</summary>
    public string Name => Settings.Name;

    /// <summary>What it is configured to be.</summary>
    public VrfSettings Settings { get; internal set; }

    /// <summary>The distinguisher of its local routes, configured or allocated.</summary>
    public RouteDistinguisher Distinguisher { get; internal set; }

    /// <summary>Its aggregate label, once it has one.</summary>
    public Label20? AggregateLabel { get; internal set; }

    /// <summary>How many interfaces and subscribers are in it.</summary>
    public int Members { get; internal set; }

    /// <summary>Whether its import targets are wanted.</summary>
    public bool HasMembers => Members != 0 || Settings.AlwaysMember;

    /// <summary>How many local routes it has, of both families.</summary>
    public int LocalRouteCount { get; internal set; }

    /// <summary>Its aggregates and whether they are there.</summary>
    public IReadOnlyCollection<VrfAggregate> Aggregates => AggregateStates;

    /// <summary>Sorted, each once.</summary>
    internal ExtendedCommunity[] ImportTargets { get; set; }

    /// <summary>Sorted, each once.</summary>
    internal ExtendedCommunity[] ExportTargets { get; set; }

    /// <summary>First of the chain of local routes, -1 for none.</summary>
    internal int FirstLocal { get; set; } = -1;

    /// <summary>Whether the import policy is another since destinations were last looked at.</summary>
    internal bool IsImportPolicyNew { get; set; }

    /// <summary>Whether it exists no more but for routes that are about to leave it.</summary>
    internal bool IsRemoved { get; set; }

    /// <summary>Called when the last of these has left.</summary>
    internal Action? Removed { get; set; }

    internal VrfAggregates AggregateStates { get; } = new();

    internal static ExtendedCommunity[] Normalize(IReadOnlyList<ExtendedCommunity> targets)
    {
        ExtendedCommunity[] sorted = [.. targets.Distinct()];
        Array.Sort(sorted);
        return sorted;
    }
}
