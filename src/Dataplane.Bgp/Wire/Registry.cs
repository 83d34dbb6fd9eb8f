namespace Dataplane.Bgp.Wire;

/// <summary>Message types (IANA, BGP Message Types).</summary>
public enum MessageType : byte
{
    /// <summary>OPEN (RFC 4271 §4.2).</summary>
    Open = 1,

    /// <summary>UPDATE (RFC 4271 §4.3).</summary>
    Update = 2,

    /// <summary>NOTIFICATION (RFC 4271 §4.5).</summary>
    Notification = 3,

    /// <summary>KEEPALIVE (RFC 4271 §4.4).</summary>
    Keepalive = 4,

    /// <summary>ROUTE-REFRESH (RFC 2918).</summary>
    RouteRefresh = 5,
}

/// <summary>Error codes of NOTIFICATION (IANA, BGP Error (Notification) Codes).</summary>
public enum ErrorCode : byte
{
    /// <summary>Message Header Error; subcodes: <see cref="HeaderError"/>.</summary>
    MessageHeader = 1,

    /// <summary>OPEN Message Error; subcodes: <see cref="OpenError"/>.</summary>
    OpenMessage = 2,

    /// <summary>UPDATE Message Error; subcodes: <see cref="UpdateError"/>.</summary>
    UpdateMessage = 3,

    /// <summary>Hold Timer Expired.</summary>
    HoldTimerExpired = 4,

    /// <summary>Finite State Machine Error; subcodes: <see cref="FsmError"/>.</summary>
    FiniteStateMachine = 5,

    /// <summary>Cease; subcodes: <see cref="CeaseReason"/>.</summary>
    Cease = 6,

    /// <summary>ROUTE-REFRESH Message Error (RFC 7313); subcodes: <see cref="RouteRefreshError"/>.</summary>
    RouteRefreshMessage = 7,

    /// <summary>Send Hold Timer Expired (RFC 9687).</summary>
    SendHoldTimerExpired = 8,
}

/// <summary>Subcodes of <see cref="ErrorCode.MessageHeader"/> (RFC 4271 §6.1).</summary>
public enum HeaderError : byte
{
    /// <summary>Unspecific.</summary>
    Unspecific = 0,

    /// <summary>Connection Not Synchronized: the marker is not all ones.</summary>
    ConnectionNotSynchronized = 1,

    /// <summary>Bad Message Length; data: the length field.</summary>
    BadMessageLength = 2,

    /// <summary>Bad Message Type; data: the type field.</summary>
    BadMessageType = 3,
}

/// <summary>Subcodes of <see cref="ErrorCode.OpenMessage"/> (RFC 4271 §6.2, RFC 5492).</summary>
public enum OpenError : byte
{
    /// <summary>Unspecific; also optional parameters that cannot be read.</summary>
    Unspecific = 0,

    /// <summary>Unsupported Version Number; data: two octets, the version that is supported.</summary>
    UnsupportedVersion = 1,

    /// <summary>Bad Peer AS.</summary>
    BadPeerAs = 2,

    /// <summary>Bad BGP Identifier.</summary>
    BadIdentifier = 3,

    /// <summary>Unsupported Optional Parameter.</summary>
    UnsupportedOptionalParameter = 4,

    /// <summary>Authentication Failure (deprecated).</summary>
    AuthenticationFailure = 5,

    /// <summary>Unacceptable Hold Time: one or two seconds, or less than configured.</summary>
    UnacceptableHoldTime = 6,

    /// <summary>Unsupported Capability (RFC 5492); data: the capabilities that are missing.</summary>
    UnsupportedCapability = 7,

    /// <summary>Role Mismatch (RFC 9234).</summary>
    RoleMismatch = 11,
}

/// <summary>Subcodes of <see cref="ErrorCode.UpdateMessage"/> (RFC 4271 §6.3).</summary>
public enum UpdateError : byte
{
    /// <summary>Unspecific.</summary>
    Unspecific = 0,

    /// <summary>Malformed Attribute List.</summary>
    MalformedAttributeList = 1,

    /// <summary>Unrecognized Well-known Attribute; data: the attribute.</summary>
    UnrecognizedWellKnown = 2,

    /// <summary>Missing Well-known Attribute; data: the type code.</summary>
    MissingWellKnown = 3,

    /// <summary>Attribute Flags Error; data: the attribute.</summary>
    AttributeFlags = 4,

    /// <summary>Attribute Length Error; data: the attribute.</summary>
    AttributeLength = 5,

    /// <summary>Invalid ORIGIN Attribute; data: the attribute.</summary>
    InvalidOrigin = 6,

    /// <summary>AS Routing Loop (deprecated).</summary>
    AsRoutingLoop = 7,

    /// <summary>Invalid NEXT_HOP Attribute; data: the attribute.</summary>
    InvalidNextHop = 8,

