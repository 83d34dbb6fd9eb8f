namespace Dataplane.SlowPath;

/// <summary>
/// Why the slow path dropped a punted packet. The kebab-case form of a member's name is its name in metrics and
/// <c>counters.json</c> (see <see cref="SlowPathDropReasonNames"/>).
/// </summary>
public enum SlowPathDropReason : byte
{
    /// <summary>No reason; never counted.</summary>
    None,

    /// <summary>No IP packet at the offset given, or lengths and options that contradict each other.</summary>
    Malformed,

    /// <summary>What the punt says does not fit the packet or the tables: an interface that is gone, a packet that fits.</summary>
    InconsistentPunt,

    /// <summary>ARP packet that is not Ethernet/IPv4, or with an operation or addresses that make no sense.</summary>
    ArpMalformed,

    /// <summary>ARP sender address is not the interface's (SEC-03).</summary>
    ArpSpoofed,

    /// <summary>Probe or announcement of an address that is the asker's own; silence lets it use it (AMB-27).</summary>
    DadOwnAddress,

    /// <summary>Answer to a question that is not open; nothing is learnt from it (SEC-14).</summary>
    Unsolicited,

    /// <summary>Neighbour discovery message that RFC 4861 says to discard: hop limit, checksum, code, length, options.</summary>
    NdMalformed,

    /// <summary>Neighbour discovery source or target is not the interface's (SEC-03).</summary>
    NdSpoofed,

    /// <summary>Router advertisement or redirect from a guest.</summary>
    NdRogueRouter,

    /// <summary>Question on the underlay about an address that is not ours.</summary>
    NotForUs,

    /// <summary>Another station of the underlay uses one of our addresses.</summary>
    AddressConflict,

    /// <summary>ICMP message to us, truncated or with a wrong checksum.</summary>
    IcmpMalformed,

    /// <summary>ICMP message to us of a type that is not answered.</summary>
    IcmpUnsupported,

    /// <summary>No ICMP error may be sent about this packet (RFC 1122 section 3.2.2, RFC 4443 section 2.4).</summary>
    IcmpSuppressed,

    /// <summary>The VRF's or port's budget of ICMP messages is used up.</summary>
    IcmpRateLimited,

    /// <summary>No address from which an ICMP error could be sent to that destination.</summary>
    NoIcmpSource,

    /// <summary>Fragment addressed to the forwarder itself, which does not reassemble.</summary>
    Fragment,

    /// <summary>Addressed to the forwarder itself, for a protocol it does not serve there.</summary>
    NoListener,

    /// <summary>The next link's MTU is below what the packet's protocol can be sent through.</summary>
    MtuTooSmall,

    /// <summary>To be resolved on an interface that does not own the destination.</summary>
    NotOnLink,

    /// <summary>As many packets wait for this neighbour, or in total, as are allowed.</summary>
    HoldFull,

    /// <summary>Waited for a neighbour that did not answer.</summary>
    HoldTimeout,

    /// <summary>The neighbour has just failed to answer; no question is asked for a while.</summary>
    NeighborFailed,

    /// <summary>The interface has as many neighbours as are allowed (SEC-14).</summary>
    NeighborTableFull,

    /// <summary>The datapath did not take the frame or packet.</summary>
    InjectFull,

    /// <summary>VRRP packet that the election does not take into account; <see cref="VrrpCounters.Discarded"/> says why.</summary>
    VrrpDiscarded,
}
