using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Sessions;

/// <summary>What sessions mean is decided here. All calls come on the routing loop, in order per channel: Opened, then the others, Closed at the end.</summary>
public interface IXmppSessionHandler
{
    /// <summary>A channel is there. Before it, an older one of the same bare address was closed.</summary>
    void Opened(IXmppChannel channel);

    /// <summary>
    /// A stanza came. Never one that the session answers itself (pings, service discovery, binding), never one that is not from the peer (XMP-15).
    /// A get or set has to be answered exactly once.
    /// </summary>
    void Received(IXmppChannel channel, Stanza stanza);

    /// <summary>The queue that had refused stanzas is below its low-water mark.</summary>
    void Drained(IXmppChannel channel);

    /// <summary>The channel is closed; nothing follows.</summary>
    void Closed(IXmppChannel channel, SessionEnd end);
}
