using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>A virtual interface that takes part in a VPN.</summary>
public sealed record BoundInterface
{
    /// <summary>Unique name; its label stays with it across restarts (FWD-08).</summary>
    public required string Key { get; init; }

    /// <summary>The VPN.</summary>
    public required string Vpn { get; init; }

    /// <summary>Port of the forwarder; null where that is another machine's.</summary>
    public string? Port { get; init; }

    /// <summary>What the port is made of, for one that is this interface's alone and comes and goes with it; null for a port that is there anyway.</summary>
    public string? Device { get; init; }

    /// <summary>Its VLAN; null for none.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>The only source that its frames have; null: not looked at.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Its addresses.</summary>
    public IReadOnlyList<BoundAddress> Addresses { get; init; } = [];
}

/// <summary>An address of a virtual interface.</summary>
/// <param name="Prefix">The address, or a prefix behind it.</param>
/// <param name="Leaf">Name of the leaf that it is published by.</param>
/// <param name="Version">Instance number.</param>
public readonly record struct BoundAddress(IpPrefix Prefix, string Leaf, uint Version);

/// <summary>A virtual interface as it is put into a forwarder.</summary>
public sealed record ForwardedInterface
{
    /// <summary>Unique name.</summary>
    public required string Key { get; init; }

    /// <summary>The VPN.</summary>
    public required string Vpn { get; init; }

    /// <summary>The port it is on.</summary>
    public required string Port { get; init; }

    /// <summary>What the port is made of, when it comes and goes with the interface; null for a port that is there anyway.</summary>
    public string? Device { get; init; }

    /// <summary>Its VLAN; null for none.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>The only source that its frames have; null: not looked at.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Its label.</summary>
    public required Label20 Label { get; init; }

    /// <summary>
    /// Whether packets with its label are looked up in the VRF instead of delivered: one of its addresses is elsewhere by now, and what still comes
    /// for it has to follow (MOB-05).
    /// </summary>
    public bool IsLookedUp { get; init; }

    /// <summary>The addresses that are its: legitimate sources, and where packets from the core go (SEC-02).</summary>
    public IReadOnlyList<IpPrefix> Addresses { get; init; } = [];
}