    /// <summary>Optional Attribute Error; data: the attribute.</summary>
    OptionalAttribute = 9,

    /// <summary>Invalid Network Field: NLRI or withdrawn routes that cannot be read.</summary>
    InvalidNetworkField = 10,

    /// <summary>Malformed AS_PATH.</summary>
    MalformedAsPath = 11,
}

/// <summary>Subcodes of <see cref="ErrorCode.FiniteStateMachine"/> (RFC 6608); data: the message type, one octet.</summary>
public enum FsmError : byte
{
    /// <summary>Unspecified Error.</summary>
    Unspecified = 0,

    /// <summary>Receive Unexpected Message in OpenSent State.</summary>
    UnexpectedInOpenSent = 1,

    /// <summary>Receive Unexpected Message in OpenConfirm State.</summary>
    UnexpectedInOpenConfirm = 2,

    /// <summary>Receive Unexpected Message in Established State.</summary>
    UnexpectedInEstablished = 3,
}

/// <summary>Subcodes of <see cref="ErrorCode.Cease"/> (RFC 4486, RFC 8538, RFC 9384).</summary>
public enum CeaseReason : byte
{
    /// <summary>Unspecific.</summary>
    Unspecific = 0,

    /// <summary>Maximum Number of Prefixes Reached; data: AFI, SAFI, bound (four octets).</summary>
    MaximumPrefixes = 1,

    /// <summary>Administrative Shutdown; data: text (RFC 9003).</summary>
    AdministrativeShutdown = 2,

    /// <summary>Peer De-configured.</summary>
    PeerDeconfigured = 3,

    /// <summary>Administrative Reset; data: text (RFC 9003).</summary>
    AdministrativeReset = 4,

    /// <summary>Connection Rejected.</summary>
    ConnectionRejected = 5,

    /// <summary>Other Configuration Change.</summary>
    OtherConfigurationChange = 6,

    /// <summary>Connection Collision Resolution.</summary>
    CollisionResolution = 7,

    /// <summary>Out of Resources.</summary>
    OutOfResources = 8,

    /// <summary>Hard Reset (RFC 8538); data: the notification that it stands for.</summary>
    HardReset = 9,

    /// <summary>BFD Down (RFC 9384).</summary>
    BfdDown = 10,
}

/// <summary>Subcodes of <see cref="ErrorCode.RouteRefreshMessage"/> (RFC 7313 §5).</summary>
public enum RouteRefreshError : byte
{
    /// <summary>Reserved.</summary>
    Reserved = 0,

    /// <summary>Invalid Message Length; data: the whole message.</summary>
    InvalidMessageLength = 1,
}

/// <summary>Message subtypes of ROUTE-REFRESH (RFC 7313 §3.2).</summary>
public enum RouteRefreshKind : byte
{
    /// <summary>Normal route refresh request.</summary>
    Request = 0,

    /// <summary>Beginning of a route refresh, BoRR.</summary>
    Begin = 1,

    /// <summary>End of a route refresh, EoRR.</summary>
    End = 2,
}

/// <summary>Capability codes (IANA, Capability Codes).</summary>
public enum CapabilityCode : byte
{
    /// <summary>Multiprotocol Extensions (RFC 2858, RFC 4760).</summary>
    Multiprotocol = 1,

    /// <summary>Route Refresh (RFC 2918).</summary>
    RouteRefresh = 2,

    /// <summary>Extended Next Hop Encoding (RFC 8950).</summary>
    ExtendedNextHop = 5,

    /// <summary>BGP Extended Message (RFC 8654).</summary>
    ExtendedMessage = 6,

    /// <summary>Graceful Restart (RFC 4724).</summary>
    GracefulRestart = 64,

    /// <summary>Four-octet AS number (RFC 6793).</summary>
    FourOctetAs = 65,

    /// <summary>ADD-PATH (RFC 7911).</summary>
    AddPath = 69,

    /// <summary>Enhanced Route Refresh (RFC 7313).</summary>
    EnhancedRouteRefresh = 70,

    /// <summary>Long-Lived Graceful Restart (RFC 9494).</summary>
    LongLivedGracefulRestart = 71,

    /// <summary>FQDN (draft-walton-bgp-hostname-capability).</summary>
    Fqdn = 73,
}

/// <summary>Types of AS_PATH segments (RFC 4271 §4.3, RFC 5065 §3).</summary>
public enum AsSegmentType : byte
{
    /// <summary>AS_SET.</summary>
    Set = 1,

    /// <summary>AS_SEQUENCE.</summary>
    Sequence = 2,

    /// <summary>AS_CONFED_SEQUENCE.</summary>
    ConfedSequence = 3,

    /// <summary>AS_CONFED_SET.</summary>
    ConfedSet = 4,
}
