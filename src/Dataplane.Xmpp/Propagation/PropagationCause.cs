namespace Dataplane.Xmpp.Propagation;

/// <summary>What began that is made known of what end-systems have.</summary>
public enum PropagationCause
{
    /// <summary>An address was published; from the request.</summary>
    Published,

    /// <summary>An address was withdrawn by a request; from the request.</summary>
    Withdrawn,

    /// <summary>A session was closed in order; from its end.</summary>
    Closed,

    /// <summary>A session was lost; from its end, so that the stale timer is in it (SIG-14).</summary>
    Lost,
}
