using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <summary>Why an established session ended.</summary>
public enum SessionEndReason : byte
{
    /// <summary>The connection was closed or reset without a NOTIFICATION.</summary>
    ConnectionLost,

    /// <summary>The peer sent a NOTIFICATION.</summary>
    NotificationReceived,

    /// <summary>We sent one: an error of the peer, an expired timer, or a stop.</summary>
    NotificationSent,

    /// <summary>The peer came back with a new connection before the old one was seen to fail (RFC 4724 §4.2).</summary>
    PeerReconnected,
}

/// <summary>How an established session ended.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Notification">What was sent or received.</param>
/// <param name="Session">What had been negotiated.</param>
public sealed record SessionEnd(SessionEndReason Reason, NotificationMessage? Notification, NegotiatedSession Session)
{
    /// <summary>
    /// Whether the peer's routes in <see cref="NegotiatedSession.RetainedFamilies"/> stay, as stale ones, until it is back: after a lost
    /// connection by RFC 4724, after a NOTIFICATION (an expired hold timer included) only if both sides have the N bit and it was no
    /// hard reset (RFC 8538 §4).
    /// </summary>
    public bool KeepsRoutes => Session.RetainedFamilies != default
        && (Notification is null || (Session.NotificationsKeepRoutes && !Notification.IsHardReset));
}
