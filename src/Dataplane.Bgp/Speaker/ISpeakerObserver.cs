using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;

namespace Dataplane.Bgp.Speaker;

/// <summary>
/// Follows sessions and their messages: BMP, MRT, tracing, logs. Called on the routing thread, in the order in which things happen; spans are valid
/// during the call. Every member has a default that does nothing.
/// </summary>
public interface ISpeakerObserver
{
    /// <summary>What it wants to see beside sessions going up and down; asked for every message, so that messages cost nothing while nobody looks.</summary>
    SpeakerInterest Interest => SpeakerInterest.None;

    /// <summary>A peer is there: configured, or accepted from a range.</summary>
    void PeerAdded(IPeerView peer)
    {
    }

    /// <summary>A peer is no more.</summary>
    void PeerRemoved(IPeerView peer)
    {
    }

    /// <summary>The state of a session's machine changed.</summary>
    void StateChanged(IPeerView peer, SessionState from, SessionState to)
    {
    }

    /// <summary>A session is established; both OPENs are in <paramref name="session"/>.</summary>
    void SessionUp(IPeerView peer, NegotiatedSession session, LinkEnds ends)
    {
    }

    /// <summary>A session ended.</summary>
    /// <param name="peer">With whom.</param>
    /// <param name="end">Why.</param>
    /// <param name="keepsRoutes">Whether some of its routes stay until it comes back.</param>
    void SessionDown(IPeerView peer, SessionEnd end, bool keepsRoutes)
    {
    }

    /// <summary>A whole message was received; before it is acted on.</summary>
    void MessageReceived(IPeerView peer, MessageType type, ReadOnlySpan<byte> message)
    {
    }

    /// <summary>Whole messages, one or more, were queued to be sent.</summary>
    void MessagesSent(IPeerView peer, ReadOnlySpan<byte> messages)
    {
    }

    /// <summary>An UPDATE was taken: what it says, and that the Adj-RIB-In says so now (before and after policy).</summary>
    void UpdateTaken(IPeerView peer, DecodedUpdate update)
    {
    }

    /// <summary>An End-of-RIB came (RFC 4724 §2).</summary>
    void EndOfRib(IPeerView peer, RouteFamily family)
    {
    }

    /// <summary>Something that an operator should know: a limit, a loop of errors, a refused connection.</summary>
    void Warning(IPeerView? peer, string text)
    {
    }
}

/// <summary>What an observer wants to see of messages.</summary>
[Flags]
public enum SpeakerInterest
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="ISpeakerObserver.MessageReceived"/>.</summary>
    Received = 1,

    /// <summary><see cref="ISpeakerObserver.MessagesSent"/>.</summary>
    Sent = 2,

    /// <summary><see cref="ISpeakerObserver.UpdateTaken"/>.</summary>
    Updates = 4,
}
