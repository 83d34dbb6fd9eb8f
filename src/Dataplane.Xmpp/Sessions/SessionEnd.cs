using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <summary>How a session came to its end.</summary>
public enum SessionEndReason : byte
{
    /// <summary>The peer closed its stream in order.</summary>
    PeerClosed,

    /// <summary>The peer reported a stream error.</summary>
    PeerError,

    /// <summary>We closed the stream: <see cref="IXmppChannel.Close"/>.</summary>
    LocalClose,

    /// <summary>The peer did what it must not do; we reported a stream error.</summary>
    Violation,

    /// <summary>A newer session of the same bare address took its place (XMP-03).</summary>
    Displaced,

    /// <summary>The peer does not answer pings, or takes nothing from us any more.</summary>
    TimedOut,

    /// <summary>The connection was lost.</summary>
    Lost,
}

/// <summary>The end of a session.</summary>
/// <param name="Reason">How it came to it.</param>
/// <param name="Error">The stream error that was sent or received; null: none.</param>
/// <param name="Text">In words; null: none.</param>
public readonly record struct SessionEnd(SessionEndReason Reason, StreamErrorCondition? Error = null, string? Text = null)
{
    /// <summary>Whether the peer wanted it: what it published is withdrawn at once (SIG-14).</summary>
    public bool IsOrderly => Reason == SessionEndReason.PeerClosed;
}
