namespace Dataplane.Xmpp.Streams;

/// <summary>Why authentication failed (RFC 6120 §6.5).</summary>
public enum SaslFailure : byte
{
    /// <summary>The peer gave up.</summary>
    Aborted,

    /// <summary>The peer may not come in at present.</summary>
    AccountDisabled,

    /// <summary>The mechanism needs TLS.</summary>
    EncryptionRequired,

    /// <summary>The response is not base64.</summary>
    IncorrectEncoding,

    /// <summary>The peer may not act as whom it names, or names nobody where it has to.</summary>
    InvalidAuthzid,

    /// <summary>The mechanism is not offered.</summary>
    InvalidMechanism,

    /// <summary>The element is not as it should be.</summary>
    MalformedRequest,

    /// <summary>The certificate does not prove what it has to.</summary>
    NotAuthorized,

    /// <summary>Try again later.</summary>
    TemporaryAuthFailure,
}
