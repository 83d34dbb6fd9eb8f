using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>An aggregate of a VRF as it stands.</summary>
public sealed class VrfAggregate
{
    internal VrfAggregate(VrfAggregateSettings settings) => Settings = settings;

    /// <summary>What is configured.</summary>
    public VrfAggregateSettings Settings { get; internal set; }

    /// <summary>The covering prefix.</summary>
    public IpPrefix Prefix => Settings.Prefix;

    /// <summary>How many longer routes inside the prefix the VRF has.</summary>
    public int Specifics { get; internal set; }

    /// <summary>Whether the covering route is there.</summary>
    public bool IsActive { get; internal set; }

    /// <summary>Whether it keeps its specifics from peers that see aggregates only.</summary>
    internal bool Suppresses => IsActive && Settings.SuppressSpecifics;
}
