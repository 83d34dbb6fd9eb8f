using Dataplane.Bgp.Transport;
using Dataplane.Routing;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker;

/// <summary>What a speaker is given beside its settings.</summary>
public sealed record BgpSpeakerOptions
{
    /// <summary>Makes connections; absent: TCP.</summary>
    public IBgpConnector? Connector { get; init; }

    /// <summary>The policies that peers name; absent: there are none, and peers that name one exchange no routes.</summary>
    public IPolicyCatalog? Policies { get; init; }

    /// <summary>
    /// Whether forwarding goes on while this process is away: true for a gateway, whose forwarders keep their state; false where the forwarder ends with
    /// it. Told to peers as the F bit (RFC 4724 §3).
    /// </summary>
    public bool ForwardingOutlivesUs { get; init; } = true;

    /// <summary>Whether this is a restart after which peers still hold our routes; null: the state directory tells.</summary>
    public bool? IsRestart { get; init; }

    /// <summary>The bound on the time for which VPN routes are held back until a peer has sent its memberships (RFC 4684 §6).</summary>
    public TimeSpan MembershipDeferral { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether a destination is below an aggregate that suppresses it towards peers without specifics (INT-05).</summary>
    public Func<FamilyTable, DestinationId, bool>? IsSuppressed { get; init; }

    /// <summary>Whether it is this speaker that settles the tables; false when somebody else does.</summary>
    public bool Settles { get; init; } = true;
}
