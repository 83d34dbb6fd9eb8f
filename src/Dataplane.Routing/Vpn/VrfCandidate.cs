using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>A path that a VRF route could use.</summary>
public readonly record struct VrfCandidate
{
    /// <summary>The destination it was imported from, in the table of its family.</summary>
    public required DestinationId Destination { get; init; }

    /// <summary>The path; none when there is none at the moment.</summary>
    public required PathId Path { get; init; }

    /// <summary>Its attributes in the VRF, as the VRF's import policy left them.</summary>
    public required AttributeSetId Attributes { get; init; }

    /// <summary>The label of the VPN; 0 for flow specifications.</summary>
    public required Label20 Label { get; init; }

    /// <summary>Where it was learned.</summary>
    public required SourceId Source { get; init; }

    /// <summary>Where it leads; null for flow specifications without a next hop.</summary>
    public required IpAddress? NextHop { get; init; }

    /// <summary>Whether it is one of the route's next hops.</summary>
    public required bool IsNextHop { get; init; }

    /// <summary>Whether it is the best of them.</summary>
    public required bool IsBest { get; init; }
}

/// <summary>A next hop of a VRF route.</summary>
/// <param name="Address">The forwarder behind which the prefix is.</param>
/// <param name="Label">The label that it gave the prefix.</param>
public readonly record struct VrfNextHop(IpAddress Address, Label20 Label);
