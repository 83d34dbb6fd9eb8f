using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <summary>How far a connection has come.</summary>
internal enum TrackState : byte
{
    /// <summary>We are making it.</summary>
    Connecting,

    /// <summary>It is up, and our OPEN waits for the DelayOpenTimer or the peer's OPEN.</summary>
    Delaying,

    /// <summary>Our OPEN was sent.</summary>
    OpenSent,

    /// <summary>The peer's was accepted, and our KEEPALIVE sent.</summary>
    OpenConfirm,

    /// <summary>The peer's KEEPALIVE has come.</summary>
    Established,
}

/// <summary>One connection of a session; while two connections collide there are two of them, each with timers of its own.</summary>
internal sealed class ConnectionTrack(ConnectionId id, bool isOutgoing, TrackState state)
{
    internal ConnectionId Id { get; } = id;

    internal bool IsOutgoing { get; } = isOutgoing;

    internal TrackState State { get; set; } = state;

    /// <summary>What we sent; from OpenSent on.</summary>
    internal OpenMessage? LocalOpen { get; set; }

    /// <summary>Whether that offered less than is configured, since the peer had refused more.</summary>
    internal bool IsReduced { get; set; }

    /// <summary>What was agreed; from OpenConfirm on.</summary>
    internal NegotiatedSession? Session { get; set; }

    /// <summary>Whether, of two connections to the peer, ours stays (<see cref="CollisionRule"/>); from OpenConfirm on.</summary>
    internal bool KeepsOutgoing { get; set; }

    /// <summary>The peer's KEEPALIVE has come, but the session waits for the other connection: it is the one that should stay.</summary>
    internal bool IsHeldBack { get; set; }

    /// <summary>The end of the session that it carried was reported.</summary>
    internal bool IsReported { get; set; }

    internal bool IsUpButNotEstablished => State is TrackState.Delaying or TrackState.OpenSent or TrackState.OpenConfirm;
}
