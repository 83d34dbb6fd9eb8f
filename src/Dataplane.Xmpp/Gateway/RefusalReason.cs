namespace Dataplane.Xmpp.Gateway;

/// <summary>Why a gateway refuses a request; each is counted (MGT-08).</summary>
public enum RefusalReason : byte
{
    /// <summary>It is not what a request has to be.</summary>
    Malformed,

    /// <summary>A feature of XEP-0060 that has no meaning here.</summary>
    Unsupported,

    /// <summary>It is for somebody else than the gateway.</summary>
    ForeignAddressee,

    /// <summary>It is on behalf of another client (AMB-13).</summary>
    ForeignJid,

    /// <summary>There is no such VPN.</summary>
    UnknownVpn,

    /// <summary>The VPN is not provisioned for the client (SEC-06).</summary>
    ForeignVpn,

    /// <summary>The prefix is not provisioned for the client in this VPN (SEC-06).</summary>
    ForeignPrefix,

    /// <summary>The next hop is not one of the client's own (SEC-03, SEC-09).</summary>
    ForeignNextHop,

    /// <summary>There is no next hop or no label.</summary>
    NoNextHop,

    /// <summary>There is no such leaf or item of the client.</summary>
    UnknownLeaf,

    /// <summary>The leaf is in another VPN.</summary>
    LeafElsewhere,

    /// <summary>The client is not subscribed.</summary>
    NotSubscribed,

    /// <summary>Another VPN of the end-system has the instance id.</summary>
    InstanceTaken,

    /// <summary>A bound is reached.</summary>
    Limit,
}
