namespace Dataplane.Rig.Scenarios;

/// <summary>A scenario: its network and the frames that run through it.</summary>
internal sealed record Workload
{
    /// <summary>What <c>--scenario</c> calls it.</summary>
    internal required string Name { get; init; }

    /// <summary>One line for people.</summary>
    internal required string Description { get; init; }

    /// <summary>Makes the network; large ones are made when they are needed.</summary>
    internal required Func<Topology> Topology { get; init; }

    /// <summary>Bytes of the tenants' frames without FCS (VLAN tag included), taken in turn.</summary>
    internal required IReadOnlyList<int> TenantFrameBytes { get; init; }

    /// <summary>VRFs that carry traffic, from the first on; null: all.</summary>
    internal int? BusyVrfs { get; init; }
}
