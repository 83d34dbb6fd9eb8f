using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>What an attribute's definition says about one that was received; by static dispatch (see <see cref="UpdateReader"/>).</summary>
internal interface IPathAttribute
{
    /// <summary>The Optional and Transitive bits that it must have.</summary>
    static abstract AttributeFlags Flags { get; }

    /// <summary>What is done when it has others (RFC 7606 §3 c, unless the attribute's definition says something else).</summary>
    static virtual UpdateAction OnFlags => UpdateAction.TreatAsWithdraw;

    /// <summary>Whether a peer may send it; if not, it is discarded unread.</summary>
    static virtual bool MayComeFrom(CodecOptions peer) => true;

    /// <summary>Whether a value is well-formed.</summary>
    static abstract AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options);
}

/// <summary>What a check found; the default value is "nothing wrong".</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Action">What is done about it; <see cref="UpdateAction.Accept"/>: nothing is wrong.</param>
internal readonly record struct AttributeVerdict(FaultKind Kind, UpdateAction Action)
{
    /// <summary>Nothing is wrong.</summary>
    public static AttributeVerdict Fine => default;

    /// <summary>Treat-as-withdraw.</summary>
    public static AttributeVerdict Withdraw(FaultKind kind) => new(kind, UpdateAction.TreatAsWithdraw);

    /// <summary>Attribute discard.</summary>
    public static AttributeVerdict Discard(FaultKind kind) => new(kind, UpdateAction.DiscardAttribute);

    /// <summary>Treat-as-withdraw for a length unless it is a multiple of a size, and not zero.</summary>
    public static AttributeVerdict MultipleOf(int size, int length) =>
        length > 0 && length % size == 0 ? Fine : Withdraw(FaultKind.Length);
}
