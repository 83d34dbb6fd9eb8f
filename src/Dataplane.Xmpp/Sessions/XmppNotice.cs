using System.Net;

namespace Dataplane.Xmpp.Sessions;

/// <summary>What an operator may want to read in the log.</summary>
public enum XmppNoticeKind : byte
{
    /// <summary>Plaintext is allowed. A warning.</summary>
    PlaintextAllowed,

    /// <summary>A connection came when there were too many.</summary>
    Refused,

    /// <summary>A TLS handshake failed.</summary>
    TlsFailed,

    /// <summary>A peer was not authenticated.</summary>
    NotAuthenticated,

    /// <summary>A stream ended before it was bound.</summary>
    NotBound,

    /// <summary>A session displaced another one of the same address (XMP-03). An alarm.</summary>
    Displaced,

    /// <summary>Accepting connections failed.</summary>
    AcceptFailed,

    /// <summary>A client could not connect, or lost its session, and tries again.</summary>
    Disconnected,
}

/// <summary>Something to log.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Remote">The other end; null: nobody in particular.</param>
/// <param name="Peer">Who it is about; null: not known.</param>
/// <param name="Text">In words, without secrets.</param>
public readonly record struct XmppNotice(XmppNoticeKind Kind, EndPoint? Remote, Jid? Peer, string Text)
{
    /// <summary>Whether it is more than information.</summary>
    public bool IsWarning => Kind is XmppNoticeKind.PlaintextAllowed or XmppNoticeKind.Displaced or XmppNoticeKind.AcceptFailed or XmppNoticeKind.NotAuthenticated
        or XmppNoticeKind.TlsFailed;
}
