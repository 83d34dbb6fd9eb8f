namespace Dataplane.Xmpp.Streams;

/// <summary>What a peer did wrong on a stream: a value, not an exception.</summary>
/// <param name="Condition">What is reported.</param>
/// <param name="Text">In words.</param>
/// <param name="Specific">Name of an application-specific condition in <see cref="Namespaces.Errors"/>, as of XEP-0205; null: none.</param>
public readonly record struct StreamFault(StreamErrorCondition Condition, string Text, string? Specific = null)
{
    /// <summary>A stanza that is too long.</summary>
    public static StreamFault TooBig(int octets) => new(StreamErrorCondition.PolicyViolation, $"more than {octets} octets", "stanza-too-big");

    /// <summary>A stanza whose elements are nested too deep.</summary>
    public static StreamFault TooDeep(int depth) => new(StreamErrorCondition.PolicyViolation, $"more than {depth} elements nested");

    /// <summary>Too much in too little time.</summary>
    public static StreamFault TooFast() => new(StreamErrorCondition.PolicyViolation, "too much at once", "too-many-stanzas");
}
