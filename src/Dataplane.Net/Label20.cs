namespace Dataplane.Net;

/// <summary>An MPLS label (RFC 3032).</summary>
/// <param name="Value">The label as a number, 0 to 1048575.</param>
public readonly record struct Label20(uint Value) : IComparable<Label20>
{
    /// <summary>The first label that may be assigned; 0 to 15 have special purposes (RFC 7274).</summary>
    public const uint Min = 16;

    /// <summary>The last label: twenty ones.</summary>
    public const uint Max = 0xF_FFFF;

    /// <summary>IPv4 explicit null (RFC 3032 §2.1, RFC 4182).</summary>
    public const uint ExplicitNull4 = 0;

    /// <summary>IPv6 explicit null (RFC 3032 §2.1, RFC 4182).</summary>
    public const uint ExplicitNull6 = 2;

    /// <summary>Whether the label may be assigned to an interface or a VRF.</summary>
    public bool IsAssignable => Value is >= Min and <= Max;

    /// <summary>Whether this is one of the two explicit nulls.</summary>
    public bool IsExplicitNull => Value is ExplicitNull4 or ExplicitNull6;

    /// <inheritdoc/>
    public int CompareTo(Label20 other) => Value.CompareTo(other.Value);

    /// <summary>The number in decimal.</summary>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
