namespace Dataplane.Forwarding;

/// <summary>
/// Why the fast path dropped a packet. Every packet that is neither transmitted nor punted is counted under exactly
/// one of these. The kebab-case form of a member's name is its name in metrics and <c>counters.json</c>.
/// </summary>
public enum DropReason : byte
{
    /// <summary>No reason; never counted.</summary>
    None,

    /// <summary>Shorter than its layer-2 headers.</summary>
    RuntFrame,

    /// <summary>Destination MAC is neither ours nor broadcast or multicast, or a unicast IP packet in a broadcast or
    /// multicast frame (RFC 1812 section 5.3.4).</summary>
    NotForRouter,

    /// <summary>No interface for this port, MAC and VLAN (EXT-02).</summary>
    Unclassified,

    /// <summary>From a host that another forwarder serves now: we are not master in its port's election (EXT-10).</summary>
    Standby,

    /// <summary>EtherType that is not IP (ARC-21).</summary>
    NonIp,

    /// <summary>Tenant IP header malformed: version, header length, or lengths beyond the frame.</summary>
    BadIpHeader,

    /// <summary>Tenant IPv4 header checksum wrong.</summary>
    BadChecksum,

    /// <summary>Tenant source address that can never be a source (RFC 1812 section 5.3.7, RFC 4291).</summary>
    MartianSource,

    /// <summary>Tenant destination address that can never be routed.</summary>
    MartianDestination,

    /// <summary>Source address is not one of the interface's (SEC-02).</summary>
    SourceValidation,

    /// <summary>IPv4 loose or strict source route, or IPv6 routing header type 0 (RFC 5095).</summary>
    SourceRoute,

    /// <summary>Tenant multicast or limited broadcast; not carried.</summary>
    Multicast,

    /// <summary>Link-local address beyond the first hop.</summary>
    LinkLocal,

    /// <summary>No route in the VRF (FWD-04).</summary>
    NoRoute,

    /// <summary>An aggregate's lookup led to the same aggregate again.</summary>
    LookupLoop,

    /// <summary>Outer header malformed.</summary>
    OuterBadHeader,

    /// <summary>Outer IPv4 header checksum wrong.</summary>
    OuterBadChecksum,

    /// <summary>Core packet whose destination is not a tunnel end of ours (SEC-04).</summary>
    NotLocal,

    /// <summary>Fragment of an outer packet; tunnels are sent with DF and never reassembled here.</summary>
    OuterFragment,

    /// <summary>Protocol to us that is neither a tunnel nor ICMP.</summary>
    UnsupportedProtocol,

    /// <summary>GRE version, flags or protocol type that MPLS-in-GRE does not use (RFC 4023).</summary>
    GreUnsupported,

    /// <summary>GRE checksum present and wrong (RFC 2784).</summary>
    GreChecksum,

    /// <summary>Outer UDP checksum wrong, or zero over IPv6 where that is not configured (RFC 6935).</summary>
    UdpChecksum,

    /// <summary>Label stack truncated, too deep, or without the bottom at the VPN label.</summary>
    LabelStack,

    /// <summary>Label not assigned here (FWD-05).</summary>
    UnknownLabel,

    /// <summary>Label stack entry arrived with TTL 0 (RFC 3443).</summary>
    LabelTtl,

    /// <summary>Outer source is no legitimate ingress for this label's VRF (SEC-09).</summary>
    OuterSource,

    /// <summary>The transmit queue did not take the frame.</summary>
    TxFull,

    /// <summary>The punt ring did not take the packet.</summary>
    PuntFull,

    /// <summary>The interface's punt budget is used up (SEC-14).</summary>
    PuntRateLimited,

    /// <summary>Buffer in several segments, or without room for the outer headers.</summary>
    UnsupportedBuffer,

    /// <summary>A flow specification of the VRF discards it where it enters (SIG-20, ARC-20).</summary>
    Filtered,

    /// <summary>Beyond the rate that a flow specification of the VRF allows.</summary>
    FilterRateLimited,
}
