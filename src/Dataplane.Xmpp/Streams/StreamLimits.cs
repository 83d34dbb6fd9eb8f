namespace Dataplane.Xmpp.Streams;

/// <summary>What a peer may send. Beyond it the stream ends with <c>policy-violation</c>.</summary>
public sealed record StreamLimits
{
    /// <summary>Octets of one stanza at most, from <c>&lt;</c> to <c>&gt;</c>. RFC 6120 §13.12 asks for 10,000 at least.</summary>
    public int StanzaOctets { get; init; } = 256 << 10;

    /// <summary>Octets of anything before the stream is bound: nothing there is long.</summary>
    public int NegotiationOctets { get; init; } = 10_000;

    /// <summary>Elements that may be nested in a stanza, the stanza itself included.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>Elements that a peer may send before its stream is bound.</summary>
    public int NegotiationElements { get; init; } = 32;

    /// <summary>Stanzas per second that a peer may send for long.</summary>
    public int StanzasPerSecond { get; init; } = 5_000;

    /// <summary>Stanzas that a peer may send at once, as after a reconnection.</summary>
    public int StanzaBurst { get; init; } = 50_000;

    /// <summary>Octets per second that a peer may send for long, white space included.</summary>
    public int OctetsPerSecond { get; init; } = 8 << 20;

    /// <summary>Octets that a peer may send at once.</summary>
    public int OctetBurst { get; init; } = 64 << 20;
}
