using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Wire;

/// <summary>What a session negotiated, as far as reading and writing its messages depends on it. Immutable.</summary>
public sealed record CodecOptions
{
    /// <summary>AS_PATH and AGGREGATOR are in four-octet form (RFC 6793): both sides have the capability.</summary>
    public bool FourOctetAs { get; init; } = true;

    /// <summary>Messages of up to 65,535 octets (RFC 8654): both sides have the capability.</summary>
    public bool ExtendedMessages { get; init; }

    /// <summary>The families that both sides announced.</summary>
    public FamilySet Families { get; init; }

    /// <summary>Families whose NLRI have a path identifier in what we receive (RFC 7911).</summary>
    public FamilySet AddPathReceive { get; init; }

    /// <summary>Families whose NLRI have a path identifier in what we send.</summary>
    public FamilySet AddPathSend { get; init; }

    /// <summary>Families of AFI 1 whose next hop may be IPv6 (RFC 8950).</summary>
    public FamilySet ExtendedNextHop { get; init; }

    /// <summary>The peer is in our AS.</summary>
    public bool IsIbgp { get; init; }

    /// <summary>The peer is in our confederation, so that confederation segments may come (RFC 5065).</summary>
    public bool IsConfederation { get; init; }

    /// <summary>AIGP is taken from this peer (RFC 7311 §3.3, AIGP_SESSION); null: from internal peers only.</summary>
    public bool? AcceptAigp { get; init; }

    /// <summary>An external peer's AS must come first in AS_PATH (RFC 4271 §6.3); off for route servers.</summary>
    public bool EnforceFirstAs { get; init; } = true;

    /// <summary>Paths with AS_SET or AS_CONFED_SET are treated as withdrawn (RFC 9774).</summary>
    public bool RejectAsSets { get; init; }

    /// <summary>The AS number that we have towards the peer.</summary>
    public AsNumber LocalAs { get; init; }

    /// <summary>The peer's AS number.</summary>
    public AsNumber PeerAs { get; init; }

    /// <summary>The most octets of a message, header included; OPEN and KEEPALIVE are bounded by 4,096 in any case.</summary>
    public int MaximumMessage => ExtendedMessages ? MessageHeader.MaximumExtended : MessageHeader.Maximum;

    /// <summary>Where the rules of flow specification routes are held; without it the session has none of those families.</summary>
    public FlowSpecStore? FlowSpecs { get; init; }

    internal bool TakesAigp => AcceptAigp ?? (IsIbgp || IsConfederation);
}
