namespace Dataplane.Bgp.Export.Bmp;

/// <summary>Types of BMP messages (RFC 7854 §4.1).</summary>
internal enum BmpMessageType : byte
{
    RouteMonitoring = 0,
    StatisticsReport = 1,
    PeerDown = 2,
    PeerUp = 3,
    Initiation = 4,
    Termination = 5,
}

/// <summary>Types of peers (RFC 7854 §4.2, RFC 9069 §4.1).</summary>
internal enum BmpPeerType : byte
{
    GlobalInstance = 0,
    LocRib = 3,
}

/// <summary>Flags of the per-peer header (RFC 7854 §4.2, RFC 8671 §4, RFC 9069 §4.2).</summary>
[Flags]
internal enum BmpPeerFlags : byte
{
    None = 0,

    /// <summary>The peer address is IPv6.</summary>
    Ipv6 = 0x80,

    /// <summary>After policy.</summary>
    PostPolicy = 0x40,

    /// <summary>AS_PATH in the message has numbers of two octets.</summary>
    TwoOctetAs = 0x20,

    /// <summary>Adj-RIB-Out instead of Adj-RIB-In.</summary>
    AdjRibOut = 0x10,
}

/// <summary>Types of information in initiation, peer up and termination messages.</summary>
internal enum BmpInformation : ushort
{
    Text = 0,
    SystemDescription = 1,
    SystemName = 2,
    TableName = 3,

    /// <summary>In a termination: why (RFC 7854 §4.5).</summary>
    TerminationReason = 1,
}

/// <summary>Why a termination is sent (RFC 7854 §4.5).</summary>
internal enum BmpTermination : ushort
{
    AdministrativelyClosed = 0,
    Unspecified = 1,
    OutOfResources = 2,
}

/// <summary>Why a peer is down (RFC 7854 §4.9, RFC 9069 §5.3).</summary>
internal enum BmpPeerDownReason : byte
{
    /// <summary>We sent a NOTIFICATION, which follows.</summary>
    LocalNotification = 1,

    /// <summary>We closed without one; the code of the state machine's event follows.</summary>
    LocalWithoutNotification = 2,

    /// <summary>The peer sent a NOTIFICATION, which follows.</summary>
    RemoteNotification = 3,

    /// <summary>The connection was lost.</summary>
    RemoteWithoutNotification = 4,

    /// <summary>The peer is not monitored any more.</summary>
    NotMonitored = 5,

    /// <summary>The Loc-RIB is gone; its name follows.</summary>
    LocalSystemClosed = 6,
}

/// <summary>Types of statistics (RFC 7854 §4.8, RFC 8671 §6.2).</summary>
internal enum BmpStatistic : ushort
{
    /// <summary>Counter of 32 bits: routes that import policy rejected.</summary>
    RejectedByPolicy = 0,

    /// <summary>Counter: announcements of what was there already.</summary>
    DuplicateAnnouncements = 1,

    /// <summary>Counter: withdrawals of what was not there.</summary>
    DuplicateWithdrawals = 2,

    /// <summary>Counter: UPDATEs with our cluster in CLUSTER_LIST.</summary>
    ClusterListLoops = 3,

    /// <summary>Counter: UPDATEs with our AS in AS_PATH.</summary>
    AsPathLoops = 4,

    /// <summary>Counter: UPDATEs with our identifier as ORIGINATOR_ID.</summary>
    OriginatorLoops = 5,

    /// <summary>Gauge of 64 bits: routes in Adj-RIBs-In.</summary>
    AdjRibIn = 7,

    /// <summary>Gauge: routes in the Loc-RIB.</summary>
    LocRib = 8,

    /// <summary>AFI, SAFI and gauge: routes in one Adj-RIB-In.</summary>
    AdjRibInOfFamily = 9,

    /// <summary>AFI, SAFI and gauge: routes in the Loc-RIB of one family.</summary>
    LocRibOfFamily = 10,

    /// <summary>Counter: UPDATEs treated as withdraw (RFC 7606).</summary>
    UpdatesTreatedAsWithdraw = 11,

    /// <summary>Gauge: routes in Adj-RIBs-Out, before policy.</summary>
    AdjRibOutPre = 14,

    /// <summary>Gauge: routes in Adj-RIBs-Out, after policy.</summary>
    AdjRibOutPost = 15,

    /// <summary>AFI, SAFI and gauge: routes in one Adj-RIB-Out, before policy.</summary>
    AdjRibOutPreOfFamily = 16,

    /// <summary>AFI, SAFI and gauge: routes in one Adj-RIB-Out, after policy.</summary>
    AdjRibOutPostOfFamily = 17,
}
