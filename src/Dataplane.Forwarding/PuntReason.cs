namespace Dataplane.Forwarding;

/// <summary>
/// Why a packet left the fast path for the slow path. The kebab-case form of a member's name is its name in
/// metrics and <c>counters.json</c> (see <see cref="ReasonNames"/>).
/// </summary>
public enum PuntReason : byte
{
    /// <summary>No reason; never counted.</summary>
    None,

    /// <summary>ARP from a guest (FWD-11).</summary>
    Arp,

    /// <summary>IPv6 neighbour discovery from a guest: ICMPv6 types 133 to 137 (FWD-11).</summary>
    Nd,

    /// <summary>VRRP on an access port with an election (EXT-10).</summary>
    Vrrp,

    /// <summary>Addressed to the forwarder inside the VPN: the first-hop address or a router address of the VRF.</summary>
    RouterAddress,

    /// <summary>TTL or hop limit would reach zero here.</summary>
    TtlExpired,

    /// <summary>Longer than the next link or tunnel takes (FWD-23).</summary>
    MtuExceeded,

    /// <summary>Local delivery to an interface without a configured MAC whose neighbour is not resolved yet.</summary>
    NeighborUnresolved,

    /// <summary>The tunnel's underlay next hop is not resolved yet.</summary>
    UnderlayUnresolved,

    /// <summary>ARP on a core port.</summary>
    UnderlayArp,

    /// <summary>IPv6 neighbour discovery on a core port.</summary>
    UnderlayNd,

    /// <summary>ICMP or ICMPv6 addressed to one of the forwarder's own core addresses.</summary>
    UnderlayLocal,
}
