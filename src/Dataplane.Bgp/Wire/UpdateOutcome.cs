using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>What is done about an error in an UPDATE (RFC 7606 §2), from the mildest to the strongest.</summary>
public enum UpdateAction : byte
{
    /// <summary>Taken as it is.</summary>
    Accept,

    /// <summary>"Attribute discard": taken without an attribute, or without what came in an attribute.</summary>
    DiscardAttribute,

    /// <summary>"Treat-as-withdraw": its routes are withdrawn.</summary>
    TreatAsWithdraw,

    /// <summary>"AFI/SAFI disable": all routes of the family from this peer are removed, and further ones ignored while the session lasts.</summary>
    DisableFamily,

    /// <summary>"Session reset": the session ends with a NOTIFICATION.</summary>
    ResetSession,
}

/// <summary>What is to become of an UPDATE and of the session.</summary>
/// <param name="Action">The strongest action that an error in it asks for.</param>
/// <param name="Disabled">The families to disable.</param>
/// <param name="Error">What to send when the session ends.</param>
public readonly record struct UpdateOutcome(UpdateAction Action, FamilySet Disabled = default, NotificationMessage? Error = null);

/// <summary>Kinds of errors in an UPDATE.</summary>
public enum FaultKind : byte
{
    /// <summary>Lengths within the message do not fit together.</summary>
    Framing,

    /// <summary>Optional or Transitive contradict the attribute's definition (RFC 7606 §3 c).</summary>
    Flags,

    /// <summary>The attribute's length is not one that it may have.</summary>
    Length,

    /// <summary>The attribute's value is not one that it may have.</summary>
    Value,

    /// <summary>The attribute came again; the first counts (RFC 7606 §3 g).</summary>
    Duplicate,

    /// <summary>A mandatory attribute is not there (RFC 7606 §3 d).</summary>
    Missing,

    /// <summary>A well-known attribute that nobody knows (RFC 4271 §6.3).</summary>
    UnrecognizedWellKnown,

    /// <summary>An attribute that this peer may not send: LOCAL_PREF, ORIGINATOR_ID, CLUSTER_LIST from outside, AS4_PATH from a four-octet speaker.</summary>
    NotFromThisPeer,

    /// <summary>Routes of a family that was not negotiated, or is not known.</summary>
    UnexpectedFamily,

    /// <summary>NLRI that cannot be read (RFC 7606 §5.3).</summary>
    Nlri,

    /// <summary>A flow specification whose components are not as RFC 8955 has them.</summary>
    FlowSpecification,
}

/// <summary>An error in an UPDATE.</summary>
/// <param name="Code">The attribute concerned; 0 when it is none.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Action">What is done about it.</param>
public readonly record struct AttributeFault(AttributeCode Code, FaultKind Kind, UpdateAction Action);
