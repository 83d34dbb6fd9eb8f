using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>What a virtual interface shall be, as the one who provisions it says (AGT-04). Saying it again changes what differs.</summary>
public sealed record AttachmentRequest
{
    /// <summary>Name of the interface, unique on this end system: 1 to 64 printable ASCII characters without spaces.</summary>
    public required string Id { get; init; }

    /// <summary>The VPN it belongs to.</summary>
    public required string Vpn { get; init; }

    /// <summary>Port of the local forwarder that it is on; null towards an external forwarder.</summary>
    public string? Port { get; init; }

    /// <summary>In place of a port: the device of one that comes and goes with the interface.</summary>
    public string? Device { get; init; }

    /// <summary>Its VLAN, 1 to 4094; null for none, and towards an external forwarder for one that is chosen (EXT-03).</summary>
    public int? Vlan { get; init; }

    /// <summary>Its MAC: on an access port the only source of its frames, on a local one not looked at (FWD-03), as with null.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Its addresses. None before the workload runs: then its VPN is subscribed to and nothing published (MOB-04).</summary>
    public IReadOnlyList<IpPrefix> Addresses { get; init; } = [];

    /// <summary>Instance number of the workload, never less than before (AGT-07); null: one more than known of its addresses.</summary>
    public uint? Version { get; init; }
}
