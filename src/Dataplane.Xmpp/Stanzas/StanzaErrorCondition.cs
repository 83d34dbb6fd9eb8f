namespace Dataplane.Xmpp.Stanzas;

/// <summary>What a stanza error says (RFC 6120 §8.3.3).</summary>
public enum StanzaErrorCondition : byte
{
    /// <summary>The request is not as it should be.</summary>
    BadRequest,

    /// <summary>There is something of that name.</summary>
    Conflict,

    /// <summary>The feature does not exist here, or not for this.</summary>
    FeatureNotImplemented,

    /// <summary>The sender may not do this.</summary>
    Forbidden,

    /// <summary>The addressee is not here any more.</summary>
    Gone,

    /// <summary>Something went wrong here.</summary>
    InternalServerError,

    /// <summary>There is no such address or node.</summary>
    ItemNotFound,

    /// <summary>The address is none.</summary>
    JidMalformed,

    /// <summary>The request is understood and does not meet the rules of here.</summary>
    NotAcceptable,

    /// <summary>Nobody may do this.</summary>
    NotAllowed,

    /// <summary>The sender has to say who it is.</summary>
    NotAuthorized,

    /// <summary>The sender broke a local rule.</summary>
    PolicyViolation,

    /// <summary>The addressee is not here at present.</summary>
    RecipientUnavailable,

    /// <summary>The addressee is elsewhere at present.</summary>
    Redirect,

    /// <summary>The sender has to register.</summary>
    RegistrationRequired,

    /// <summary>The server of the addressee does not exist.</summary>
    RemoteServerNotFound,

    /// <summary>The server of the addressee does not answer.</summary>
    RemoteServerTimeout,

    /// <summary>There is too little of something.</summary>
    ResourceConstraint,

    /// <summary>The service does not exist here.</summary>
    ServiceUnavailable,

    /// <summary>The sender has to subscribe.</summary>
    SubscriptionRequired,

    /// <summary>Something else.</summary>
    UndefinedCondition,

    /// <summary>The request came at the wrong time.</summary>
    UnexpectedRequest,
}

/// <summary>What can be done about a stanza error (RFC 6120 §8.3.2).</summary>
public enum StanzaErrorType : byte
{
    /// <summary>Send it again after proving who one is.</summary>
    Auth,

    /// <summary>Nothing.</summary>
    Cancel,

    /// <summary>Nothing needs to be done; it was a warning.</summary>
    Continue,

    /// <summary>Send something better.</summary>
    Modify,

    /// <summary>Send it again later.</summary>
    Wait,
}
