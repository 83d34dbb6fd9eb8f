namespace Dataplane.SlowPath;

/// <summary>Bounds and times of the slow path; the defaults are those of the configuration file.</summary>
public sealed record SlowPathOptions
{
    /// <summary>
    /// ICMP errors per second per VRF, and as many at once. Echo replies have a budget of the same size per VRF and
    /// per core port.
    /// </summary>
    public int IcmpRate { get; init; } = 100;

    /// <summary>Packets that may wait for one neighbour.</summary>
    public int HeldPacketsPerNeighbor { get; init; } = 64;

    /// <summary>Packets that may wait in total.</summary>
    public int HeldPacketsInTotal => 16 * HeldPacketsPerNeighbor;

    /// <summary>Neighbours that may be resolved or in resolution on one virtual interface (SEC-14).</summary>
    public int NeighborsPerInterface { get; init; } = 256;

    /// <summary>Probes before a neighbour counts as silent.</summary>
    public int ProbeCount { get; init; } = 3;

    /// <summary>Time between two probes.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time without questions after a neighbour did not answer.</summary>
    public TimeSpan FailureHoldOff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Age at which a resolved neighbour is asked again, by unicast.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between unsolicited router advertisements to an interface that has asked for one.</summary>
    public TimeSpan RouterAdvertisementInterval { get; init; } = TimeSpan.FromSeconds(600);
}
