using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <summary>An authenticated, bound stream, seen from either side. All members may be used by any thread.</summary>
public interface IXmppChannel
{
    /// <summary>Who is at the other end: of a server, the full address that the client bound; of a client, the server's.</summary>
    Jid Peer { get; }

    /// <summary>Who we are to the peer: of a server, its address; of a client, the full address that it bound.</summary>
    Jid Local { get; }

    /// <summary>What TLS proved about the peer.</summary>
    PeerIdentity Identity { get; }

    /// <summary>Octets that wait to be written, those being written included.</summary>
    long QueuedOctets { get; }

    /// <summary>Pings since the peer said something last, as of the last look at it (XMP-02).</summary>
    int UnansweredPings => 0;

    /// <summary>Queues stanzas to be written.</summary>
    /// <param name="stanza">UTF-8, one or more whole stanzas. The memory stays unchanged until it is written, so that many channels can share it.</param>
    /// <returns>
    /// False, and nothing is taken: the queue is over its bound, and <see cref="IXmppSessionHandler.Drained"/> follows; or the channel is closed.
    /// </returns>
    bool TrySend(ReadOnlyMemory<byte> stanza);

    /// <summary>Queues stanzas that others are sent too.</summary>
    /// <param name="stanzas">The stanzas.</param>
    /// <param name="to">The address that is put into them, escaped. The memory stays unchanged.</param>
    /// <returns>As of <see cref="TrySend"/>.</returns>
    bool TrySendShared(AddressedStanzas stanzas, ReadOnlyMemory<byte> to) => TrySend(stanzas.For(to.Span));

    /// <summary>
    /// Closes the stream: what is queued is written, then the error if there is one and the end of the stream. Returns at once;
    /// <see cref="IXmppSessionHandler.Closed"/> follows. Nothing when it is closed already.
    /// </summary>
    void Close(StreamErrorCondition? error = null, string? text = null);
}
