namespace Dataplane.Host.Configuration;

/// <summary>Sizes of tables, which are allocated at start, and rates.</summary>
internal sealed record LimitsConfiguration
{
    /// <summary>Most VRFs.</summary>
    public required int Vrfs { get; init; }

    /// <summary>Most ports, those that come with attached interfaces included.</summary>
    public required int Ports { get; init; }

    /// <summary>Most virtual interfaces.</summary>
    public required int Interfaces { get; init; }

    /// <summary>Most tunnels, those that routes imply included.</summary>
    public required int Tunnels { get; init; }

    /// <summary>Most routes over all VRFs, local ones and router addresses included.</summary>
    public required int Routes { get; init; }

    /// <summary>Punted packets per second for each interface and each core port; also the burst.</summary>
    public required int PuntRate { get; init; }

    /// <summary>ICMP errors per second for each VRF.</summary>
    public required int IcmpRate { get; init; }

    /// <summary>Packets held for one unresolved neighbour; sixteen times as many in total.</summary>
    public required int HeldPackets { get; init; }

    /// <summary>Packet buffers.</summary>
    public required int MempoolMbufs { get; init; }
}
