using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>One component of a flow specification: what one field of a packet must be.</summary>
/// <param name="Type">The type; decides which of the two kinds this is.</param>
public abstract record FlowSpecComponent(FlowSpecComponentType Type);

/// <summary>A destination or source prefix.</summary>
/// <param name="Type">Destination or source prefix.</param>
/// <param name="Address">The bits to compare where they stand in an address; the bits before the offset and behind the length are zero.</param>
/// <param name="Length">Where the bits to compare end: 0–32, or 0–128.</param>
/// <param name="Offset">How many leading bits are not compared: zero in IPv4, otherwise less than the length (RFC 8956 §3.1).</param>
public sealed record FlowSpecPrefix(FlowSpecComponentType Type, IpAddress Address, byte Length, byte Offset = 0) : FlowSpecComponent(Type)
{
    /// <summary>A component of an ordinary prefix.</summary>
    public static FlowSpecPrefix Of(FlowSpecComponentType type, IpPrefix prefix) => new(type, prefix.Address, prefix.Length);

    /// <summary>The prefix, when there is no offset.</summary>
    public IpPrefix? Prefix => Offset == 0 ? new(Address, Length) : null;
}

/// <summary>A list of comparisons; all types but the prefixes.</summary>
/// <param name="Type">The type.</param>
/// <param name="Terms">At least one. Terms joined by AND bind closer than the OR between the rest.</param>
public sealed record FlowSpecMatch(FlowSpecComponentType Type, IReadOnlyList<FlowSpecTerm> Terms) : FlowSpecComponent(Type)
{
    /// <inheritdoc/>
    public bool Equals(FlowSpecMatch? other) => other is not null && Type == other.Type && Terms.SequenceEqual(other.Terms);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Terms.Count, Terms[0]);
}

/// <summary>One comparison of a field with a value.</summary>
/// <param name="And">Whether it is joined to the one before by AND; always false in the first.</param>
/// <param name="Operator">
/// Bits as in the operator octet. Numeric: 4 less, 2 greater, 1 equal; 0 is never, 7 always true. Bitmask: 2 not; 1 every bit of the
/// value must be set, otherwise any.
/// </param>
/// <param name="Value">What to compare with.</param>
public readonly record struct FlowSpecTerm(bool And, byte Operator, ulong Value)
{
    /// <summary>Numeric: less.</summary>
    public const byte Less = 4;

    /// <summary>Numeric: greater.</summary>
    public const byte Greater = 2;

    /// <summary>Numeric: equal.</summary>
    public const byte Equal = 1;

    /// <summary>Bitmask: the result is inverted.</summary>
    public const byte Not = 2;

    /// <summary>Bitmask: every bit of the value instead of any.</summary>
    public const byte All = 1;
}
