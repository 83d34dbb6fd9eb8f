using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Streams;

/// <summary>What has to be done on a stream.</summary>
internal enum StreamActionKind : byte
{
    /// <summary>Write octets.</summary>
    Send,

    /// <summary>Begin TLS on the connection, after what was to be written; then expect a new stream.</summary>
    StartTls,

    /// <summary>Expect a new stream.</summary>
    Restart,

    /// <summary>The stream is bound: a session begins.</summary>
    Bound,

    /// <summary>Hand a stanza to the session's handler.</summary>
    Deliver,

    /// <summary>The stream is over: write its end and close the connection.</summary>
    End,
}

/// <summary>Something that has to be done on a stream.</summary>
internal readonly record struct StreamAction(
    StreamActionKind Kind, ReadOnlyMemory<byte> Octets = default, Stanza? Stanza = null, SessionEnd End = default)
{
    public static StreamAction StartTls { get; } = new(StreamActionKind.StartTls);

    public static StreamAction Restart { get; } = new(StreamActionKind.Restart);

    public static StreamAction Bound { get; } = new(StreamActionKind.Bound);

    public static StreamAction Send(ReadOnlyMemory<byte> octets) => new(StreamActionKind.Send, octets);

    public static StreamAction Send(string text) => new(StreamActionKind.Send, System.Text.Encoding.UTF8.GetBytes(text));

    public static StreamAction Deliver(Stanza stanza) => new(StreamActionKind.Deliver, Stanza: stanza);

    public static StreamAction Over(SessionEnd end) => new(StreamActionKind.End, End: end);
}
