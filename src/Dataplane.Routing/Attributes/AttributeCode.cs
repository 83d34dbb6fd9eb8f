namespace Dataplane.Routing.Attributes;

/// <summary>Type codes of path attributes (IANA, BGP Path Attributes).</summary>
public enum AttributeCode : byte
{
    /// <summary>ORIGIN (RFC 4271).</summary>
    Origin = 1,

    /// <summary>AS_PATH (RFC 4271); held with four-octet numbers (RFC 6793).</summary>
    AsPath = 2,

    /// <summary>NEXT_HOP (RFC 4271); held for every family, see <see cref="AttributeBlock"/>.</summary>
    NextHop = 3,

    /// <summary>MULTI_EXIT_DISC (RFC 4271).</summary>
    MultiExitDisc = 4,

    /// <summary>LOCAL_PREF (RFC 4271).</summary>
    LocalPref = 5,

    /// <summary>ATOMIC_AGGREGATE (RFC 4271).</summary>
    AtomicAggregate = 6,

    /// <summary>AGGREGATOR (RFC 4271); held with a four-octet number.</summary>
    Aggregator = 7,

    /// <summary>COMMUNITIES (RFC 1997).</summary>
    Communities = 8,

    /// <summary>ORIGINATOR_ID (RFC 4456).</summary>
    OriginatorId = 9,

    /// <summary>CLUSTER_LIST (RFC 4456).</summary>
    ClusterList = 10,

    /// <summary>MP_REACH_NLRI (RFC 4760); on the wire only.</summary>
    MpReachNlri = 14,

    /// <summary>MP_UNREACH_NLRI (RFC 4760); on the wire only.</summary>
    MpUnreachNlri = 15,

    /// <summary>EXTENDED COMMUNITIES (RFC 4360).</summary>
    ExtendedCommunities = 16,

    /// <summary>AS4_PATH (RFC 6793); on the wire only.</summary>
    As4Path = 17,

    /// <summary>AS4_AGGREGATOR (RFC 6793); on the wire only.</summary>
    As4Aggregator = 18,

    /// <summary>PMSI_TUNNEL (RFC 6514).</summary>
    PmsiTunnel = 22,

    /// <summary>Tunnel Encapsulation (RFC 9012).</summary>
    TunnelEncapsulation = 23,

    /// <summary>IPv6 Address Specific Extended Community (RFC 5701).</summary>
    Ipv6ExtendedCommunities = 25,

    /// <summary>AIGP (RFC 7311).</summary>
    Aigp = 26,

    /// <summary>LARGE_COMMUNITY (RFC 8092).</summary>
    LargeCommunities = 32,

    /// <summary>BGP Prefix-SID (RFC 8669); passed through.</summary>
    PrefixSid = 40,
}
