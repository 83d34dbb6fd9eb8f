using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <summary>What holds for every session, of a server or of a client.</summary>
public sealed record SessionSettings
{
    /// <summary>What the peer may send.</summary>
    public StreamLimits Limits { get; init; } = new();

    /// <summary>How long a peer may be silent before it is pinged, and again (XMP-02).</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pings without anything from the peer after which the session is over.</summary>
    public int PingMisses { get; init; } = 3;

    /// <summary>How long one write may take: the peer takes nothing.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>From the first octet to the bound stream at most.</summary>
    public TimeSpan NegotiationTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a stream that we close may take to write what is queued and to be closed by the peer.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Octets waiting to be written beyond which <see cref="IXmppChannel.TrySend"/> refuses.</summary>
    public int SendQueueOctets { get; init; } = 1 << 20;

    /// <summary>Octets waiting at which a queue that has refused says that it takes more.</summary>
    public int SendQueueLowWater => SendQueueOctets / 2;

    /// <summary>Octets of our own answers (pings and the like) waiting to be written beyond which nothing is read.</summary>
    public int ControlOctets { get; init; } = 64 << 10;

    /// <summary>Stanzas that may wait for the routing loop before reading stops.</summary>
    public int WaitingStanzas { get; init; } = 64;
}
