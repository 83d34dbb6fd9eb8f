namespace Dataplane.Forwarding.Layout;

/// <summary>What a forwarding entry says to do.</summary>
public enum LeafKind : byte
{
    /// <summary>No entry.</summary>
    None = 0,

    /// <summary>Impose the label and send through the tunnel <c>Index</c> (FWD-02).</summary>
    Tunnel = 1,

    /// <summary>Deliver to the local interface <c>Index</c>.</summary>
    Interface = 2,

    /// <summary>An address of the forwarder itself inside the VPN: punt.</summary>
    Router = 3,

    /// <summary>Look again in the core view of the VRF <c>Index</c>: a supplied route to an aggregate label of ours.</summary>
    CoreLookup = 4,

    /// <summary>Choose a member of the group <c>Index</c> (FWD-20).</summary>
    Group = 5,
}

/// <summary>
/// A forwarding entry in one aligned 64-bit word, so that a writer publishes it with a single store and a reader never
/// sees half of it: kind (63–60), prefix length (59–52), label (51–32), index (31–0). All zero means no entry.
/// </summary>
/// <param name="Bits">The packed word.</param>
public readonly record struct Leaf(ulong Bits)
{
    internal const int KindShift = 60;
    private const int LengthShift = 52;
    internal const int LabelShift = 32;

    /// <summary>No entry.</summary>
    public static Leaf None => default;

    /// <summary>What to do.</summary>
    public LeafKind Kind => (LeafKind)(Bits >> KindShift);

    /// <summary>Length of the prefix that owns the entry, 0 to 128; decides between views.</summary>
    public int PrefixLength => (int)(Bits >> LengthShift) & 0xFF;

    /// <summary>20-bit label to impose; meaningful for <see cref="LeafKind.Tunnel"/>.</summary>
    public uint Label => (uint)(Bits >> LabelShift) & 0xFFFFF;

    /// <summary>Tunnel, interface, VRF or group row.</summary>
    public uint Index => (uint)Bits;

    /// <summary>Packs an entry.</summary>
    public static Leaf Create(LeafKind kind, int prefixLength, uint index, uint label = 0) =>
        new((ulong)kind << KindShift | (ulong)(byte)prefixLength << LengthShift | (ulong)(label & 0xFFFFF) << LabelShift | index);
}
