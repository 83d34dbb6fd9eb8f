namespace Dataplane.Xmpp.Streams;

/// <summary>Why a stream ends (RFC 6120 §4.9.3).</summary>
public enum StreamErrorCondition : byte
{
    /// <summary>What came is XML and nothing that can be processed.</summary>
    BadFormat,

    /// <summary>The prefix of the streams' namespace is not accepted.</summary>
    BadNamespacePrefix,

    /// <summary>Another stream of the same address has taken the place of this one.</summary>
    Conflict,

    /// <summary>The peer does not answer, or took too long.</summary>
    ConnectionTimeout,

    /// <summary>The domain is not served here any more.</summary>
    HostGone,

    /// <summary>The domain is not served here.</summary>
    HostUnknown,

    /// <summary>A stanza lacks an address.</summary>
    ImproperAddressing,

    /// <summary>Something went wrong here.</summary>
    InternalServerError,

    /// <summary>A stanza is not from whom the peer proved to be.</summary>
    InvalidFrom,

    /// <summary>The namespace of the stream or of its content is none that is known.</summary>
    InvalidNamespace,

    /// <summary>The XML is not valid.</summary>
    InvalidXml,

    /// <summary>Something was sent before the stream was authenticated, or before it was bound.</summary>
    NotAuthorized,

    /// <summary>What came is not XML.</summary>
    NotWellFormed,

    /// <summary>The peer broke a local rule: size, depth, rate.</summary>
    PolicyViolation,

    /// <summary>The other server cannot be reached.</summary>
    RemoteConnectionFailed,

    /// <summary>The certificate or the like has to be shown anew.</summary>
    Reset,

    /// <summary>There is too little of something.</summary>
    ResourceConstraint,

    /// <summary>Comments, processing instructions, document types and entities are not allowed (RFC 6120 §11.1).</summary>
    RestrictedXml,

    /// <summary>Another host has what is looked for.</summary>
    SeeOtherHost,

    /// <summary>The server ends.</summary>
    SystemShutdown,

    /// <summary>Something else.</summary>
    UndefinedCondition,

    /// <summary>The stream is not in UTF-8.</summary>
    UnsupportedEncoding,

    /// <summary>The peer cannot do something that has to be done.</summary>
    UnsupportedFeature,

    /// <summary>A child of the stream is no stanza that is known.</summary>
    UnsupportedStanzaType,

    /// <summary>The version of XMPP is not supported.</summary>
    UnsupportedVersion,
}
