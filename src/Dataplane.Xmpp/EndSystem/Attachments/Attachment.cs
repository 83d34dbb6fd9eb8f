using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>A virtual interface that is attached.</summary>
public sealed record Attachment
{
    /// <summary>Name, unique on this end system.</summary>
    public required string Id { get; init; }

    /// <summary>The VPN it belongs to.</summary>
    public required string Vpn { get; init; }

    /// <summary>Port of the local forwarder; null towards an external forwarder.</summary>
    public string? Port { get; init; }

    /// <summary>The device of a port that is this interface's alone, has its name, and comes and goes with it; null for a port of the configuration.</summary>
    public string? Device { get; init; }

    /// <summary>Its VLAN; null for none.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>Its MAC: on an access port the only source of its frames, on a local one not looked at (FWD-03), as with null.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Its addresses, each with the name of its leaf.</summary>
    public IReadOnlyList<AttachedAddress> Addresses { get; init; } = [];

    /// <summary>Instance number of the workload; 0 while it has had no address.</summary>
    public uint Version { get; init; }

    /// <summary>Whether another is the same in every respect.</summary>
    public bool IsSame(Attachment other) =>
        this with { Addresses = other.Addresses } == other && Addresses.SequenceEqual(other.Addresses);
}

/// <summary>An address of a virtual interface.</summary>
/// <param name="Prefix">The address, or a prefix behind it.</param>
/// <param name="Leaf">Name of the leaf that it is published by; stays as long as the address does.</param>
public readonly record struct AttachedAddress(IpPrefix Prefix, string Leaf);
